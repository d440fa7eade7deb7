"""A commissioning as it is shown: made of what stands. Pure."""

from collections.abc import Sequence

from edge.config.commissioning_view import DeviceView, DoneView, Todo, View
from provisioning.commission.state import Commission


def view_of(whole: Commission, todo: Sequence[Todo], gateway: str, records: Sequence[str]) -> View:
    """A commissioning as it is shown."""
    return View(
        id=whole.begun.id if whole.begun else "",
        gateway=gateway,
        place=whole.place,
        buses=tuple(whole.buses.values()),
        devices=tuple(
            DeviceView(answer=one, test=whole.tests.get(one.id), power=whole.powers.get(one.id))
            for one in whole.devices.values()
        ),
        photos=whole.photos,
        comments=whole.comments,
        done=tuple(
            DoneView(number=number, at=entry.at, by=entry.by, step=entry.step, about=about(entry.fact))
            for number, entry in enumerate(whole.steps, 1)
        ),
        todo=tuple(todo),
        records=tuple(records),
    )


def about(fact: object) -> str:
    """What a step was about, in a word or two."""
    for name in ("device", "id", "commune", "file", "text", "name", "backup", "said"):
        if found := getattr(fact, name, ""):
            return str(found)
    return ""
