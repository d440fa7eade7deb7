"""Where panels stand: rows of 24 columns, from left to right. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cloud_sync.grafana.shapes import Panel, Row

COLUMNS = 24
HEADING_HEIGHT = 1


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel or a row's heading with its id and place; a folded row holds its panels itself."""

    id: int
    what: Panel | Row
    x: int
    y: int
    width: int
    height: int
    inside: tuple["Placed", ...] = ()


def placed(rows: Sequence[Row]) -> Iterator[Placed]:
    """All headings and panels, numbered from 1; a panel that does not fit beside the last begins a line."""
    number, top = 1, 0
    for row in rows:
        inside = tuple(_flowed(row.panels, number + 1, top + HEADING_HEIGHT))
        heading = Placed(number, row, 0, top, COLUMNS, HEADING_HEIGHT, inside if row.folded else ())
        yield heading
        number, top = number + 1 + len(inside), top + HEADING_HEIGHT
        if not row.folded:
            yield from inside
            top = max((one.y + one.height for one in inside), default=top)


def _flowed(panels: Sequence[Panel], number: int, top: int) -> Iterator[Placed]:
    x = line_height = 0
    for panel in panels:
        if x + panel.width > COLUMNS:
            x, top, line_height = 0, top + line_height, 0
        yield Placed(number, panel, x, top, panel.width, panel.height)
        number, x, line_height = number + 1, x + panel.width, max(line_height, panel.height)
