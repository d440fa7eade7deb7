"""What the panels of the air show: limits of the day, gaps as gaps, reports made aside and one at a time."""

import asyncio
import dataclasses
from datetime import date, datetime
from typing import Any

import pytest

from edge.air.limits import Standard, limits_on
from edge.console.panels import reports
from edge.console.panels.air_panel import panel_of
from edge.console.panels.air_series import Window, needs_of, series_of
from edge.console.panels.reports import Order, Paper, ReportDesk
from edge.core.air import Index, Mean, MeanValue, Span, StationKind, StationState
from edge.core.air_report import Period
from edge.core.air_rows import columns_of
from edge.core.days import day_written, month_written
from edge.core.errors import Busy, ConfigError, TransientError
from tests.air.month import ZONE, cut, frame, kept_of, means_from, minutes_of, place, simulated

FIRST = date(2026, 3, 1)
HOUR_NS = 3600 * 1_000_000_000


def ns(*moment: int) -> int:
    return round(datetime(*moment, tzinfo=ZONE).timestamp()) * 1_000_000_000  # type: ignore[misc,arg-type]


@pytest.fixture(scope="module")
def means() -> dict[Span, list[Mean]]:
    gap = (ns(2026, 3, 10, 6), ns(2026, 3, 11, 6))
    return means_from(place(), minutes_of(simulated(FIRST, 31), gaps=[gap]))


def series(means: dict[Span, list[Mean]], window: Window, now_ns: int) -> Any:
    columns = {
        span: cut(columns_of(means[span]), *bounds) for span, bounds in needs_of(window, now_ns).items()
    }
    return series_of(place(), window, columns, now_ns)


