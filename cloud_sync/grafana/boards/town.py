"""Town overview: for the wall. What shines, what is broken, how the air is, who is on the Wi-Fi."""

from cloud_sync.grafana import queries as q
from cloud_sync.grafana.boards.common import (
    BAD,
    CALM,
    COMMUNE,
    GATEWAY,
    GOOD,
    RESOLUTION,
    WARN,
    alarm_table,
    bands,
    stat,
)
from cloud_sync.grafana.shapes import Board, Kind, Panel, Query, Row, Step, Text, Town
from cloud_sync.grafana.units import ENERGY, PERCENT, POWER

NONE_IS_GOOD = (Step(None, GOOD), Step(1, WARN), Step(10, BAD))
RECENT = "10m"
"""What is told every minute, and not for so long, is not there."""


def town_board(town: Town) -> Board:
    """The board of the wall."""
    return Board(
        slug="town",
        title=Text("Tổng quan thị xã", "Town overview"),
        about=Text(
            "Đèn, không khí, Wi-Fi và gateway của cả thị xã. Dành cho màn hình treo tường.",
            "Lamps, air, Wi-Fi and gateways of the whole town. For the wall.",
        ),
        rows=(Row(Text("Bây giờ", "Now"), _now(town)), Row(Text("Diễn biến", "The day"), _day(town))),
        variables=(COMMUNE, GATEWAY, RESOLUTION),
    )


def _now(town: Town) -> list[Panel]:
    heard = (
        'SELECT count("now") AS "gateways" FROM (SELECT last("uptime") AS "now" FROM "gateway" '
        f'WHERE $timeFilter AND {q.HERE} GROUP BY "gateway")'
    )
    return [
        stat(
            Text("Gateway đang báo", "Gateways heard"),
            heard,
            steps=(Step(None, BAD), Step(1, GOOD)),
            recent=RECENT,
        ),
        stat(
            Text("Thiết bị mất liên lạc", "Devices that do not answer"),
            q.latest("devices_lost", "gateway"),
            steps=NONE_IS_GOOD,
            recent=RECENT,
        ),
        stat(
            Text("Đèn hỏng", "Lamps that failed"),
            q.latest("lamps_failed", "gateway"),
            steps=NONE_IS_GOOD,
            recent=RECENT,
        ),
        stat(
            Text("Báo động chưa hết", "Alarms standing"),
            q.latest("alarms_standing", "gateway"),
            steps=NONE_IS_GOOD,
            recent=RECENT,
        ),
        *_people_now(town),
    ]


def _people_now(town: Town) -> list[Panel]:
    visitors = (
        'SELECT sum("now") AS "sessions" FROM (SELECT last("sessions_open") AS "now" FROM "wifi_usage" '
        'WHERE $timeFilter AND "gateway" =~ /^$gateway$/ AND "device" =~ /^$gateway$/ GROUP BY "device")'
    )
    return [
        stat(
            Text("VN_AQI cao nhất", "Highest VN_AQI"),
            q.latest("aqi_vn", "air_index", how="max"),
            steps=bands(town.bands),
            recent="3h",
            nothing="–",
            about=Text(
                "Chỉ số giờ của trạm cao nhất. Trạm chưa kiểm định chỉ để tham khảo.",
                "Hourly index of the highest station; of one without certification indicative (tham khảo).",
            ),
        ),
        stat(
            Text("Phiên Wi-Fi đang mở", "Wi-Fi sessions open"),
            visitors,
            steps=(Step(None, CALM),),
            recent=RECENT,
            about=Text(
                "Nhóm dưới 5 người không được báo, nên số này có thể thiếu vài người.",
                "Groups under 5 are not told, so that a few may be missing.",
            ),
        ),
    ]


def _day(town: Town) -> list[Panel]:
    lamps = q.over_time("level", "lamp", by='"gateway"', where=q.HERE)
    power = q.sum_over_time("active_power", "lamp", by='"gateway"')
    air = q.over_time("aqi_vn", "air_index", where=q.HERE, how="max", step="1h", fill="none")
    return [
        Panel(
            Kind.SERIES,
            Text("Mức sáng trung bình của đèn", "Mean light level of the lamps"),
            (Query(lamps, "$tag_gateway"),),
            width=12,
            unit=PERCENT,
            low=0,
            high=100,
        ),
        Panel(
            Kind.SERIES,
            Text("Công suất đèn tự đo", "Power of lamps that measure it"),
            (Query(power, "$tag_gateway"),),
            width=12,
            unit=POWER,
            low=0,
            stacked=True,
        ),
        Panel(
            Kind.SERIES,
            Text("VN_AQI theo giờ", "VN_AQI by the hour"),
            (Query(air, q.NAMED),),
            width=12,
            steps=bands(town.bands),
            banded=True,
            low=0,
        ),
        *_nights(town),
        alarm_table(
            Text("Báo động và cảnh báo chưa hết", "Alarms and warnings that stand"), q.standing_alarms()
        ),
    ]


def _nights(town: Town) -> list[Panel]:
    night = q.each_day("night_used_kwh", "gateway", town.timezone, by='"gateway"')
    saved = q.each_day("night_saved_percent", "gateway", town.timezone, how="mean", by='"gateway"')
    return [
        Panel(
            Kind.BARS,
            Text("Điện năng mỗi đêm", "Energy of each night"),
            (Query(night, "$tag_gateway"),),
            width=6,
            unit=ENERGY,
            stacked=True,
            recent="7d",
            low=0,
        ),
        Panel(
            Kind.BARS,
            Text("Tiết kiệm mỗi đêm (ước tính)", "Saved each night (estimate)"),
            (Query(saved, "$tag_gateway"),),
            width=6,
            unit=PERCENT,
            recent="7d",
            low=0,
        ),
    ]
