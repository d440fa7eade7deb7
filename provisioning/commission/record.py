"""The signed record as files: JSON for programs, PDF for people, labels for poles."""

import json
from collections.abc import Sequence
from pathlib import Path

from edge.core.owned import write_owned
from provisioning.commission.bench import Finished
from provisioning.commission.facts import Entry, Label
from provisioning.commission.state import Commission

JSON_FILE, PDF_FILE, LABELS_FILE = "record.json", "record.pdf", "labels.pdf"

FORMAT = "gianh-commission-1"
"""What record.json says that it is; a change of its shape changes the number."""

READABLE = 0o640


def finish(finished: Finished, folder: Path) -> None:
    """Make the files of a signed record, each whole or not at all; again, if it was cut off."""
    # Loaded here: what draws PDF takes 30 MB, which a gateway needs on the day of its commissioning alone.
    from provisioning.commission.labels import labels_pdf
    from provisioning.commission.record_pdf import record_pdf

    _sweep(folder)
    write_owned(folder / JSON_FILE, record_json(finished).encode(), READABLE)
    write_owned(folder / PDF_FILE, record_pdf(finished), READABLE)
    write_owned(folder / LABELS_FILE, labels_pdf(labels_of(finished)), READABLE)


def _sweep(folder: Path) -> None:
    """Take away what a loss of power left half written beside the files."""
    for name in (JSON_FILE, PDF_FILE, LABELS_FILE):
        for left in folder.glob(f".{name}.*"):
            left.unlink(missing_ok=True)


def record_json(finished: Finished) -> str:
    """The record for programs: what stands, and every step with its time, also those that were taken back."""
    whole = finished.whole
    said = {
        "format": FORMAT,
        "id": finished.begun.id,
        "revision": whole.revision,
        "gateway": finished.begun.gateway,
        "place": finished.place.model_dump(mode="json"),
        "buses": [one.model_dump(mode="json", exclude_none=True) for one in whole.buses.values()],
        "devices": [_device(whole, name) for name in whole.devices],
        "photos": [one.model_dump(mode="json") for one in whole.photos],
        "comments": list(whole.comments),
        "configuration_sha256": whole.written.after if whole.written else None,
        "signed": finished.signed.model_dump(mode="json")
        | {"at": whole.steps[-1].at, "by": whole.steps[-1].by},
        "steps": _steps(finished.entries),
    }
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _device(whole: Commission, name: str) -> dict[str, object]:
    test, power = whole.tests.get(name), whole.powers.get(name)
    return whole.devices[name].model_dump(mode="json", exclude_none=True) | {
        "test": test.model_dump(mode="json") if test else None,
        "power": power.model_dump(mode="json") if power else None,
    }


def _steps(entries: Sequence[Entry]) -> list[object]:
    return [entry.model_dump(mode="json") for entry in entries]


def labels_of(finished: Finished) -> list[Label]:
    """A label for the cabinet, then one for each pole with what hangs on it, in the order of the poles."""
    whole, gateway = finished.whole, finished.begun.gateway
    poles: dict[str, list[str]] = {}
    for device in whole.devices.values():
        if device.pole is not None:
            poles.setdefault(device.pole, []).append(device.id)
    labels = [Label(gateway, finished.place.answer.title, "", f"gianh:{gateway}")]
    for pole in sorted(poles, key=_natural):
        devices = poles[pole]
        street = next((s for one in devices if (s := whole.devices[one].street)), finished.place.answer.title)
        circuit = next((c for one in devices if (c := whole.devices[one].circuit)), "")
        where = f"{street} · {circuit}" if circuit else street
        labels.append(Label(pole, where, ", ".join(devices), f"gianh:{gateway}/{devices[0]}"))
    return labels


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Pole 2 before pole 10."""
    parts: list[tuple[int, int, str]] = []
    digits = ""
    for letter in [*text, ""]:
        if letter.isdecimal():
            digits += letter
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        parts.append((1, 0, letter))
    return tuple(parts)
