"""Tourist Wi-Fi: how many are there, when, how much they load, and whether the access points hold out."""

from cloud_sync.grafana import queries as q
from cloud_sync.grafana.boards.common import (
    BAD,
    CALM,
    COMMUNE,
    FAIR,
    GATEWAY,
    GOOD,
    RESOLUTION,
    label,
    stat,
    unit,
)
from cloud_sync.grafana.shapes import Board, Kind, Leads, Panel, Query, Row, Step, Text, Town, Variable
from cloud_sync.grafana.units import BYTES, NUMBER, SECONDS

PLACE = Variable(
    "place",
    Text("Điểm Wi-Fi", "Hotspot"),
    'SHOW TAG VALUES FROM "wifi_usage" WITH KEY = "device" WHERE "gateway" =~ /^$gateway$/',
)
ACCESS_POINT = Variable(
    "device",
    Text("Điểm truy cập", "Access point"),
    f'SHOW TAG VALUES FROM "wifi_ap" WITH KEY = "device" WHERE {q.HERE}',
)
PLACES = '"gateway" =~ /^$gateway$/ AND "device" =~ /^$place$/'
WHOLE = '"gateway" =~ /^$gateway$/ AND "device" =~ /^$gateway$/'
"""The rows of gateways as a whole; summing up places would count visitors twice."""

FEW = Text(
    "Nhóm dưới 5 người không được báo. Địa chỉ MAC ngẫu nhiên: số thiết bị chỉ đúng trong ngày.",
    "Groups under 5 are not told. MAC addresses are random: devices are counted right within a day only.",
)


def wifi_board(town: Town) -> Board:
    """The board of the tourist office."""
    return Board(
        slug="wifi",
        title=Text("Wi-Fi du lịch", "Tourist Wi-Fi"),
        about=FEW,
        rows=(
            Row(Text("Cả thị xã", "The whole town"), _whole(town)),
            Row(Text("Từng điểm", "Hotspots"), _places(town)),
            Row(Text("Điểm truy cập", "Access points"), _access_points(town)),
        ),
        variables=(COMMUNE, _named(GATEWAY), PLACE, ACCESS_POINT, RESOLUTION),
        since="now-7d",
        refresh="5m",
    )


def _named(variable: Variable) -> Variable:
    """With "all" spelt out: what is looked for is a place that is called like a gateway."""
    return Variable(variable.name, variable.title, variable.query, every="")


def _whole(town: Town) -> list[Panel]:
    now = q.latest("sessions_open", "wifi_usage", where=WHOLE, by='"device"')
    calm = (Step(None, CALM),)
    visitors = q.each_day(
        "visitors", "wifi_usage_1d", town.timezone, where=WHOLE, by='"gateway"', days=q.LATE_DAYS
    )
    down = q.each_day("bytes_down", "wifi_usage", town.timezone, where=WHOLE, days=q.LATE_DAYS)
    up = q.each_day("bytes_up", "wifi_usage", town.timezone, where=WHOLE, days=q.LATE_DAYS)
    most = (
        f'SELECT max("peak_sessions") AS "peak" FROM {q.source("wifi_usage")} WHERE $timeFilter AND {WHOLE}'
    )
    started = (
        f'SELECT sum("sessions_started") AS "s" FROM {q.source("wifi_usage")} WHERE $timeFilter AND {WHOLE}'
    )
    loaded = f'SELECT sum("bytes_down") AS "b" FROM {q.source("wifi_usage")} WHERE $timeFilter AND {WHOLE}'
    return [
        stat(Text("Phiên đang mở", "Sessions open"), now, steps=calm, recent="15m", width=6, about=FEW),
        stat(Text("Nhiều nhất cùng lúc", "Most at once"), most, steps=calm, width=6),
        stat(Text("Phiên đã bắt đầu", "Sessions started"), started, steps=calm, width=6),
        stat(Text("Khách đã tải về", "Loaded by visitors"), loaded, BYTES, calm, width=6),
        Panel(
            Kind.SERIES,
            Text("Phiên đang mở", "Sessions open"),
            (Query(q.over_time("sessions_open", "wifi_usage", '"gateway"', WHOLE), "$tag_gateway"),),
            width=24,
            unit=NUMBER,
            low=0,
        ),
        Panel(
            Kind.BARS,
            Text("Thiết bị khác nhau mỗi ngày", "Different devices each day"),
            (Query(visitors, "$tag_gateway"),),
            width=12,
            unit=NUMBER,
            low=0,
            about=FEW,
        ),
        Panel(
            Kind.BARS,
            Text("Dữ liệu mỗi ngày", "Data of each day"),
            (Query(down, Text("tải về", "down")), Query(up, Text("tải lên", "up"))),
            width=12,
            unit=BYTES,
            low=0,
            stacked=True,
        ),
    ]


def _places(town: Town) -> list[Panel]:
    by_hour = q.over_time("sessions_started", "wifi_usage", where=PLACES, how="sum", step="1h", fill="none")
    dwell = q.over_time("dwell_mean", "wifi_usage", where=PLACES, step="1h", fill="none")
    return [
        Panel(
            Kind.SERIES,
            Text("Phiên đang mở theo điểm", "Sessions open by hotspot"),
            (Query(q.over_time("sessions_open", "wifi_usage", where=PLACES), q.NAMED),),
            width=24,
            unit=NUMBER,
            low=0,
            leads=Leads.HOTSPOT,
        ),
        Panel(
            Kind.SERIES,
            Text("Phiên bắt đầu mỗi giờ", "Sessions started by the hour"),
            (Query(by_hour, q.NAMED),),
            width=12,
            unit=NUMBER,
            low=0,
            leads=Leads.HOTSPOT,
        ),
        Panel(
            Kind.SERIES,
            label("dwell_mean"),
            (Query(dwell, q.NAMED),),
            width=12,
            unit=SECONDS,
            low=0,
            leads=Leads.HOTSPOT,
        ),
    ]


def _access_points(town: Town) -> list[Panel]:
    known = town.classes.get("wifi_ap", ())
    busy = (Step(60, FAIR), Step(80, BAD))
    panels = []
    if "ap_up" in known:
        up = (
            Step(None, BAD, Text("Không phát", "Off the air")),
            Step(1, GOOD, Text("Đang phát", "On the air")),
        )
        panels.append(
            Panel(
                Kind.STATES,
                label("ap_up"),
                (Query(q.over_time("ap_up", "wifi_ap", how="min"), q.NAMED),),
                width=24,
                height=6,
                steps=up,
                leads=Leads.DEVICE,
            )
        )
    graphs = (
        "clients",
        "channel_utilisation_2g",
        "channel_utilisation_5g",
        "throughput_down",
        "throughput_up",
    )
    return panels + [
        Panel(
            Kind.SERIES,
            label(name),
            (Query(q.over_time(name, "wifi_ap"), q.NAMED),),
            width=12 if name.startswith("throughput") else 8,
            unit=unit(name),
            low=0,
            steps=busy if name.startswith("channel") else (),
            leads=Leads.DEVICE,
        )
        for name in graphs
        if name in known
    ]
