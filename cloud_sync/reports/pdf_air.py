"""An officer's report on a station's air as PDF, A4, Vietnamese first."""

from pathlib import Path
from zoneinfo import ZoneInfo

from cloud_sync.reports import pdf_index, pdf_plots, pdf_tables
from cloud_sync.reports.pdf_sheet import GREY, MARGIN_MM, RED, WIDTH_MM, Sheet
from cloud_sync.reports.report_method import method_of
from cloud_sync.reports.report_rows import percent
from cloud_sync.reports.report_words import (
    EMPTY,
    KINDS,
    STANDING,
    TITLES,
    WHY_INDICATIVE,
    Language,
    day_text,
    local,
    on_paper,
    one_of,
    short_of,
    time_text,
)
from edge.core.air import StationKind
from edge.core.air_report import AirReport, Period, Said

SIGN_MM = 34.0
PARAGRAPH_MM, LAST_MM = 15.0, 8.0


def write_pdf(report: AirReport, path: Path, language: Language = Language.VI) -> None:
    """Write the report; raises OSError."""
    Path(path).write_bytes(pdf_of(report, language))


def pdf_of(report: AirReport, language: Language = Language.VI) -> bytes:
    """The report as the bytes of a PDF."""
    subject, period = report.subject, _period(report, language)
    title = f"{one_of(TITLES[report.period], language)} – {subject.title} – {period}"
    made = time_text(report.made_ns, ZoneInfo(report.zone), language)
    foot = Said(
        f"Gianh {report.version} · {subject.gateway}/{subject.station} · lập lúc {made}",
        f"Gianh {report.version} · {subject.gateway}/{subject.station} · made at {made}",
    )
    standing = f" – {one_of(STANDING, language)}" if subject.kind is StationKind.INDICATIVE else ""
    sheet = Sheet(language, title, title + standing, foot, report.made_ns)
    _title(sheet, report, period)
    if report.is_empty:
        sheet.ln(4)
        sheet.say(EMPTY[report.period], 11, RED, bold=True)
        sheet.ln(4)
    else:
        _index(sheet, report)
    pdf_tables.points(sheet, report)
    if not report.is_empty:
        pdf_tables.limits(sheet, report)
        pdf_plots.plots(sheet, report)
    pdf_tables.checks(sheet, report)
    _method(sheet, report)
    _signatures(sheet)
    return bytes(sheet.output())


def _title(sheet: Sheet, report: AirReport, period: str) -> None:
    subject = report.subject
    sheet.ink(14, bold=True)
    sheet.cell(WIDTH_MM, 7, one_of(TITLES[report.period], sheet.language), align="C")
    sheet.ln(7)
    if sheet.language is Language.VI:
        sheet.ink(8.5, GREY)
        sheet.cell(WIDTH_MM, 4, TITLES[report.period].en, align="C")
        sheet.ln(4.5)
    sheet.ink(11, bold=True)
    sheet.cell(WIDTH_MM, 6, f"{subject.title} – {period}", align="C")
    sheet.ln(8)
    if subject.kind is StationKind.INDICATIVE:
        _standing(sheet)
    for name, text in _facts(report, sheet.language):
        sheet.ink(8, GREY)
        sheet.cell(34, 4.4, one_of(name, sheet.language))
        sheet.ink(8)
        sheet.cell(WIDTH_MM - 34, 4.4, text)
        sheet.ln(4.4)


