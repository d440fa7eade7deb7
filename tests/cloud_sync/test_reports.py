"""The officer's report on paper and as a table: the same numbers, all letters, in both languages."""

import csv
import io
import logging
import re
import time
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from pypdf import PdfReader

from cloud_sync.reports.pdf_air import pdf_of
from cloud_sync.reports.report_rows import HEADER, rows_of, write_csv
from cloud_sync.reports.report_words import Language, figure, on_paper
from edge.air.report import report_of
from edge.air.spans import HOUR_NS
from edge.config.air import Correction, CorrectionKind
from edge.core.air import Span, StationKind
from edge.core.air_report import AirReport, Period
from edge.core.vocabulary import vocabulary
from simulators.air_history import STATION
from simulators.nature import Scenario
from tests.air import month

JANUARY = date(2026, 1, 14)
MONTH_S = 10.0
CORRECTION = Correction(kind=CorrectionKind.LOCAL, version="2026.1", a=2, b=0.8)


@cache
def report(period: Period, kind: StationKind = StationKind.INDICATIVE, empty: bool = False) -> AirReport:
    """With a gap, a calibration, refused values and, in the smoke of straw, exceedances."""
    place = month.place(kind, (*STATION, "pm2_5_corrected"), CORRECTION)
    frame = month.frame(period, JANUARY)
    if empty:
        kept = month.kept_of(place, frame, {span: [] for span in Span})
        return report_of(place, "gw-ba-don", frame, kept, frame.end_ns, "9.9")
    found = month.simulated(frame.days[0], len(frame.days), Scenario.BURNING)
    begin_ns = frame.begin_ns
    gap, calibration = (5 * HOUR_NS, 8 * HOUR_NS), (13 * HOUR_NS, 13 * HOUR_NS + HOUR_NS // 3)
    minutes = month.minutes_of(
        found,
        [(begin_ns + gap[0], begin_ns + gap[1])],
        [(begin_ns + calibration[0], begin_ns + calibration[1])],
    )
    kept = month.kept_of(place, frame, month.means_from(place, minutes), month.some_checks(frame))
    return report_of(place, "gw-ba-don", frame, kept, frame.end_ns + HOUR_NS, "9.9")


def text_of(found: AirReport, language: Language = Language.VI) -> str:
    """All text of the PDF, with single spaces."""
    pages = PdfReader(io.BytesIO(pdf_of(found, language))).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


@pytest.mark.parametrize("period", Period)
def test_the_numbers_of_the_table_are_those_on_paper(period: Period):
    found = report(period)
    text = text_of(found)
    for section, item, what, value, _, _ in rows_of(found):
        shown = {
            "quantity": what in ("mean", "total", "high_1h", "completeness")
            or what == ("high_24h" if period is Period.MONTH else "low_1h"),
            "limit": what in ("highest", "means_judged"),
            "index_day": item == "vn_aqi",
            "index_hour": item == "vn_aqi",
            "check": True,
        }
        if value and shown.get(section):
            assert on_paper(value, Language.VI) in text, (section, item, what, value)
    for row in found.points:
        assert f"{row.hours_valid}/{row.hours}" in text


def test_the_table_has_one_width_and_can_be_read_back():
    file = io.StringIO()
    write_csv(report(Period.DAY), file)
    rows = list(csv.reader(io.StringIO(file.getvalue())))
    assert tuple(rows[0]) == HEADER
    assert {len(row) for row in rows} == {len(HEADER)}
    means = [float(row[3]) for row in rows if row[:2] == ["mean_1h", "pm10"] and row[3]]
    summary = {row[2]: row[3] for row in rows if row[:2] == ["quantity", "pm10"]}
    assert len(means) == int(summary["hours_valid"]) == 20
    assert float(summary["mean"]) == pytest.approx(sum(means) / len(means), abs=0.06)
    assert float(summary["high_1h"]) == max(means)


@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("language", Language)
def test_every_letter_is_in_the_font(period: Period, language: Language, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        pdf_of(report(period), language)
        pdf_of(report(period, empty=True), language)
    assert caplog.messages == []


def test_the_font_has_what_the_vocabulary_needs():
    from fontTools.ttLib import TTFont

    from cloud_sync.reports.pdf_fonts import fonts

    letters = {
        letter for known in vocabulary().values() for letter in known.vi + known.en + known.display
    } | set("ẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸăâđêôơưĂÂĐÊÔƠƯ")
    for content in fonts().values():
        known = TTFont(io.BytesIO(content)).getBestCmap()
        assert {letter for letter in letters if ord(letter) not in known} == set()


def test_an_indicative_station_says_so_and_why_on_every_page():
    found = report(Period.DAY)
    pages = PdfReader(io.BytesIO(pdf_of(found))).pages
    texts = [page.extract_text() for page in pages]
    assert all("THAM KHẢO" in text for text in texts)
    assert "Thông tư 10/2021/TT-BTNMT" in texts[0]
    certified = text_of(report(Period.DAY, StationKind.CERTIFIED))
    assert "THAM KHẢO" not in certified
    assert "(tham khảo)" not in certified


def test_the_paper_has_all_that_who_signs_it_must_see():
    text = text_of(report(Period.DAY))
    for wanted in (
        "BÁO CÁO CHẤT LƯỢNG KHÔNG KHÍ NGÀY",
        "DAILY AIR QUALITY REPORT",
        "Trạm không khí phường Ba Đồn",
        "gw-ba-don/ba-don",
        "17,75560° N · 106,42310° E",
        "local v2026.1",
        "QCVN 05:2023/BTNMT, 01/01/2026",
        "QCVN 05:2023/BTNMT, 12/09/2023",
        "Quyết định 1459/QĐ-TCMT (12/11/2019), bảng các giá trị BPi",
        "bị treo",
        "13:00 14/01/2026 – 13:20 14/01/2026",
        "Hoa gió",
        "Gianh 9.9",
        "Người lập",
        "Trang 1/",
        "75 %",
    ):
        assert wanted in text, wanted
    assert "US AQI" not in text


def test_english_alone_has_no_vietnamese_but_names():
    text = text_of(report(Period.MONTH), Language.EN)
    assert "MONTHLY AIR QUALITY REPORT" in text
    assert "INDICATIVE" in text
    for word in ("BÁO CÁO", "Giới hạn", "Trung bình", "Trang"):
        assert word not in text


@pytest.mark.parametrize("period", Period)
def test_a_period_without_data_says_so(period: Period):
    text = text_of(report(period, empty=True))
    assert "Không có số liệu hợp lệ nào" in text
    assert "There is no valid data" in text
    assert "0/24" in text or "0/744" in text


def test_a_month_is_written_within_its_time():
    found = report(Period.MONTH)
    began_s = time.perf_counter()
    pdf_of(found)
    assert time.perf_counter() - began_s < MONTH_S


def test_figures_have_the_decimals_of_their_quantity_and_no_negative_zero():
    assert figure("pm2_5", 45.25) == "45.2"
    assert figure("relative_humidity", 79.6) == "80"
    assert figure("temperature", -0.04) == "0.0"
    assert figure("temperature", -3.25) == "-3.2"
    assert figure("pm2_5", None) == ""
    assert on_paper("45.2", Language.VI) == "45,2"


def test_what_is_held_against_a_limit_at_reference_conditions_says_so_in_its_unit():
    found = report(Period.DAY)
    (row,) = [row for row in found.limits if row.limit_point == "pm10"]
    held = replace(row, conversion="Nm3 v1")
    for one, unit in ((row, "µg/m³"), (held, "µg/Nm³")):
        told = replace(found, limits=(one,))
        limits = [line for line in rows_of(told) if line[0] == "limit"]
        assert {line[4] for line in limits if line[2] in (row.source, "highest", "over")} == {unit}
        assert f"{on_paper(f'{row.limit:g}', Language.VI)} {unit}" in text_of(told)
