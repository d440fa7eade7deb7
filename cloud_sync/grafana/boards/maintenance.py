"""Lamp maintenance: for the technician who plans a day on the ladder."""

from cloud_sync.grafana import queries as q
from cloud_sync.grafana.boards.common import (
    BAD,
    COMMUNE,
    DEVICE_COLUMN,
    FAIR,
    GATEWAY,
    GATEWAY_COLUMN,
    GOOD,
    KINDS,
    RESOLUTION,
    WARN,
    alarm_table,
    column,
    device_of,
    label,
    stat,
    unit,
)
from cloud_sync.grafana.boards.lighting import LAMP_ALARMS, LAMP_KINDS
from cloud_sync.grafana.shapes import Board, Kind, Leads, Panel, Query, Row, Step, Text, Town
from cloud_sync.grafana.units import NUMBER
from edge.core.alarms import AlarmKind

BURN_HOURS = (Step(None, "transparent"), Step(50_000, FAIR), Step(80_000, WARN))
"""LED gear is often rated for 50,000 h, good one for 100,000: a hint, no limit."""


def maintenance_board(town: Town) -> Board:
    """The technician's board."""
    return Board(
        slug="maintenance",
        title=Text("Bảo trì đèn", "Lamp maintenance"),
        about=Text(
            "Đèn nào hỏng, đã thắp bao nhiêu giờ, bật bao nhiêu lần, bộ điều khiển nóng đến đâu.",
            "Which lamps failed, how long they burned, how often they started, how hot their gear is.",
        ),
        rows=(
            Row(Text("Cần đi sửa", "To be mended"), _broken(town)),
            Row(Text("Tuổi đèn", "Age of the lamps"), _age(town)),
        ),
        variables=(COMMUNE, GATEWAY, device_of("lamp", "lamp_account"), RESOLUTION),
        since="now-7d",
        refresh="15m",
    )


def _count(kind: str) -> str:
    return (
        'SELECT sum("active") AS "lamps" FROM (SELECT last("active") AS "active" FROM "alarm" '
        f'WHERE {q.HERE} AND "kind" = \'{kind}\' GROUP BY "gateway", "device")'
    )


def _raised_each_day(kind: AlarmKind, timezone: str) -> str:
    """Alarms are kept as they were told alone, whatever the resolution."""
    return (
        'SELECT sum("active") AS "raised" FROM "alarm" '
        f"WHERE $timeFilter AND {q.HERE} AND \"kind\" = '{kind}' "
        f"GROUP BY time(1d) fill(none) tz('{timezone}')"
    )


def _broken(town: Town) -> list[Panel]:
    over_days = tuple(Query(_raised_each_day(kind, town.timezone), KINDS[kind]) for kind in LAMP_KINDS)
    some = (Step(None, GOOD), Step(1, BAD))
    few = (Step(None, GOOD), Step(1, WARN))
    return [
        stat(Text("Đèn hỏng", "Failed"), _count("lamp_failure"), steps=some, width=6),
        stat(Text("Sáng ngoài giờ", "Lit by day"), _count("lamp_unexpected_on"), steps=few, width=6),
        stat(Text("Không đúng mức sáng", "Do not dim"), _count("dimming_failure"), steps=few, width=6),
        stat(Text("Chập chờn", "Cycling"), _count("cycling"), steps=few, width=6),
        alarm_table(
            Text("Đèn có vấn đề", "Lamps in trouble"),
            q.standing_alarms(f"{q.HERE} AND {LAMP_ALARMS}"),
            width=15,
            leads=Leads.LAMP,
        ),
        Panel(
            Kind.BARS,
            Text("Sự cố mới mỗi ngày", "New troubles each day"),
            over_days,
            width=9,
            height=9,
            unit=NUMBER,
            stacked=True,
            low=0,
        ),
    ]


def _age(town: Town) -> list[Panel]:
    accounts = q.latest_of_each(
        q.last_fields("operating_hours", "switch_on_counter", "active_energy"), "lamp_account", q.DEVICE
    )
    panels = [
        Panel(
            Kind.TABLE,
            Text("Giờ thắp, số lần bật, điện năng", "Burn hours, starts, energy"),
            (Query(accounts, table=True),),
            width=12,
            height=14,
            leads=Leads.LAMP,
            about=Text(
                "Số của bộ điều khiển đèn; nếu nó không đếm thì gateway đếm. Ghi vào cuối mỗi đêm.",
                "The controller's own counters, else counted by the gateway. Told at the end of every night.",
            ),
            columns=(
                DEVICE_COLUMN,
                column("operating_hours", BURN_HOURS, 0),
                column("switch_on_counter", decimals=0),
                column("active_energy", decimals=1),
                GATEWAY_COLUMN,
            ),
        )
    ]
    if "control_gear_temperature" in town.classes.get("lamp", ()):
        hot = q.over_time("control_gear_temperature", "lamp", how="max")
        panels.append(
            Panel(
                Kind.SERIES,
                label("control_gear_temperature"),
                (Query(hot, q.NAMED),),
                width=12,
                height=14,
                unit=unit("control_gear_temperature"),
                leads=Leads.LAMP,
            )
        )
    return panels
