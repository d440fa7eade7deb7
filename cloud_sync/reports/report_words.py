"""What reports say, in both languages, and how they write numbers and times. Pure."""

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from edge.core.air import Span, StationKind
from edge.core.air_report import LimitCheck, Period, Said
from edge.core.vocabulary import quantity


class Language(StrEnum):
    """Vietnamese with English beneath, or English alone."""

    VI = "vi"
    EN = "en"


NOTHING = "–"
"""Stands where there is no number."""

TITLES = {
    Period.DAY: Said("BÁO CÁO CHẤT LƯỢNG KHÔNG KHÍ NGÀY", "DAILY AIR QUALITY REPORT"),
    Period.MONTH: Said("BÁO CÁO CHẤT LƯỢNG KHÔNG KHÍ THÁNG", "MONTHLY AIR QUALITY REPORT"),
}
KINDS = {
    StationKind.INDICATIVE: Said("Trạm tham khảo", "Indicative station"),
    StationKind.CERTIFIED: Said("Trạm được chứng nhận", "Certified station"),
}
STANDING = Said("THAM KHẢO", "INDICATIVE")
WHY_INDICATIVE = Said(
    "Số liệu chỉ để tham khảo: theo Thông tư 10/2021/TT-BTNMT, chỉ trạm có thiết bị được chứng nhận mới "
    "được dùng để tính và công bố chỉ số chất lượng không khí; thiết bị của trạm này chưa được chứng nhận.",
    "Indicative data only: by Circular 10/2021/TT-BTNMT only stations with certified instruments may feed "
    "the published air quality index; the instruments of this station are not certified.",
)
EMPTY = {
    Period.DAY: Said(
        "Không có số liệu hợp lệ nào của trạm này trong ngày.",
        "There is no valid data of this station on this day.",
    ),
    Period.MONTH: Said(
        "Không có số liệu hợp lệ nào của trạm này trong tháng.",
        "There is no valid data of this station in this month.",
    ),
}
CHECKS = {
    "sentinel": Said("mã báo không có giá trị", "code for no value"),
    "range": Said("ngoài khoảng đo", "out of range"),
    "warm_up": Said("đang làm nóng", "warming up"),
    "rate": Said("thay đổi quá nhanh", "changed too fast"),
    "spike": Said("xung đột biến", "spike"),
    "stuck": Said("bị treo", "stuck"),
    "twin": Said("lệch với cảm biến cạnh bên", "differs from its twin"),
    "calibration": Said("đang hiệu chuẩn", "calibration"),
}
SPANS = {
    Span.MINUTE: Said("1 phút", "1 min"),
    Span.FIVE_MINUTES: Said("5 phút", "5 min"),
    Span.HOUR: Said("1 giờ", "1 h"),
    Span.EIGHT_HOURS: Said("8 giờ", "8 h"),
    Span.DAY: Said("24 giờ", "24 h"),
}
SHORT = {
    "pm1": "PM1",
    "pm2_5": "PM2.5",
    "pm2_5_corrected": "PM2.5*",
    "pm10": "PM10",
    "tsp": "TSP",
    "o3": "O3",
    "no2": "NO2",
    "so2": "SO2",
    "co": "CO",
    "co2": "CO2",
}
"""Points whose names are the same in both languages and short; PM2.5* is the corrected one."""

WHOLE = frozenset({"%", "°", "ppm", "lx", "W/m²", "ppb"})
"""Units whose numbers need no decimals."""


def one_of(said: Said, language: Language) -> str:
    """The text in this language."""
    return said.vi if language is Language.VI else said.en


def label_of(point: str, language: Language) -> str:
    """What a person calls a point."""
    known = quantity(point)
    return point if known is None else known.vi if language is Language.VI else known.en


def short_of(point: str, language: Language) -> str:
    """The same, short where that is usual."""
    return SHORT.get(point) or label_of(point, language)


def unit_of(point: str) -> str:
    """The unit as a person reads it."""
    known = quantity(point)
    return "" if known is None else known.display


def limit_unit_of(row: LimitCheck) -> str:
    """The unit in which means were held against a limit: of the air as it is, or at reference conditions."""
    unit = unit_of(row.point)
    return unit.replace("/m³", "/Nm³") if row.conversion else unit


def figure(point: str, value: float | None) -> str:
    """A number with a point and as many decimals as its quantity deserves; on paper and in tables alike."""
    if value is None:
        return ""
    text = f"{value:.{0 if unit_of(point) in WHOLE or point == 'co' else 1}f}"
    return text.lstrip("-") if not float(text) else text


def on_paper(text: str, language: Language) -> str:
    """A figure as it is printed: with a comma in Vietnamese."""
    if not text:
        return NOTHING
    return text.replace(".", ",") if language is Language.VI else text


def local(at_ns: int, zone: ZoneInfo) -> datetime:
    """Local time."""
    return datetime.fromtimestamp(at_ns // 1_000_000_000, zone)


def day_text(day: date, language: Language) -> str:
    """A day as it is written."""
    return f"{day:%d/%m/%Y}" if language is Language.VI else f"{day:%Y-%m-%d}"


def time_text(at_ns: int, zone: ZoneInfo, language: Language) -> str:
    """A moment as it is written, to the minute."""
    moment = local(at_ns, zone)
    return f"{moment:%H:%M} {day_text(moment, language)}"
