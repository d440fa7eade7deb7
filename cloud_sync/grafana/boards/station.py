"""Air quality station detail: everything of one station, on the terms of the limits, with the weather."""

from collections.abc import Sequence

from cloud_sync.grafana import queries as q
from cloud_sync.grafana.boards.air import legend_panel, limit_panel, limits_of
from cloud_sync.grafana.boards.common import COMMUNE, GATEWAY, RESOLUTION, bands, label, unit
from cloud_sync.grafana.shapes import Board, Kind, Leads, Panel, Query, Row, Text, Town, Variable
from cloud_sync.grafana.units import MICROGRAMS

SINGLE = Variable(
    "device",
    Text("Trạm", "Station"),
    f'SHOW TAG VALUES FROM "air_index" WITH KEY = "device" WHERE {q.HERE}',
    several=False,
)
WEATHER = (
    "temperature",
    "relative_humidity",
    "wind_speed",
    "wind_direction",
    "rainfall",
    "atmospheric_pressure",
    "noise_laeq",
)
DUST = ("pm2_5", "pm2_5_corrected", "pm10")


def station_board(town: Town) -> Board:
    """The board of one station."""
    gases = [name for name in town.pollutants if name not in DUST]
    others = sorted({one.point for one in town.limits} - set(town.pollutants))
    return Board(
        slug="station",
        title=Text("Chi tiết trạm không khí", "Air quality station"),
        about=Text(
            "Một trạm: chỉ số, bụi thô và đã hiệu chỉnh, thời tiết, từng chất so với giới hạn của nó.",
            "One station: indices, dust raw and corrected, the weather, each pollutant against its limit.",
        ),
        rows=(
            Row(Text("Chỉ số", "Indices"), _indices(town)),
            Row(Text("Bụi", "Dust"), _dust(town)),
            Row(Text("Thời tiết và tiếng ồn", "Weather and noise"), _weather(town)),
            Row(Text("Khí và giới hạn", "Gases and limits"), _limits(town, gases), folded=True),
            Row(
                Text("Chất khác và giới hạn", "Other pollutants and limits"),
                _limits(town, others),
                folded=True,
            ),
        ),
        variables=(COMMUNE, GATEWAY, SINGLE, RESOLUTION),
        since="now-7d",
        refresh="5m",
    )


def _indices(town: Town) -> list[Panel]:
    parts = tuple(
        Query(q.over_time(f"aqi_vn_{name}", "air_index", how="max", step="1h", fill="none"), label(name))
        for name in town.pollutants
    )
    us = q.over_time("aqi_us", "air_index", how="max", step="1h", fill="none")
    return [
        Panel(
            Kind.SERIES,
            Text("VN_AQI: phần của từng chất", "VN_AQI: what each pollutant makes"),
            parts,
            width=16,
            height=10,
            steps=bands(town.bands),
            banded=True,
            low=0,
            leads=Leads.STATION,
        ),
        Panel(
            Kind.SERIES,
            Text("US AQI (thang riêng, tham khảo)", "US AQI (a scale of its own, indicative)"),
            (Query(us, "US AQI"),),
            width=8,
            height=10,
            steps=bands(town.us_bands),
            banded=True,
            low=0,
            about=Text(
                "Chỉ số của EPA Hoa Kỳ. Không so sánh với VN_AQI: hai thang khác nhau.",
                "The index of the US EPA. Not to be compared with VN_AQI: the scales differ.",
            ),
        ),
        legend_panel(town),
    ]


def _dust(town: Town) -> list[Panel]:
    known = set(town.derived.get("air_1h", ()))
    queries = tuple(
        Query(q.over_time(name, "air_1h", fill="none"), label(name)) for name in DUST if name in known
    )
    hours = Panel(
        Kind.SERIES,
        Text("Bụi, trung bình 1 giờ", "Dust, 1 h means"),
        queries,
        width=24,
        unit=MICROGRAMS,
        low=0,
        about=Text(
            "Không có giới hạn 1 giờ cho bụi mịn. Chỉ số dùng giá trị hiệu chỉnh khi trạm có hiệu chỉnh.",
            "No limit holds for fine dust over 1 h. A corrected value makes the index where there is one.",
        ),
    )
    return [hours, *_limits(town, [name for name in town.pollutants if name in DUST], 12)]


def _limits(town: Town, points: Sequence[str], width: int = 8) -> list[Panel]:
    return [limit_panel(one.point, one.term, town.limits, width) for one in limits_of(town, points)]


def _weather(town: Town) -> list[Panel]:
    known = set(town.derived.get("air_1h", ()))
    return [
        Panel(
            Kind.SERIES,
            label(name),
            (Query(q.over_time(name, "air_1h", fill="none"), label(name)),),
            width=6,
            unit=unit(name),
            dots=name == "wind_direction",
        )
        for name in WEATHER
        if name in known
    ]
