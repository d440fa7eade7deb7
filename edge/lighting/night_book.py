"""What every lamp used, night by night, in files of a month each: `nights/2026-11.jsonl` in data_dir."""

import json
import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from edge.core.lighting import LampNight, NightRecord

log = logging.getLogger(__name__)

MONTHS_MAX = 25
"""So many months are kept: a night can be compared with the same one a year before."""

DIGITS = 5
"""Digits after the point that are written: 10 mWh, or 0.04 s."""


class NightBook:
    """The files. A line is one night; one that a loss of power cut off is passed over."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "nights"

    def add(self, record: NightRecord) -> None:
        """Write a night down; a disk that does not take it is logged, since lamps go on without."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._file(record.night).open("a", encoding="utf-8") as file:
                file.write(f"{as_line(record)}\n")
            for old in sorted(self._folder.glob("*.jsonl"))[:-MONTHS_MAX]:
                old.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s: the night could not be written down (%s)", self._folder, error.strerror)

    def read(self, first: date, last: date) -> list[NightRecord]:
        """The nights that began on these days, in their order; the last line of each day counts."""
        found: dict[date, NightRecord] = {}
        for path in sorted(self._folder.glob("*.jsonl")):
            if f"{first:%Y-%m}" <= path.stem <= f"{last:%Y-%m}":
                found |= {one.night: one for one in _records(path) if first <= one.night <= last}
        return [found[night] for night in sorted(found)]

    def oldest(self) -> date | None:
        """The oldest night that is written down, None if there is none."""
        for path in sorted(self._folder.glob("*.jsonl")):
            if nights := [one.night for one in _records(path)]:
                return min(nights)
        return None

    def _file(self, night: date) -> Path:
        return self._folder / f"{night:%Y-%m}.jsonl"


def as_line(record: NightRecord) -> str:
    """A night as one line."""
    lamps = {
        one.device: [
            round(value, DIGITS)
            for value in (one.used_kwh, one.full_kwh, one.measured_kwh, one.lit_h, one.counted_h)
        ]
        for one in record.lamps
    }
    meters = {device: round(value, DIGITS) for device, value in record.meters}
    said = {"night": record.night.isoformat(), "hours": round(record.hours, DIGITS)}
    return json.dumps(said | {"lamps": lamps, "meters": meters}, separators=(",", ":"))


def of_line(line: str) -> NightRecord:
    """The other way round. Raises ValueError for anything else."""
    try:
        said = json.loads(line)
        return NightRecord(
            night=date.fromisoformat(said["night"]),
            hours=float(said["hours"]),
            lamps=tuple(LampNight(name, *map(float, values)) for name, values in said["lamps"].items()),
            meters=tuple((name, float(value)) for name, value in said["meters"].items()),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("no night") from error


def _records(path: Path) -> Iterator[NightRecord]:
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except OSError as error:
        log.warning("%s cannot be read: %s", path, error.strerror)
        return
    for line in lines:
        try:
            yield of_line(line)
        except ValueError:
            log.debug("%s: a line is no night, and is passed over", path)
