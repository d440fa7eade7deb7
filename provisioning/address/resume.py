"""What is left to do of a change that was interrupted, and the way back of the last one. Pure."""

from collections.abc import Sequence

from drivers.device_model import Profile
from drivers.profile import load_profile
from edge.core.errors import ConfigError
from provisioning.address.journal import Entry, Step, Way, Where
from provisioning.address.site import Change


def is_rest(last: Entry, found: Where, old: Where, new: Where) -> bool:
    """Whether `old` to `new` is the change that was interrupted, whose device was found at `found`."""
    return old in (last.began, found) and new in (last.goal, found)


def rest_of(last: Entry, found: Where, new: Where, others: Sequence[Profile]) -> Change:
    """What that change still wants: nothing, where `found` is `new`."""
    return Change(last.place, load_profile(last.profile), found, new, others, last.began, last.way)


def way_back(last: Entry | None, found: Where | None, others: Sequence[Profile]) -> Change:
    """The last change taken back, or what is left of one that was interrupted: then `found` is where the
    device is. Raises ConfigError where there is nothing to take back."""
    if last is None or (found is None and last.step in (Step.TAKEN_BACK, Step.FORGOTTEN)):
        raise ConfigError("no change on this line is known that could be taken back: name --unit and --to")
    if last.way is Way.BACK and found is None:
        raise ConfigError(
            f"the last change on this line was taken back already: {last.profile} is at {last.goal}. Name "
            "--unit and --to where it shall go"
        )
    profile, at = load_profile(last.profile), found or last.goal
    if last.way is Way.BACK:
        return Change(last.place, profile, at, last.goal, others, last.began, Way.BACK)
    return Change(last.place, profile, at, last.began, others, at, Way.BACK)
