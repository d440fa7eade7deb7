"""Gateways and buses: for whoever keeps the machines running."""

from cloud_sync.grafana import queries as q
from cloud_sync.grafana.boards.common import (
    BAD,
    COMMUNE,
    FAIR,
    GATEWAY,
    GATEWAY_COLUMN,
    GOOD,
    RESOLUTION,
    WARN,
    alarm_table,
    column,
    device_of,
    label,
    of_kinds,
    unit,
)
from cloud_sync.grafana.shapes import Board, Kind, Leads, Panel, Query, Row, Step, Text, Town
from cloud_sync.grafana.units import NUMBER, SHARE
from edge.core.alarms import AlarmKind

LOAD = (Step(None, GOOD), Step(0.6, FAIR), Step(0.85, BAD))
"""A bus busy for more than 85 % of its time has no room for a command's retries."""

SOME = (Step(None, "transparent"), Step(1, WARN))
ALARMS = of_kinds(
    AlarmKind.COMMUNICATION_FAILURE,
    AlarmKind.BUS_LOST,
    AlarmKind.TARGET_LOST,
    AlarmKind.TARGET_REFUSES,
    AlarmKind.STORE_TROUBLE,
)


def gateways_board(town: Town) -> Board:
    """The board of the machines."""
    return Board(
        slug="gateways",
        title=Text("Gateway và bus", "Gateways and buses"),
        about=Text(
            "Gateway nào còn báo, thiết bị nào im lặng, bus bận đến đâu, đọc lỗi bao nhiêu.",
            "Which gateways are heard, which devices are silent, how busy the buses are, what fails.",
        ),
        rows=(
            Row(Text("Gateway", "Gateways"), _gateways()),
            Row(Text("Bus", "Buses"), _buses()),
        ),
        variables=(COMMUNE, GATEWAY, device_of("bus"), RESOLUTION),
        refresh="1m",
    )


def _gateways() -> list[Panel]:
    fields = (
        "uptime",
        "devices_online",
        "devices_lost",
        "alarms_standing",
        "warnings_standing",
        "store_bytes",
        "store_pending",
        "store_dropped",
    )
    each = q.latest_of_each(q.last_fields(*fields), "gateway", q.HERE, '"gateway", "commune"')
    return [
        Panel(
            Kind.TABLE,
            Text("Từng gateway", "Each gateway"),
            (Query(each, table=True),),
            width=24,
            height=8,
            leads=Leads.GATEWAY,
            columns=(
                GATEWAY_COLUMN,
                column("uptime"),
                column("devices_online", decimals=0),
                column("devices_lost", SOME, 0),
                column("alarms_standing", (Step(None, "transparent"), Step(1, BAD)), 0),
                column("warnings_standing", SOME, 0),
                column("store_bytes"),
                column(
                    "store_pending", (Step(None, "transparent"), Step(10_000, WARN), Step(1_000_000, BAD)), 0
                ),
                column("store_dropped", (Step(None, "transparent"), Step(1, BAD)), 0),
            ),
        ),
        *_over_time(),
    ]


def _over_time() -> list[Panel]:
    heard = q.over_time("uptime", "gateway", by='"gateway"', where=q.HERE, how="count", step="10m", fill="0")
    silence = (
        Step(None, BAD, Text("Im lặng", "Silent")),
        Step(1, FAIR, Text("Thưa", "Few rows")),
        Step(8, GOOD, Text("Đang báo", "Heard")),
    )
    lost = q.over_time("devices_lost", "gateway", by='"gateway"', where=q.HERE, how="max")
    written = q.growth("store_written", "gateway", by='"gateway"', step="1h")
    return [
        Panel(
            Kind.STATES,
            Text("Gateway còn báo không", "Whether gateways are heard"),
            (Query(heard, "$tag_gateway"),),
            width=24,
            height=6,
            steps=silence,
            leads=Leads.GATEWAY,
            about=Text(
                "Số dòng trong 10 phút; mỗi phút một dòng.", "Rows in 10 minutes; there is one a minute."
            ),
        ),
        Panel(
            Kind.SERIES,
            label("devices_lost"),
            (Query(lost, "$tag_gateway"),),
            width=12,
            unit=NUMBER,
            low=0,
            leads=Leads.GATEWAY,
        ),
        Panel(
            Kind.BARS,
            Text("Ghi lên thẻ nhớ mỗi giờ", "Written to the card by the hour"),
            (Query(written, "$tag_gateway"),),
            width=12,
            unit=unit("store_written"),
            low=0,
            leads=Leads.GATEWAY,
        ),
        alarm_table(
            Text("Mất liên lạc, mất bus, mất đích", "Devices, buses and targets lost"),
            q.standing_alarms(f"{q.HERE} AND {ALARMS}"),
        ),
    ]


def _buses() -> list[Panel]:
    by, alias = q.EACH, q.NAMED
    now = q.latest_of_each('last("bus_utilisation") AS "bus_utilisation"', "bus", q.DEVICE)
    return [
        Panel(
            Kind.GAUGES,
            Text("Bus bận bây giờ", "Use of the buses now"),
            (Query(now, alias),),
            width=8,
            height=10,
            unit=SHARE,
            steps=LOAD,
            low=0,
            high=1,
            recent="10m",
        ),
        Panel(
            Kind.SERIES,
            label("bus_utilisation"),
            (Query(q.over_time("bus_utilisation", "bus", by=by), alias),),
            width=16,
            height=10,
            unit=SHARE,
            steps=LOAD[1:],
            low=0,
            high=1,
        ),
        *_bus_faults(),
    ]


def _bus_faults() -> list[Panel]:
    by, alias = q.EACH, q.NAMED
    opened = (Step(None, BAD, Text("Mất", "Lost")), Step(1, GOOD, Text("Đang mở", "Open")))
    failing = tuple(
        Query(
            q.growth(name, "bus", by=by, where=q.DEVICE, step="1h"), Text(f"{alias}: {vi}", f"{alias}: {en}")
        )
        for name, vi, en in (("bus_errors", "lỗi", "errors"), ("bus_timeouts", "quá giờ", "time-outs"))
    )
    return [
        Panel(
            Kind.STATES,
            Text("Bus mở hay mất", "Buses open or lost"),
            (Query(q.over_time("bus_open", "bus", by=by, how="min"), alias),),
            width=24,
            height=7,
            steps=opened,
        ),
        Panel(
            Kind.BARS,
            Text("Lần đọc không thành mỗi giờ", "Polls that failed by the hour"),
            failing,
            width=12,
            unit=NUMBER,
            stacked=True,
            low=0,
        ),
        Panel(
            Kind.SERIES,
            label("bus_silent_units"),
            (Query(q.over_time("bus_silent_units", "bus", by=by, how="max"), alias),),
            width=12,
            unit=NUMBER,
            low=0,
        ),
    ]
