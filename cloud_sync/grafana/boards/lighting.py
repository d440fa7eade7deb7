"""Street lighting operations: for the operator at night. What each lamp does, who commanded what."""

from cloud_sync.grafana import queries as q
from cloud_sync.grafana.boards.common import (
    BAD,
    CALM,
    COMMUNE,
    DEVICE_COLUMN,
    GATEWAY,
    GATEWAY_COLUMN,
    GOOD,
    RESOLUTION,
    WHEN_COLUMN,
    alarm_table,
    column,
    device_of,
    of_kinds,
    stat,
)
from cloud_sync.grafana.shapes import Board, Column, Kind, Leads, Panel, Query, Row, Step, Text, Town
from cloud_sync.grafana.units import NUMBER, PERCENT, POWER
from edge.core.alarms import AlarmKind

DARK, DIM, FULL = "#39404d", "#8a6d1d", "#ffd75e"
"""Colours of light: a lamp that is dark, dimmed, in full."""

LIGHT = (
    Step(None, DARK, Text("Tắt", "Dark")),
    Step(1, DIM, Text("Giảm sáng", "Dimmed")),
    Step(95, FULL, Text("Sáng đủ", "Full")),
)
STATES = (
    ("accepted", Text("đã nhận", "accepted")),
    ("applied", Text("đã ghi", "applied")),
    ("verified", Text("đã kiểm chứng", "verified")),
    ("failed", Text("không được", "failed")),
    ("unknown", Text("không rõ", "unknown")),
)
LAMP_KINDS = (
    AlarmKind.LAMP_FAILURE,
    AlarmKind.LAMP_UNEXPECTED_ON,
    AlarmKind.DIMMING_FAILURE,
    AlarmKind.CYCLING,
    AlarmKind.RELAY_FAILURE,
    AlarmKind.PHASE_LOSS,
    AlarmKind.CABINET_POWER,
)
LAMP_ALARMS = of_kinds(*LAMP_KINDS)


def lighting_board(town: Town) -> Board:
    """The operator's board."""
    return Board(
        slug="lighting",
        title=Text("Vận hành chiếu sáng", "Street lighting operations"),
        about=Text(
            "Từng đèn đang làm gì, ai đã ra lệnh gì và lệnh đã được thực hiện ra sao.",
            "What each lamp does, who commanded what, and what became of it.",
        ),
        rows=(
            Row(Text("Bây giờ", "Now"), _now()),
            Row(Text("Đêm nay", "The night"), _night()),
            Row(Text("Lệnh", "Commands"), _commands()),
        ),
        variables=(COMMUNE, GATEWAY, device_of("lamp"), RESOLUTION),
    )


def _now() -> list[Panel]:
    lit = (
        'SELECT count("now") AS "lit" FROM (SELECT last("level") AS "now" FROM "lamp" '
        f'WHERE $timeFilter AND {q.DEVICE} GROUP BY "gateway", "device") WHERE "now" > 0'
    )
    level = q.latest("level", "lamp", how="mean", where=q.DEVICE)
    known = q.latest("level", "lamp", how="count", where=q.DEVICE)
    alarms = q.latest("lamps_failed", "gateway")
    return [
        stat(Text("Đèn đang sáng", "Lamps lit"), lit, steps=(Step(None, CALM),), recent="30m", width=5),
        stat(Text("Đèn có tin", "Lamps heard"), known, steps=(Step(None, CALM),), recent="30m", width=5),
        stat(
            Text("Mức sáng trung bình", "Mean level"),
            level,
            unit=PERCENT,
            steps=(Step(None, CALM),),
            recent="30m",
            width=5,
            decimals=0,
        ),
        stat(
            Text("Công suất đèn tự đo", "Power of lamps that measure it"),
            q.latest("active_power", "lamp", where=q.DEVICE),
            unit=POWER,
            steps=(Step(None, CALM),),
            recent="30m",
            width=5,
        ),
        stat(
            Text("Đèn hỏng", "Lamps that failed"),
            alarms,
            steps=(Step(None, GOOD), Step(1, BAD)),
            recent="10m",
            width=4,
        ),
    ]


def _night() -> list[Panel]:
    return [
        Panel(
            Kind.STATES,
            Text("Mức sáng từng đèn", "Light level of each lamp"),
            (Query(q.over_time("level", "lamp", fill="previous"), q.NAMED),),
            width=14,
            height=15,
            unit=PERCENT,
            steps=LIGHT,
            leads=Leads.LAMP,
        ),
        Panel(
            Kind.TABLE,
            Text("Từng đèn", "Each lamp"),
            (
                Query(
                    q.latest_of_each(
                        q.last_fields("level", "active_power", "lamp_failure"), "lamp", q.DEVICE
                    ),
                    table=True,
                ),
            ),
            width=10,
            height=15,
            leads=Leads.LAMP,
            recent="1h",
            columns=(
                DEVICE_COLUMN,
                column("level", decimals=0),
                column("active_power", decimals=0),
                column("lamp_failure", (Step(None, "transparent"), Step(1, BAD))),
                GATEWAY_COLUMN,
            ),
        ),
        alarm_table(
            Text("Đèn và tuyến có vấn đề", "Lamps and feeders in trouble"),
            q.standing_alarms(f"{q.HERE} AND {LAMP_ALARMS}"),
            leads=Leads.LAMP,
        ),
    ]


def _commands() -> list[Panel]:
    told = '"state" =~ /^(verified|failed|unknown|applied)$/'
    ended = f"{q.HERE} AND \"state\" != 'accepted'"
    many = (
        'SELECT count("state") AS "commands" FROM "light_command" '
        f'WHERE $timeFilter AND {ended} GROUP BY time(1h), "gateway" fill(none)'
    )
    rows = (
        'SELECT "target", "level", "state", "reason", "by", "source" FROM "light_command" '
        f'WHERE $timeFilter AND {q.HERE} AND {told} GROUP BY "gateway" ORDER BY time DESC LIMIT 200'
    )
    return [
        Panel(
            Kind.TABLE,
            Text("Lệnh và kết quả", "Commands and what became of them"),
            (Query(rows, table=True),),
            width=16,
            height=10,
            columns=(
                Column("target", Text("Đích", "Target")),
                Column("level", Text("Mức", "Level"), PERCENT, decimals=0),
                Column("state", Text("Kết quả", "Result"), names=STATES),
                Column("reason", Text("Lý do", "Reason")),
                Column("by", Text("Người", "By")),
                Column("source", Text("Qua", "By way of")),
                WHEN_COLUMN,
                GATEWAY_COLUMN,
            ),
        ),
        Panel(
            Kind.BARS,
            Text("Số lệnh mỗi giờ", "Commands by the hour"),
            (Query(many, "$tag_gateway"),),
            width=8,
            height=10,
            unit=NUMBER,
            stacked=True,
            low=0,
        ),
    ]
