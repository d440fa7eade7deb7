"""The tables of an air report: quantities, limits, quality."""

from zoneinfo import ZoneInfo

from cloud_sync.reports.pdf_sheet import Column, Sheet
from cloud_sync.reports.report_rows import percent
from cloud_sync.reports.report_words import (
    CHECKS,
    NOTHING,
    SPANS,
    Language,
    day_text,
    figure,
    label_of,
    limit_unit_of,
    on_paper,
    one_of,
    time_text,
    unit_of,
)
from edge.core.air_report import AirReport, LimitCheck, Peak, Period, PointSummary, Said

OVER_MAX = 40
"""So many exceedances are listed on paper; the table beside it has them all."""

CALIBRATIONS_MAX = 20


def points(sheet: Sheet, report: AirReport) -> None:
    """Means, extremes and completeness of each quantity."""
    sheet.heading(Said("Trung bình, cực trị và mức đầy đủ", "Means, extremes and completeness"))
    is_month = report.period is Period.MONTH
    last = Said("Cực đại 24 giờ", "Max 24 h") if is_month else Said("Cực tiểu 1 giờ", "Min 1 h")
    columns = (
        Column(Said("Thông số", "Quantity"), 50, "L"),
        Column(Said("Đơn vị", "Unit"), 15, "L"),
        Column(Said("Trung bình", "Mean"), 19),
        Column(last, 23),
        Column(Said("Cực đại 1 giờ", "Max 1 h"), 21),
        Column(Said("lúc", "at"), 26, "C"),
        Column(Said("Giờ hợp lệ", "Valid hours"), 26),
    )
    lacking = {number for number, row in enumerate(report.points) if not row.is_complete}
    sheet.rows(columns, [_point(sheet.language, report, row) for row in report.points], lacking)
    if lacking:
        sheet.say(
            Said(
                "Dòng đỏ: không đủ 75 % số giờ hợp lệ, số liệu không đại diện cho kỳ báo cáo.",
                "Red rows: fewer than 75 % of the hours are valid; they do not stand for the period.",
            ),
            7,
        )
    if any(row.is_total for row in report.points):
        sheet.say(Said("Σ: tổng của kỳ báo cáo.", "Σ: the sum over the period."), 7)


def _point(language: Language, report: AirReport, row: PointSummary) -> list[str]:
    other = row.day_high if report.period is Period.MONTH else row.low
    mean = on_paper(figure(row.point, row.mean), language)
    return [
        label_of(row.point, language),
        on_paper(unit_of(row.point), language),
        f"Σ {mean}" if row.is_total and row.mean is not None else mean,
        _value(row.point, other, language),
        _value(row.point, row.high, language),
        _at(row.high, report, language),
        f"{row.hours_valid}/{row.hours} ({on_paper(percent(row.completeness), language)} %)",
    ]


def limits(sheet: Sheet, report: AirReport) -> None:
    """What was held against the limits in force, and what was over."""
    sheet.heading(Said("So với giới hạn của QCVN", "Against the limits of QCVN"))
    if not report.limits:
        sheet.say(
            Said(
                "Không có giới hạn nào cho các thông số này trong kỳ báo cáo.",
                "There is no limit for these quantities in the period.",
            )
        )
        return
    columns = (
        Column(Said("Thông số", "Quantity"), 44, "L"),
        Column(Said("Trung bình", "Mean over"), 18, "C"),
        Column(Said("Giới hạn", "Limit"), 26),
        Column(Said("Nguồn, hiệu lực từ", "Source, in force from"), 44, "L"),
        Column(Said("Vượt/đánh giá", "Over/judged"), 22),
        Column(Said("Cao nhất", "Highest"), 26),
    )
    rows = [_limit(sheet.language, row) for row in report.limits]
    sheet.rows(columns, rows, {number for number, row in enumerate(report.limits) if row.over})
    over = [(row, peak) for row in report.limits for peak in row.over]
    if not over:
        none = Said("Không có giá trị nào vượt giới hạn.", "Nothing exceeded a limit.")
        sheet.say(none, 8, bold=True)
        return
    columns = (
        Column(Said("Vượt giới hạn", "Exceedance"), 50, "L"),
        Column(Said("Trung bình", "Mean over"), 20, "C"),
        Column(Said("kết thúc lúc", "ending at"), 34, "C"),
        Column(Said("Giá trị", "Value"), 26),
        Column(Said("Giới hạn", "Limit"), 26),
        Column(Said("% giới hạn", "% of limit"), 24),
    )
    sheet.rows(columns, [_over(sheet.language, report, *one) for one in over[:OVER_MAX]])
    if len(over) > OVER_MAX:
        more = len(over) - OVER_MAX
        sheet.say(Said(f"và {more} lần nữa: xem bảng CSV.", f"and {more} more: see the CSV."), 7)


