"""Lighting energy and savings: what each night used, and what dimming saved."""

from cloud_sync.grafana import queries as q
from cloud_sync.grafana.boards.common import CALM, COMMUNE, GATEWAY, GOOD, RESOLUTION, device_of, label, stat
from cloud_sync.grafana.shapes import Board, Kind, Leads, Panel, Query, Row, Step, Text, Town
from cloud_sync.grafana.units import ENERGY, PERCENT, POWER
from edge.core.vocabulary import Kind as QuantityKind
from edge.core.vocabulary import quantity

NOT_USED = ("export", "reactive", "apparent", "phase")
"""Counters of energy that are not what the lamps used."""

ESTIMATE = Text(
    "So với sáng đủ từ lúc mặt trời lặn đến lúc mọc: ước tính, vì đêm đó không đo ở mức sáng đủ.",
    "Against full light from sunset to sunrise: an estimate, since nobody measured that night in full light.",
)


def energy_board(town: Town) -> Board:
    """The board of whoever pays the bill."""
    meters = energy_counters(town.classes.get("meter", ()))
    return Board(
        slug="energy",
        title=Text("Điện năng và tiết kiệm", "Lighting energy and savings"),
        about=Text(
            "Điện năng của đèn mỗi đêm, phần tiết kiệm nhờ giảm sáng, và công tơ mỗi ngày.",
            "What the lamps used each night, what dimming saved, and the meters day by day.",
        ),
        rows=(
            Row(Text("Đêm", "Nights"), _nights(town)),
            Row(Text("Công tơ", "Meters"), _meters(town, meters)),
        ),
        variables=(COMMUNE, GATEWAY, device_of("meter"), RESOLUTION),
        since="now-7d",
        refresh="15m",
    )


def energy_counters(points: tuple[str, ...]) -> list[str]:
    """Which of a class's points count energy that was drawn, whatever their meters call it."""
    found = []
    for name in points:
        known = quantity(name)
        counts = known is not None and known.kind is QuantityKind.COUNTER and known.unit == "kW.h"
        if counts and not any(word in name for word in NOT_USED):
            found.append(name)
    return found


def _nights(town: Town) -> list[Panel]:
    share = (
        'SELECT 100 * sum("night_saved_kwh") / sum("night_full_kwh") AS "saved" FROM "$rp"."gateway" '
        f"WHERE $timeFilter AND {q.HERE}"
    )
    total = f'SELECT sum("night_saved_kwh") AS "saved" FROM "$rp"."gateway" WHERE $timeFilter AND {q.HERE}'
    spent = f'SELECT sum("night_used_kwh") AS "used" FROM "$rp"."gateway" WHERE $timeFilter AND {q.HERE}'
    return [
        stat(Text("Đã dùng", "Used"), spent, ENERGY, (Step(None, CALM),), width=8),
        stat(
            Text("Đã tiết kiệm (ước tính)", "Saved (estimate)"),
            total,
            ENERGY,
            (Step(None, GOOD),),
            about=ESTIMATE,
            width=8,
        ),
        stat(
            Text("Tỷ lệ tiết kiệm", "Share saved"),
            share,
            PERCENT,
            (Step(None, GOOD),),
            about=ESTIMATE,
            width=8,
            decimals=0,
        ),
        *_each_night(town),
    ]


def _each_night(town: Town) -> list[Panel]:
    used = q.each_day("night_used_kwh", "gateway", town.timezone)
    full = q.each_day("night_full_kwh", "gateway", town.timezone)
    each = q.each_day("night_saved_percent", "gateway", town.timezone, how="mean", by='"gateway"')
    return [
        Panel(
            Kind.BARS,
            Text("Mỗi đêm: đã dùng và nếu sáng đủ", "Each night: used, and what full light would use"),
            (
                Query(used, Text("đã dùng", "used")),
                Query(full, Text("nếu sáng đủ", "full light")),
            ),
            width=14,
            height=10,
            unit=ENERGY,
            low=0,
            about=ESTIMATE,
        ),
        Panel(
            Kind.BARS,
            Text("Tỷ lệ tiết kiệm theo gateway", "Share saved by gateway"),
            (Query(each, "$tag_gateway"),),
            width=10,
            height=10,
            unit=PERCENT,
            low=0,
            about=ESTIMATE,
        ),
    ]


def _of_meter(name: Text) -> Text:
    return Text(f"{q.NAMED}: {name.vi.lower()}", f"{q.NAMED}: {name.en.lower()}")


def _meters(town: Town, counters: list[str]) -> list[Panel]:
    days = [
        Query(q.per_day(name, "meter", town.timezone, where=q.DEVICE), _of_meter(label(name)))
        for name in counters
    ]
    return [
        Panel(
            Kind.BARS,
            Text("Điện năng mỗi ngày theo công tơ", "Energy of each day by meter"),
            tuple(days),
            width=24,
            height=10,
            unit=ENERGY,
            low=0,
            leads=Leads.DEVICE,
            about=Text(
                "Công tơ tổng đo cả những gì công tơ nhánh đo: đừng cộng chúng với nhau.",
                "A main meter measures what the meters behind it measure too: do not add them up.",
            ),
        ),
        Panel(
            Kind.SERIES,
            Text("Công suất theo công tơ", "Power by meter"),
            (Query(q.over_time("active_power", "meter"), q.NAMED),),
            width=12,
            height=10,
            unit=POWER,
            leads=Leads.DEVICE,
        ),
        Panel(
            Kind.SERIES,
            label("power_factor"),
            (Query(q.over_time("power_factor", "meter"), q.NAMED),),
            width=12,
            height=10,
            low=0,
            high=1,
            decimals=2,
            leads=Leads.DEVICE,
        ),
    ]
