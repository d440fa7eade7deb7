"""What a scan found, as the guide of `gianh commission` takes it up."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.core.errors import ConfigError
from provisioning.scan.evidence import Answered

SCORE_MAX = 100.0


@dataclass(frozen=True, slots=True)
class Setting:
    """How a line is talked to; None where it has no speed, on Modbus TCP."""

    baudrate: int
    parity: str
    stop_bits: int

    def __str__(self) -> str:
        return f"{self.baudrate} 8{self.parity}{self.stop_bits}"


@dataclass(frozen=True, slots=True)
class Unit:
    """What was found at one address of `line`: a bus of gateway.toml, a device file or HOST:PORT.

    `address` is None for a sensor that talks by itself; `profile` is empty where nothing fits.
    """

    line: str
    setting: Setting | None
    address: int | None
    profile: str
    score: float | None
    is_garbled: bool

    def __str__(self) -> str:
        where = "talks by itself" if self.address is None else f"unit {self.address}"
        sure = "" if self.score is None else f" ({self.score * SCORE_MAX:.0f} %)"
        speed = f" at {self.setting}" if self.setting else ""
        what = "garbled" if self.is_garbled else self.profile or "no profile fits"
        return f"{self.line}, {where}{speed}: {what}{sure}"


def units_of(file: Path) -> list[Unit]:
    """What `gianh scan --json` or `identify --json` found; raises ConfigError if the file is neither."""
    try:
        return [_unit(row) for row in _rows(file.read_text("utf-8"))]
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror}): name what a scan printed") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{file} is not what `gianh scan --json` prints: scan again with "
            f"`gianh scan --identify --json > {file}`"
        ) from error


def _rows(text: str) -> Iterator[Any]:
    """One object after another, as printed at a terminal or into a file; or all of them in one list."""
    decoder = json.JSONDecoder()
    at = 0
    while rest := text[at:].lstrip():
        row, length = decoder.raw_decode(rest)
        at = len(text) - len(rest) + length
        yield from row if isinstance(row, list) else (row,)


def _unit(row: Any) -> Unit:
    speed, score, address = row.get("baudrate"), row.get("score"), row["unit"]
    setting = Setting(int(speed), str(row["parity"]), int(row.get("stop_bits") or 1)) if speed else None
    return Unit(
        line=str(row["bus"]),
        setting=setting,
        address=None if address is None else int(address),
        profile=str(row.get("profile") or ""),
        score=None if score is None else round(float(score) / SCORE_MAX, 3),
        is_garbled=row.get("answered") == Answered.GARBLED,
    )


def usual_setting(units: Sequence[Unit], line: str) -> Setting | None:
    """The setting at which most units of a line answer: a bus has one."""
    counts = Counter(unit.setting for unit in units if unit.line == line and not unit.is_garbled)
    return counts.most_common(1)[0][0] if counts else None
