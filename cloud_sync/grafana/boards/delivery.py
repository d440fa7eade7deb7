"""Data delivery: what waits, what was refused, what was dropped. Nothing may be lost unseen."""

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
    WHEN_COLUMN,
    device_of,
    label,
    stat,
)
from cloud_sync.grafana.shapes import Board, Column, Kind, Leads, Panel, Query, Row, Step, Text, Town
from cloud_sync.grafana.units import NUMBER

NOTHING_LOST = (Step(None, GOOD), Step(1, BAD))
UP = (Step(None, BAD, Text("Không nhận", "Down")), Step(1, GOOD, Text("Đang nhận", "Takes data")))


def delivery_board(town: Town) -> Board:
    """The board of the way from the gateways to here."""
    return Board(
        slug="delivery",
        title=Text("Truyền dữ liệu", "Data delivery"),
        about=Text(
            "Dòng nào đang chờ, đích nào từ chối, có gì bị bỏ vì đầy đĩa không.",
            "Which rows wait, which target refuses, whether anything was dropped by the disk cap.",
        ),
        rows=(Row(Text("Bây giờ", "Now"), _now()), Row(Text("Diễn biến", "Over time"), _over_time())),
        variables=(COMMUNE, GATEWAY, device_of("delivery"), RESOLUTION),
    )


def _now() -> list[Panel]:
    waiting = (Step(None, GOOD), Step(10_000, WARN), Step(1_000_000, BAD))
    down = (
        'SELECT count("up") - sum("up") AS "down" FROM (SELECT last("delivery_up") AS "up" FROM "delivery" '
        f'WHERE $timeFilter AND {q.DEVICE} GROUP BY "gateway", "device")'
    )
    return [
        stat(
            Text("Dòng đang chờ", "Rows that wait"),
            q.latest("store_pending", "delivery", where=q.DEVICE),
            steps=waiting,
            recent="10m",
            width=6,
        ),
        stat(Text("Đích không nhận", "Targets down"), down, steps=NOTHING_LOST, recent="10m", width=6),
        stat(
            Text("Dòng bị bỏ vì đầy đĩa", "Rows dropped by the disk cap"),
            q.latest("store_dropped", "gateway"),
            steps=NOTHING_LOST,
            width=6,
        ),
        stat(
            Text("Dòng bị đích từ chối", "Rows that a target refused"),
            q.latest("store_quarantined", "gateway"),
            steps=(Step(None, GOOD), Step(1, FAIR)),
            width=6,
            about=Text(
                "Nằm trong kho cách ly: `gianh sync quarantine` cho xem và gửi lại.",
                "They are in quarantine: `gianh sync quarantine` shows them and offers them again.",
            ),
        ),
    ]


def _over_time() -> list[Panel]:
    by, alias = q.EACH, q.NAMED
    return [
        Panel(
            Kind.STATES,
            Text("Đích có nhận không", "Whether the targets take data"),
            (Query(q.over_time("delivery_up", "delivery", by=by, how="min"), alias),),
            width=24,
            height=6,
            steps=UP,
            leads=Leads.GATEWAY,
        ),
        Panel(
            Kind.SERIES,
            Text("Dòng chờ theo đích", "Rows that wait, by target"),
            (Query(q.over_time("store_pending", "delivery", by=by, how="max"), alias),),
            width=12,
            height=9,
            unit=NUMBER,
            low=0,
            leads=Leads.GATEWAY,
        ),
        Panel(
            Kind.SERIES,
            label("rows_delivered"),
            (Query(q.growth("rows_delivered", "delivery", by=by, where=q.DEVICE), alias),),
            width=12,
            height=9,
            unit=NUMBER,
            low=0,
            leads=Leads.GATEWAY,
        ),
        _gaps(),
    ]


def _gaps() -> Panel:
    gaps = (
        'SELECT "gap_text", "gap_count", "gap_target" FROM "gateway" '
        f'WHERE $timeFilter AND {q.HERE} AND "gap_count" > 0 GROUP BY "gateway" ORDER BY time DESC LIMIT 100'
    )
    return Panel(
        Kind.TABLE,
        Text("Khoảng trống: những gì đã bị bỏ", "Gaps: what was dropped"),
        (Query(gaps, table=True),),
        width=24,
        height=8,
        leads=Leads.GATEWAY,
        columns=(
            GATEWAY_COLUMN,
            Column("gap_text", Text("Nội dung", "What happened")),
            Column("gap_count", Text("Số dòng", "Rows"), NUMBER, decimals=0),
            Column("gap_target", Text("Đích", "Target")),
            WHEN_COLUMN,
        ),
    )
