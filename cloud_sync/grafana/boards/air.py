"""Air quality for officers: the index of every station, and the means that are held against limits.

VN_AQI alone: the US index has its own scale and its own board's place, never one axis for both.
"""

from collections.abc import Sequence

from cloud_sync.grafana import queries as q
from cloud_sync.grafana.boards.common import (
    COMMUNE,
    DEVICE_COLUMN,
    GATEWAY,
    GATEWAY_COLUMN,
    RESOLUTION,
    alarm_table,
    bands,
    column,
    device_of,
    label,
    limit_steps,
    limit_words,
    of_kinds,
)
from cloud_sync.grafana.shapes import Board, Column, Kind, Leads, LimitLine, Panel, Query, Row, Text, Town
from cloud_sync.grafana.units import MICROGRAMS
from edge.core.alarms import AlarmKind

INDICATIVE = Text(
    "Trạm có chữ tham khảo chưa được kiểm định: chỉ số của nó không dùng để công bố (Thông tư 10/2021).",
    "Stations marked tham khảo are indicative: their index may not feed the public one (Circular 10/2021).",
)
AIR_ALARMS = of_kinds(
    AlarmKind.LIMIT_EXCEEDED, AlarmKind.SENSOR_STUCK, AlarmKind.SENSOR_DRIFT, AlarmKind.STATION_SILENT
)
TERM_WORDS = {
    "1h": Text("trung bình 1 giờ", "1 h mean"),
    "8h": Text("trung bình 8 giờ", "8 h mean"),
    "24h": Text("trung bình 24 giờ", "24 h mean"),
}


def air_board(town: Town) -> Board:
    """The officers' board."""
    return Board(
        slug="air",
        title=Text("Chất lượng không khí", "Air quality"),
        about=Text(
            "VN_AQI của mọi trạm (Quyết định 1459/QĐ-TCMT), trung bình so với QCVN 05:2023/BTNMT.",
            "VN_AQI of all stations (Decision 1459/QĐ-TCMT), means against QCVN 05:2023/BTNMT.",
        ),
        rows=(
            Row(Text("VN_AQI", "VN_AQI"), _index(town)),
            Row(Text("So với giới hạn", "Against the limits"), _limits(town)),
            Row(Text("Cảnh báo và trạm", "Alarms and stations"), _stations()),
        ),
        variables=(COMMUNE, GATEWAY, device_of("air_index"), RESOLUTION),
        since="now-7d",
        refresh="5m",
    )


def legend_panel(town: Town, width: int = 24) -> Panel:
    """The bands with their names."""

    def spoken(language: str) -> str:
        cells = []
        for at, band in enumerate(town.bands):
            last = at + 1 == len(town.bands)
            high = "" if last else f"–{town.bands[at + 1].low - 1:g}"
            name = band.name.vi if language == "vi" else band.name.en
            cells.append(f'<span style="color:{band.colour}">⬤</span> {band.low:g}{high or "+"} {name}')
        return " &nbsp; ".join(cells)

    content = Text(f"{spoken('vi')}\n\n{INDICATIVE.vi}", f"{spoken('en')}\n\n{INDICATIVE.en}")
    return Panel(
        Kind.TEXT, Text("Thang VN_AQI", "The scale of VN_AQI"), width=width, height=4, content=content
    )


def limit_panel(
    point: str, term: str, lines: tuple[LimitLine, ...], width: int = 8, height: int = 9
) -> Panel:
    """The means of a point over the very term of a limit, with the limit."""
    words = TERM_WORDS[term]
    name = label(point)
    return Panel(
        Kind.SERIES,
        Text(f"{name.vi}: {words.vi}", f"{name.en}: {words.en}"),
        (Query(q.over_time(point, f"air_{term}", how="max", fill="none"), q.NAMED),),
        width=width,
        height=height,
        unit=MICROGRAMS,
        steps=limit_steps(lines, point, term),
        low=0,
        dots=term == "24h",
        about=limit_words(lines, point, term),
        leads=Leads.STATION,
    )


def _index(town: Town) -> list[Panel]:
    now = q.latest_of_each('last("aqi_vn") AS "aqi_vn"', "air_index", q.DEVICE)
    hours = q.over_time("aqi_vn", "air_index", how="max", step="1h", fill="none")
    return [
        Panel(
            Kind.GAUGES,
            Text("VN_AQI bây giờ", "VN_AQI now"),
            (Query(now, q.NAMED),),
            width=8,
            height=9,
            steps=bands(town.bands),
            low=0,
            high=300,
            about=INDICATIVE,
            leads=Leads.STATION,
            recent="24h",
        ),
        Panel(
            Kind.SERIES,
            Text("VN_AQI theo giờ", "VN_AQI by the hour"),
            (Query(hours, q.NAMED),),
            width=16,
            height=9,
            steps=bands(town.bands),
            banded=True,
            low=0,
            about=INDICATIVE,
            leads=Leads.STATION,
        ),
        legend_panel(town),
        Panel(
            Kind.STATES,
            Text("Mức VN_AQI của từng trạm", "Category of VN_AQI of each station"),
            (Query(hours, q.NAMED),),
            width=24,
            height=6,
            steps=bands(town.bands),
            leads=Leads.STATION,
        ),
    ]


def _limits(town: Town) -> list[Panel]:
    """Every limit of a pollutant of the index, each on its own term."""
    return [limit_panel(one.point, one.term, town.limits) for one in limits_of(town, town.pollutants)]


def limits_of(town: Town, points: Sequence[str]) -> list[LimitLine]:
    """The limits of these pollutants that some station can be held against, in the order of `points`."""
    known = set(town.derived.get("air_1h", ()))
    found = [
        one for one in town.limits if one.point in points and one.point in known and one.term in TERM_WORDS
    ]
    return sorted(found, key=lambda one: points.index(one.point))


def _stations() -> list[Panel]:
    standing = q.latest_of_each(
        '"aqi_vn", "standing", "correction"', "air_index", f'{q.DEVICE} AND "aqi_vn" >= 0'
    )
    rows = f"{standing} ORDER BY time DESC LIMIT 1"
    return [
        Panel(
            Kind.TABLE,
            Text("Trạm", "Stations"),
            (Query(rows, table=True),),
            width=10,
            leads=Leads.STATION,
            columns=(
                DEVICE_COLUMN,
                column("aqi_vn", decimals=0),
                Column("standing", Text("Giá trị pháp lý", "Standing")),
                Column("correction", Text("Hiệu chỉnh PM2.5", "Correction of PM2.5")),
                GATEWAY_COLUMN,
            ),
        ),
        alarm_table(
            Text("Vượt giới hạn, cảm biến có vấn đề", "Above limits, sensors in trouble"),
            q.standing_alarms(f"{q.HERE} AND {AIR_ALARMS}"),
            width=14,
            height=8,
            leads=Leads.STATION,
        ),
    ]