def _limit(language: Language, row: LimitCheck) -> list[str]:
    return [
        label_of(row.point, language),
        one_of(SPANS[row.span], language),
        f"{on_paper(f'{row.limit:g}', language)} {limit_unit_of(row)}",
        f"{row.source}, {day_text(row.from_day, language)}",
        f"{len(row.over)}/{row.judged}",
        _with_unit(row, row.highest, language),
    ]


def _over(language: Language, report: AirReport, row: LimitCheck, peak: Peak) -> list[str]:
    return [
        label_of(row.point, language),
        one_of(SPANS[row.span], language),
        _at(peak, report, language),
        _with_unit(row, peak, language),
        f"{on_paper(f'{row.limit:g}', language)} {limit_unit_of(row)}",
        f"{on_paper(f'{100 * peak.value / row.limit:.0f}', language)} %",
    ]


def checks(sheet: Sheet, report: AirReport) -> None:
    """What quality control refused, and when the station was being calibrated."""
    sheet.heading(Said("Kiểm soát chất lượng số liệu", "Quality control of the data"))
    if not report.judged:
        sheet.say(
            Said(
                "Không có số đếm của kiểm soát chất lượng cho kỳ này.",
                "There are no counts of quality control for this period.",
            )
        )
    elif not report.refused:
        sheet.say(
            Said(
                f"Đã kiểm tra {report.judged} lần đọc: không có giá trị nào bị loại hay nghi ngờ.",
                f"{report.judged} readings were checked: none was refused or suspected.",
            )
        )
    else:
        sheet.say(
            Said(
                f"Đã kiểm tra {report.judged} lần đọc; giá trị bị loại không được đưa vào trung bình.",
                f"{report.judged} readings were checked; refused values go into no mean.",
            )
        )
        sheet.ln(1)
        _refused(sheet, report)
    _calibrations(sheet, report)


def _refused(sheet: Sheet, report: AirReport) -> None:
    columns = (
        Column(Said("Thông số", "Quantity"), 60, "L"),
        Column(Said("Phép kiểm tra", "Check"), 60, "L"),
        Column(Said("Bị loại", "Refused"), 30),
        Column(Said("Nghi ngờ", "Suspected"), 30),
    )
    rows = [
        [
            label_of(row.point, sheet.language),
            one_of(CHECKS[row.check], sheet.language) if row.check in CHECKS else row.check,
            str(row.refused),
            str(row.suspicious),
        ]
        for row in report.refused
    ]
    sheet.rows(columns, rows)


def _calibrations(sheet: Sheet, report: AirReport) -> None:
    zone = ZoneInfo(report.zone)
    if not report.calibrations:
        sheet.say(Said("Hiệu chuẩn: không có trong kỳ này.", "Calibration: none in this period."))
        return
    sheet.room(9)
    shown = report.calibrations[:CALIBRATIONS_MAX]
    more = len(report.calibrations) - len(shown)
    texts = [
        "; ".join(
            f"{time_text(one.from_ns, zone, language)} – {time_text(one.to_ns, zone, language)}"
            for one in shown
        )
        + (f" (+{more})" if more else "")
        for language in (Language.VI, Language.EN)
    ]
    sheet.say(
        Said(
            f"Hiệu chuẩn (không đưa vào trung bình giờ): {texts[0]}.",
            f"Calibration (left out of hourly means): {texts[1]}.",
        )
    )


def _value(point: str, peak: Peak | None, language: Language) -> str:
    return on_paper(figure(point, peak.value), language) if peak is not None else NOTHING


def _with_unit(row: LimitCheck, peak: Peak | None, language: Language) -> str:
    return f"{_value(row.point, peak, language)} {limit_unit_of(row)}" if peak is not None else NOTHING


def _at(peak: Peak | None, report: AirReport, language: Language) -> str:
    return NOTHING if peak is None else time_text(peak.end_ns, ZoneInfo(report.zone), language)
