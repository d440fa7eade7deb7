"""The wind rose of a report. Pure."""

from bisect import bisect_right

from edge.air.report_points import values_of
from edge.core.air import Span
from edge.core.air_columns import Columns
from edge.core.air_report import WindRose

SECTORS = 16
SPEEDS = (2.0, 4.0, 6.0, 8.0)
"""Classes of speed, in m/s: below the first, then up to the next, then above the last."""

CALM = 0.5
"""Slower wind, in m/s, has no direction worth counting."""


def wind_rose(span: Span, columns: Columns, after_ns: int, through_ns: int) -> WindRose | None:
    """From valid means that have a direction and a speed; None where there is none."""
    speeds, directions = (
        {one.end_ns: one.value for one in values_of(columns, point, after_ns, through_ns, span) if one.valid}
        for point in ("wind_speed", "wind_direction")
    )
    counts = [[0] * (len(SPEEDS) + 1) for _ in range(SECTORS)]
    calm = 0
    for end_ns, speed in speeds.items():
        if speed < CALM:
            calm += 1
        elif end_ns in directions:
            counts[sector_of(directions[end_ns])][bisect_right(SPEEDS, speed)] += 1
    rose = WindRose(span, SPEEDS, CALM, tuple(map(tuple, counts)), calm)
    return rose if rose.total and directions else None


def sector_of(degrees: float) -> int:
    """Which of the sectors a direction lies in, 0 around north, clockwise."""
    return int(degrees / (360.0 / SECTORS) + 0.5) % SECTORS