def test_thirty_days_have_a_daily_index_alone_and_gaps_are_null(means: dict[Span, list[Mean]]) -> None:
    now_ns = ns(2026, 3, 31, 9, 20)
    found = series(means, Window.MONTH, now_ns)
    assert (found.span, len(found.ends), found.index.scheme) == ("1h", 720, "vn_day")
    assert found.ends[-1] * 1_000_000 == ns(2026, 3, 31, 9)
    dust = next(line for line in found.lines if line.point == "pm2_5")
    missing = [end for end, value in zip(found.ends, dust.values, strict=True) if value is None]
    assert ns(2026, 3, 10, 12) // 1_000_000 in missing
    assert dust.complete == pytest.approx(1 - len(missing) / 720, abs=1e-4)
    assert 0.9 < dust.complete < 1
    assert len(found.index.ends) == 30
    days = dict(zip(found.index.ends, found.index.values, strict=True))
    assert days[ns(2026, 3, 9) // 1_000_000] is not None
    assert found.rose is not None
    assert len(found.rose.counts) == 16


def test_a_day_is_drawn_finely_and_its_index_is_hourly(means: dict[Span, list[Mean]]) -> None:
    found = series(means, Window.DAY, ns(2026, 3, 20, 9, 22))
    assert (found.span, len(found.ends), found.index.scheme) == ("5m", 288, "vn_hour")
    assert len(found.index.ends) == 24
    assert all(value is not None for value in found.index.values)
    assert found.index.ends[-1] * 1_000_000 == ns(2026, 3, 20, 9)


def test_a_station_without_a_past_has_no_lines_and_no_index() -> None:
    found = series_of(place(), Window.DAY, {}, ns(2026, 3, 20, 9))
    assert (found.lines, found.rose, set(found.index.values)) == ([], None, {None})


def state(**given: Any) -> StationState:
    return StationState(
        "ba-don", "Ba Đồn", given.pop("kind", StationKind.INDICATIVE), None, None, None, False, **given
    )


def limits(day: date) -> list[Any]:
    return [*limits_on(day, Standard.QCVN), *limits_on(day, Standard.WHO)]


@pytest.mark.parametrize(("day", "law"), [(date(2025, 12, 31), 50.0), (date(2026, 1, 1), 45.0)])
def test_a_mean_is_held_against_the_limits_of_its_own_term_and_day(day: date, law: float) -> None:
    hour = Mean("ba-don", Span.HOUR, HOUR_NS, (("pm2_5", MeanValue(80.0, 1.0)),))
    whole = Mean("ba-don", Span.DAY, HOUR_NS, (("pm2_5", MeanValue(47.0, 1.0)),))
    panel = panel_of("gw", place(), state(means=(hour, whole)), limits(day))
    dust = next(one for one in panel.quantities if one.point == "pm2_5")
    found = {(one.standard, one.span): (one.value, one.exceeded) for one in dust.limits if one.span == "24h"}
    assert found == {("qcvn", "24h"): (law, law < 47), ("who", "24h"): (15.0, True)}
    assert not any(one.span == "1h" for one in dust.limits), "there is no limit for particles over one hour"


def test_what_is_covered_too_little_is_no_value_and_exceeds_nothing() -> None:
    whole = Mean("ba-don", Span.DAY, HOUR_NS, (("pm10", MeanValue(300.0, 0.7)),))
    panel = panel_of("gw", place(), state(means=(whole,)), limits(date(2026, 3, 1)))
    dust = next(one for one in panel.quantities if one.point == "pm10")
    assert (dust.means["24h"].value, dust.means["24h"].coverage) == (None, 0.7)
    assert {one.exceeded for one in dust.limits} == {None}


def test_the_law_counts_in_nm3_and_the_panel_says_from_what_air() -> None:
    warm = MeanValue(38.0, 1.0)
    whole = Mean("ba-don", Span.DAY, HOUR_NS, (("pm2_5", MeanValue(44.0, 1.0)), ("temperature", warm)))
    there = dataclasses.replace(place(), ambient=("pm2_5",))
    panel = panel_of("gw", there, state(means=(whole,)), limits(date(2026, 3, 1)))
    dust = next(one for one in panel.quantities if one.point == "pm2_5")
    law, advice = (next(one for one in dust.limits if one.standard == name) for name in ("qcvn", "who"))
    assert law.held == pytest.approx(44.0 * (273.15 + 38) / 298.15)
    assert law.exceeded is True
    assert "38.0 °C" in law.conversion
    assert (advice.held, advice.conversion) == (44.0, "")


@pytest.mark.parametrize("kind", list(StationKind))
def test_only_an_indicative_station_is_for_reference(kind: StationKind) -> None:
    index = Index("vn_hour", HOUR_NS, 120, (("pm2_5", 120),), "pm2_5", "poor")
    panel = panel_of("gw", place(kind), state(kind=kind, indices=(index,)), [])
    assert panel.standing == ("tham khảo" if kind is StationKind.INDICATIVE else "")
    category = panel.indices[0].category
    assert category is not None
    assert (category.name.vi, category.colour) == ("Kém", "#ff7e00")
    assert category.general.vi


def order(means: dict[Span, list[Mean]], paper: Paper) -> Order:
    month = frame(Period.MONTH, FIRST)
    return Order(place(), "gw", month, kept_of(place(), month, means), ns(2026, 4, 1), "0", paper, "vi")


async def test_a_report_is_made_by_another_process_and_only_one_at_a_time(
    means: dict[Span, list[Mean]],
) -> None:
    desk = ReportDesk()
    first = asyncio.ensure_future(desk.make(order(means, Paper.PDF)))
    await asyncio.sleep(0)
    with pytest.raises(Busy, match="another report"):
        await desk.make(order(means, Paper.CSV))
    assert (await first).startswith(b"%PDF-")
    table = (await desk.make(order(means, Paper.CSV))).decode("utf-8-sig")
    assert table.startswith("section,item,what,value,unit,time_utc")
    assert "Trạm không khí phường Ba Đồn" in table


async def test_a_child_that_fails_lets_the_next_one_in_and_says_where_to_look(
    means: dict[Span, list[Mean]], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = ReportDesk("no.such.module")
    for _ in range(2):
        with pytest.raises(TransientError, match="gianh air report"):
            await desk.make(order(means, Paper.CSV))

    async def lacking(*_: object) -> tuple[int, bytes]:
        return reports.LACKS_LIBRARY, b""

    monkeypatch.setattr(reports, "worked", lacking)
    with pytest.raises(ConfigError, match=r"gianh\[reports\]"):
        await desk.make(order(means, Paper.PDF))


@pytest.mark.parametrize("text", ["2026-13", "march", "", "2026-02-30", "1812-01-01", "../../x"])
def test_what_is_no_day_is_said_in_words(text: str) -> None:
    with pytest.raises(ConfigError):
        (day_written if text.count("-") == 2 else month_written)(text, "--date")
