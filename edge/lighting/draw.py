"""A night as a bar chart by half hours, for a terminal of 80 columns. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from edge.lighting.night import Night
from edge.lighting.times import SECOND_NS

ROWS = 10
HALF_HOUR_NS = 1800 * SECOND_NS
EIGHTHS = " ▁▂▃▄▅▆▇█"
MARGIN = 7
LABEL_HOURS = 2


def draw(night: Night, zone: ZoneInfo, weaker: float, ascii_only: bool = False) -> list[str]:
    """The lines of the chart: noon to noon, one column a half hour, one row for each 10 %.

    A column is as high as the mean level of its half hour. Below it the local hours, and where the sun sets
    and rises.
    """
    levels = half_hours(night, weaker)
    lines = [_label(row) + _row(levels, row, ascii_only).rstrip() for row in reversed(range(ROWS))]
    axis, sunset, sunrise = ("-", "v", "^") if ascii_only else ("─", "▼", "▲")
    lines.append(f"{'0 %':>{MARGIN - 2}}  " + axis * len(levels))
    lines.append(" " * MARGIN + _hours(night, zone, len(levels)))
    marks = {_column(night, night.sunset_ns): sunset, _column(night, night.sunrise_ns): sunrise}
    lines.append(" " * MARGIN + "".join(marks.get(column, " ") for column in range(len(levels))).rstrip())
    return lines


def half_hours(night: Night, weaker: float) -> list[float]:
    """The mean level of each half hour of the night; the last may be shorter."""
    count = -(-(night.to_ns - night.from_ns) // HALF_HOUR_NS)
    pieces = list(night.pieces(weaker))
    return [_mean(pieces, *ends) for ends in _ends(night, count)]


def _ends(night: Night, count: int) -> Iterator[tuple[int, int]]:
    for column in range(count):
        from_ns = night.from_ns + column * HALF_HOUR_NS
        yield from_ns, min(from_ns + HALF_HOUR_NS, night.to_ns)


def _mean(pieces: Sequence[tuple[int, int, float]], from_ns: int, to_ns: int) -> float:
    covered = sum(
        level * max(0, min(end_ns, to_ns) - max(start_ns, from_ns)) for start_ns, end_ns, level in pieces
    )
    return covered / (to_ns - from_ns)


def _label(row: int) -> str:
    text = f"{(row + 1) * 100 // ROWS} %" if row % 2 else ""
    return f"{text:>{MARGIN - 2}}  "


def _row(levels: Sequence[float], row: int, ascii_only: bool) -> str:
    filled = (min(1.0, max(0.0, level * ROWS / 100 - row)) for level in levels)
    if ascii_only:
        return "".join("#" if share >= 0.5 else " " for share in filled)
    return "".join(EIGHTHS[round(share * 8)] for share in filled)


def _hours(night: Night, zone: ZoneInfo, count: int) -> str:
    text = [" "] * (count + 2)
    for column in range(count):
        wall = datetime.fromtimestamp((night.from_ns + column * HALF_HOUR_NS) // SECOND_NS, zone)
        if wall.minute == 0 and wall.hour % LABEL_HOURS == 0:
            text[column : column + 2] = f"{wall.hour:02}"
    return "".join(text).rstrip()


def _column(night: Night, utc_ns: int) -> int:
    return (utc_ns - night.from_ns) // HALF_HOUR_NS
