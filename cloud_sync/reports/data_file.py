"""The text, name and folder of a data file of Circular 10/2021/TT-BTNMT. Pure.

A line is symbol, value, unit, time and status with tabs between them, as two public loggers write it; the
circular's own text was not seen.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from edge.config.air import DataFile, LineEnd
from edge.core.air import Mean, MeanValue, Span
from edge.core.times import SECOND_NS
from edge.core.vocabulary import quantity

HA_NOI = ZoneInfo("Asia/Ho_Chi_Minh")
"""Times in names, folders and lines are local to all of Viet Nam, which has no summer time."""

MOMENT = "%Y%m%d%H%M%S"

SYMBOLS: Final = MappingProxyType(
    {
        "temperature": "Temp",
        "relative_humidity": "RH",
        "atmospheric_pressure": "P",
        "tsp": "PM",
        "pm10": "PM10",
        "pm2_5": "PM2.5",
        "no": "NO",
        "no2": "NO2",
        "co": "CO",
        "so2": "SO2",
        "o3": "O3",
        "h2s": "H2S",
        "nh3": "NH3",
    }
)
"""Usual symbols, in the order of the file (PM2.5 is `PM2,5` in one source)."""

UNITS: Final = MappingProxyType({"temperature": "oC"})
"""Usual units where they are not the vocabulary's codes."""

MEASURING, CALIBRATING, FAULTY = "00", "01", "02"

LINE_ENDS: Final = MappingProxyType({LineEnd.CRLF: "\r\n", LineEnd.LF: "\n"})

SUFFIX = ".txt"

DIGITS = 9
"""To which a mean is rounded first: 34.935 stays a half, whatever binary sums say."""


def span_of(settings: DataFile) -> Span:
    """Which means go into a file."""
    return Span.MINUTE if settings.interval_s % Span.FIVE_MINUTES.seconds else Span.FIVE_MINUTES


def points_of(settings: DataFile, station: Iterable[str]) -> tuple[str, ...]:
    """The points of a file, in its order; `station` are those that the station can have."""
    if settings.points:
        return settings.points
    there = frozenset(station)
    return tuple(point for point in dict.fromkeys((*SYMBOLS, *settings.symbols)) if point in there)


def data_file(settings: DataFile, points: Sequence[str], means: Sequence[Mean], end_ns: int) -> str:
    """The text of the file whose interval ends at `end_ns` (UTC), from the means that end in it.

    Every point has a line for each of the interval's means. What is not valid has an empty value and
    status 02, never a number; what was calibrated for part of it has 01.
    """
    given = {mean.end_ns: dict(mean.values) for mean in means}
    line_end = LINE_ENDS[settings.line_end]
    return "".join(
        _line(settings, point, given.get(one, {}).get(point), moment(one)) + line_end
        for one in ends_of(settings, end_ns)
        for point in points
    )


def ends_of(settings: DataFile, end_ns: int) -> range:
    """The ends of the means that go into the file whose interval ends at `end_ns`."""
    step_ns = span_of(settings).seconds * SECOND_NS
    return range(end_ns - settings.interval_s * SECOND_NS + step_ns, end_ns + 1, step_ns)


def last_end(settings: DataFile, now_ns: int) -> int:
    """The end of the last interval that is over."""
    interval_ns = settings.interval_s * SECOND_NS
    return now_ns // interval_ns * interval_ns


def file_name(settings: DataFile, end_ns: int) -> str:
    """`Province_Site_Station_yyyyMMddHHmmss.txt`."""
    return f"{settings.province}_{settings.site}_{settings.name}_{moment(end_ns)}{SUFFIX}"


def folder_of(settings: DataFile, name: str) -> str:
    """The remote folder of the file of this name, without a slash at its end."""
    at = moment_of(name)
    parts = {"province": settings.province, "site": settings.site, "station": settings.name}
    parts |= {"yyyy": at[:4], "MM": at[4:6], "dd": at[6:8]}
    return settings.folder.format(**parts).rstrip("/") or settings.folder[:1]


def moment(at_ns: int) -> str:
    """A time as files have it: yyyyMMddHHmmss, local."""
    return datetime.fromtimestamp(at_ns // SECOND_NS, UTC).astimezone(HA_NOI).strftime(MOMENT)


def moment_of(name: str) -> str:
    """The time in a file's name; empty if it has none, or one that no calendar has."""
    text = name.removesuffix(SUFFIX)[-14:]
    return text if _is_moment(text) else ""


@lru_cache(maxsize=4096)
def _is_moment(text: str) -> bool:
    if len(text) != 14 or not (text.isascii() and text.isdigit()):
        return False
    try:
        from_moment(text)
    except (ValueError, OverflowError):
        return False
    return True


def from_moment(text: str) -> int:
    """UTC nanoseconds of a time as files have it. Raises ValueError."""
    return round(datetime.strptime(text, MOMENT).replace(tzinfo=HA_NOI).timestamp()) * SECOND_NS


def _line(settings: DataFile, point: str, found: MeanValue | None, at: str) -> str:
    known = quantity(point)
    symbol = settings.symbols.get(point) or SYMBOLS.get(point, point)
    unit = settings.units.get(point) or UNITS.get(point) or (known.unit if known else "")
    value, status = _judged(settings, found)
    return "\t".join((symbol, value, unit, at, status))


def _judged(settings: DataFile, found: MeanValue | None) -> tuple[str, str]:
    if found is None:
        return "", FAULTY
    is_number = math.isfinite(found.value) and found.coverage > 0
    if found.calibrating:
        return (_number(settings, found.value) if is_number else ""), CALIBRATING
    if not is_number or not found.is_valid:
        return "", FAULTY
    return _number(settings, found.value), MEASURING


def _number(settings: DataFile, value: float) -> str:
    """Rounded half up by the decimal that a person would reckon; zero has no sign."""
    rounded = Decimal(repr(round(value, DIGITS))).quantize(
        Decimal(1).scaleb(-settings.decimals), ROUND_HALF_UP
    )
    return format(rounded if rounded else abs(rounded), "f").replace(".", settings.decimal)