def _standing(sheet: Sheet) -> None:
    """The frame that nobody can overlook: this is no public index."""
    top = sheet.get_y()
    sheet.set_xy(MARGIN_MM + 2, top + 1)
    sheet.ink(10.5, RED, bold=True)
    sheet.cell(WIDTH_MM, 5, one_of(STANDING, sheet.language))
    if sheet.language is Language.VI:
        sheet.set_x(MARGIN_MM + 33)
        sheet.ink(7.5, GREY)
        sheet.cell(60, 5.3, STANDING.en)
    sheet.set_xy(MARGIN_MM + 2, top + 6.2)
    sheet.set_margins(MARGIN_MM + 2, MARGIN_MM, MARGIN_MM + 2)
    sheet.ink(7.5)
    sheet.paragraph(one_of(WHY_INDICATIVE, sheet.language), 7.5)
    if sheet.language is Language.VI:
        sheet.ink(6.5, GREY)
        sheet.paragraph(WHY_INDICATIVE.en, 6.5)
    sheet.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
    bottom = sheet.get_y() + 1
    sheet.set_draw_color(*RED)
    sheet.set_line_width(0.4)
    sheet.rect(MARGIN_MM, top, WIDTH_MM, bottom - top)
    sheet.set_xy(MARGIN_MM, bottom + 2)


def _facts(report: AirReport, language: Language) -> list[tuple[Said, str]]:
    subject, zone = report.subject, ZoneInfo(report.zone)
    place = [subject.commune] if subject.commune else []
    if subject.latitude is not None and subject.longitude is not None:
        place.append(on_paper(f"{subject.latitude:.5f}", language) + "° N")
        place.append(on_paper(f"{subject.longitude:.5f}", language) + "° E")
    begin, end = (time_text(at_ns, zone, language) for at_ns in (report.begin_ns, report.end_ns))
    until = time_text(report.through_ns, zone, language)
    none = Said("không", "none")
    facts = [
        (Said("Trạm", "Station"), f"{subject.title} ({subject.gateway}/{subject.station})"),
        (Said("Loại trạm", "Kind"), one_of(KINDS[subject.kind], language)),
        (Said("Địa điểm, toạ độ", "Place, coordinates"), " · ".join(place) or "–"),
        (Said("Thiết bị", "Devices"), ", ".join(subject.devices)),
        (Said("Hiệu chỉnh PM2.5", "PM2.5 correction"), subject.correction or one_of(none, language)),
        (Said("Thời gian", "Time"), f"{begin} – {end} ({report.zone})"),
    ]
    if not report.is_whole:
        not_over = Said(
            f"kỳ báo cáo chưa kết thúc: số liệu đến {until}", f"the period is not over: data until {until}"
        )
        facts.append((Said("Lưu ý", "Note"), one_of(not_over, language)))
    return facts


def _index(sheet: Sheet, report: AirReport) -> None:
    indicative = report.subject.kind is StationKind.INDICATIVE
    vi, en = (" (tham khảo)", " (indicative)") if indicative else ("", "")
    name = report.index_title
    if report.period is Period.MONTH:
        sheet.heading(Said(f"Lịch chỉ số {name} ngày{vi}", f"Calendar of daily {name}{en}"), 60)
        pdf_index.calendar(sheet, report)
        pdf_index.shades(sheet, report)
        _categories(sheet, report)
        return
    sheet.heading(Said(f"Chỉ số {name} ngày và giờ{vi}", f"{name} of the day and its hours{en}"), 50)
    _day_index(sheet, report)
    pdf_index.hours_of_day(sheet, report)
    pdf_index.shades(sheet, report)


