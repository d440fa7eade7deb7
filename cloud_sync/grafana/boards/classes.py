"""A board for every class of device: each quantity that a profile of the class can have is a panel.

A profile with a new class, or a new quantity in an old one, is on a board without a line written for it.
"""

from dataclasses import replace

from cloud_sync.grafana import queries as q
from cloud_sync.grafana.boards.common import BAD, CALM, COMMUNE, GATEWAY, RESOLUTION, device_of, label, unit
from cloud_sync.grafana.shapes import Board, Kind, Leads, Panel, Query, Row, Step, Text, Town
from edge.core.vocabulary import Kind as QuantityKind
from edge.core.vocabulary import quantity, vocabulary

KNOWN = {
    "lamp": Text("đèn", "lamps"),
    "meter": Text("công tơ", "meters"),
    "air": Text("cảm biến không khí", "air sensors"),
    "weather": Text("thời tiết", "weather"),
    "cabinet": Text("tủ điện", "cabinets"),
    "wifi_ap": Text("điểm truy cập Wi-Fi", "access points"),
}
"""What people call the classes; others are called as their profiles call them."""

ROWS = (
    (QuantityKind.GAUGE, Text("Đại lượng đo", "Measured")),
    (QuantityKind.COUNTER, Text("Bộ đếm", "Counted")),
    (QuantityKind.STATE, Text("Trạng thái", "States")),
)
PHASES = ("phase1_", "phase2_", "phase3_")
PANEL = 8
QUIET, BAD_NEWS = "#2b3038", ("failure", "alarm", "unexpected")


def class_board(town: Town, name: str) -> Board:
    """The board of one class."""
    words = KNOWN.get(name, Text(name, name))
    groups = grouped(town.classes[name])
    rows = [
        Row(title, [panel for base, points in groups if (panel := _panel(name, base, points, kind))])
        for kind, title in ROWS
    ]
    leads = Leads.LAMP if name == "lamp" else Leads.DEVICE
    return Board(
        slug=f"class-{name.replace('_', '-')}",
        title=Text(f"Thiết bị: {words.vi}", f"Devices: {words.en}"),
        about=Text(
            f"Mọi đại lượng của {words.vi}, từ hồ sơ thiết bị.",
            f"All quantities of {words.en}, by their profiles.",
        ),
        rows=[
            Row(row.title, [replace(panel, leads=leads) for panel in row.panels])
            for row in rows
            if row.panels
        ],
        variables=(COMMUNE, GATEWAY, device_of(name), RESOLUTION),
    )


def grouped(points: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Points by their base quantity in the vocabulary's order: phases and numbered ones share a panel."""
    found: dict[str, list[str]] = {}
    for point in points:
        found.setdefault(_base(point), []).append(point)
    order = {name: at for at, name in enumerate(vocabulary())}
    return sorted(found.items(), key=lambda one: order.get(one[0], len(order)))


def _base(point: str) -> str:
    if point in vocabulary():
        return point
    plain = point[len(PHASES[0]) :] if point.startswith(PHASES) else point
    return plain if plain in vocabulary() else plain.rpartition("_")[0]


def _colour(state: str) -> str:
    """What a state of 1 looks like: red where it is bad news."""
    return BAD if any(word in state for word in BAD_NEWS) else CALM


def _panel(measurement: str, base: str, points: list[str], kind: QuantityKind) -> Panel | None:
    known = quantity(points[0])
    if known is None or known.kind is not kind:
        return None
    several = len(points) > 1

    def alias(point: str) -> Text | str:
        whole, own = label(base), label(point)
        vi, en = own.vi.removeprefix(whole.vi).lstrip(", "), own.en.removeprefix(whole.en).lstrip(", ")
        return Text(f"{q.NAMED} {vi}".strip(), f"{q.NAMED} {en}".strip()) if several else q.NAMED

    if kind is QuantityKind.COUNTER:
        queries = [
            Query(q.growth(point, measurement, where=q.DEVICE, step="1h"), alias(point)) for point in points
        ]
        words = label(base)
        title = Text(f"{words.vi}: tăng mỗi giờ", f"{words.en}: growth by the hour")
        return Panel(Kind.BARS, title, tuple(queries), PANEL, unit=unit(base), low=0)
    if kind is QuantityKind.STATE:
        queries = [
            Query(q.over_time(point, measurement, how="max", fill="none"), alias(point)) for point in points
        ]
        steps = (Step(None, QUIET, Text("không", "no")), Step(1, _colour(base), Text("có", "yes")))
        return Panel(Kind.STATES, label(base), tuple(queries), PANEL * (3 if several else 1), steps=steps)
    queries = [Query(q.over_time(point, measurement), alias(point)) for point in points]
    return Panel(Kind.SERIES, label(base), tuple(queries), PANEL, unit=unit(base))