def _day_index(sheet: Sheet, report: AirReport) -> None:
    cell = report.days[0]
    shade = report.shade(cell)
    if shade is None:
        sheet.say(
            Said(
                "Không có chỉ số ngày: cần trung bình 24 giờ của PM2.5 hoặc PM10 với ít nhất 18 giờ hợp lệ.",
                "No daily index: it needs a 24 h mean of PM2.5 or PM10 with at least 18 valid hours.",
            )
        )
        sheet.ln(1)
        return
    top = sheet.get_y()
    sheet.set_fill_color(*shade.colour)
    sheet.rect(MARGIN_MM, top, 30, 13, style="F")
    sheet.ink(18, pdf_index.ink_on(shade.colour), bold=True)
    sheet.label(MARGIN_MM + 15, top + 9, str(cell.value), "C")
    sheet.set_left_margin(MARGIN_MM + 33)
    sheet.set_xy(MARGIN_MM + 33, top)
    sheet.ink(9.5, bold=True)
    english = f" · {shade.name.en}" if sheet.language is Language.VI else ""
    sheet.cell(0, 4.6, one_of(shade.name, sheet.language) + english)
    sheet.ln(4.6)
    subs = " · ".join(f"{short_of(name, sheet.language)} {value}" for name, value in cell.sub)
    decided = Said("chất quyết định", "decided by")
    sheet.ink(8)
    main = short_of(cell.main, sheet.language)
    sheet.cell(0, 4.2, f"{subs}   ({one_of(decided, sheet.language)}: {main})")
    sheet.ln(4.2)
    advice = Said(
        f"{shade.general.vi} Người nhạy cảm: {shade.sensitive.vi}",
        f"{shade.general.en} Sensitive people: {shade.sensitive.en}",
    )
    sheet.ink(7.5)
    sheet.paragraph(one_of(advice, sheet.language), 7.5)
    sheet.set_left_margin(MARGIN_MM)
    sheet.set_xy(MARGIN_MM, max(sheet.get_y() + 2, top + 15))


def _categories(sheet: Sheet, report: AirReport) -> None:
    with_index = [cell for cell in report.days if cell.value is not None]
    parts = [
        (shade, sum(cell.category == shade.key for cell in with_index), len(with_index))
        for shade in report.shades
    ]
    vi = " · ".join(f"{shade.name.vi} {days}" for shade, days, _ in parts if days) or "–"
    en = " · ".join(f"{shade.name.en} {days}" for shade, days, _ in parts if days) or "–"
    share = percent(len(with_index) / len(report.days))
    count = f"{len(with_index)}/{len(report.days)}"
    sheet.say(
        Said(
            f"Số ngày có chỉ số: {count} ({on_paper(share, Language.VI)} %). Số ngày theo mức: {vi}.",
            f"Days with an index: {count} ({share} %). Days by category: {en}.",
        )
    )


def _method(sheet: Sheet, report: AirReport) -> None:
    """The last paragraph stays with the signatures: nobody signs an empty page."""
    sheet.heading(Said("Cách tính", "How it was computed"))
    texts = list(method_of(report))
    for text in texts:
        sheet.room(LAST_MM + SIGN_MM if text is texts[-1] else PARAGRAPH_MM)
        sheet.say(text, 7.5)
        sheet.ln(0.8)


def _signatures(sheet: Sheet) -> None:
    sheet.room(SIGN_MM)
    sheet.ln(5)
    half = WIDTH_MM / 2
    top = sheet.get_y()
    dated = Said(
        "Ngày ........ tháng ........ năm ............", "Date ........................................"
    )
    for number, who in enumerate((Said("Người lập", "Prepared by"), Said("Người duyệt", "Approved by"))):
        x = MARGIN_MM + (number + 0.5) * half
        sheet.ink(8)
        sheet.label(x, top + 3, one_of(dated, sheet.language), "C")
        sheet.ink(9, bold=True)
        sheet.label(x, top + 8.5, one_of(who, sheet.language), "C")
        sheet.ink(7, GREY)
        note = Said(f"{who.en} · ký, ghi rõ họ tên", "signature and name")
        sheet.label(x, top + 12, one_of(note, sheet.language), "C")
    sheet.set_xy(MARGIN_MM, top + SIGN_MM - 8)


def _period(report: AirReport, language: Language) -> str:
    first = local(report.begin_ns, ZoneInfo(report.zone)).date()
    if report.period is Period.DAY:
        return f"ngày {day_text(first, language)}" if language is Language.VI else day_text(first, language)
    return f"tháng {first:%m/%Y}" if language is Language.VI else f"{first:%Y-%m}"
