"""Energy of lamps by nights as the API gives it, for one gateway and for the town. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from edge.lighting.night_sums import MeterSum, NightSum, Total

NIGHTS_MAX = 366
"""Longest span of one question."""

Day = Annotated[date, Query(ge=date(1971, 1, 1), le=date(2199, 12, 31))]

COLUMNS = ("night", "target", "lamps", "lamps_with_nominal_w", "used_kwh", "measured_kwh", "computed_kwh",
           "full_kwh", "saved_kwh", "lit_h", "completeness_percent", "running")  # fmt: skip
GATEWAY_COLUMNS = ("gateway", "title", "nights", "nights_owed", "lamps", "used_kwh", "measured_kwh",
                   "computed_kwh", "full_kwh", "saved_kwh", "completeness_percent")  # fmt: skip


class EnergyNight(BaseModel):
    """One night. `used_kwh` is measured plus computed, over the `known` of the `lamps`, else null.

    `computed_kwh` was worked out from levels and nominal power; `full_kwh` is what the same hours would have
    taken at 100 %; `completeness` (0 to 1) is the share of the lamps' hours that was counted at all.
    """

    night: date
    lamps: int
    known: int
    used_kwh: float | None
    measured_kwh: float
    computed_kwh: float
    full_kwh: float | None
    lit_h: float
    completeness: float
    running: bool


class EnergyMeter(BaseModel):
    """What a meter of this gateway counted, whatever hangs on it, by day as well.

    From the morning after the night `after` to the morning after the night `until`.
    """

    device: str
    kwh: float
    after: date
    until: date


class EnergyGateway(BaseModel):
    """One gateway of a town: `nights` of the owed have come. Figures are as in EnergyOut."""

    gateway: str
    title: str
    nights: int
    lamps: int
    used_kwh: float | None
    measured_kwh: float
    computed_kwh: float
    full_kwh: float | None
    saved_kwh: float | None
    completeness: float


class EnergyOut(BaseModel):
    """All nights from `first` to `last` together, and one by one.

    `nights` are there of the `owed`; `since` is the oldest night that is kept at all, null where none is.
    Saving is always an estimate: nobody measured these nights in full light. `gateways` are those of a
    whole town, the ones of which nothing came among them.
    """

    target: str
    first: date
    last: date
    owed: int
    used_kwh: float | None
    measured_kwh: float
    computed_kwh: float
    full_kwh: float | None
    saved_kwh: float | None
    saved_percent: float | None
    lit_h: float
    completeness: float
    since: date | None
    nights: list[EnergyNight]
    meters: list[EnergyMeter]
    gateways: list[EnergyGateway] = []


def energy_out(
    target: str,
    nights: Sequence[NightSum],
    whole: Total,
    span: tuple[date, date],
    meters: Iterable[MeterSum] = (),
) -> EnergyOut:
    """Sums as the API gives them."""
    known = whole.full_kwh > 0
    return EnergyOut(
        target=target,
        first=span[0],
        last=span[1],
        owed=whole.owed,
        used_kwh=_kwh(whole.used_kwh) if known else None,
        measured_kwh=_kwh(whole.measured_kwh),
        computed_kwh=_kwh(whole.used_kwh - whole.measured_kwh),
        full_kwh=_kwh(whole.full_kwh) if known else None,
        saved_kwh=_kwh(whole.saved_kwh) if known else None,
        saved_percent=round(100 * whole.saved_kwh / whole.full_kwh, 1) if known else None,
        lit_h=round(whole.lit_h, 2),
        completeness=round(whole.completeness, 4),
        since=None,
        nights=[_night_out(one) for one in nights],
        meters=[
            EnergyMeter(device=one.device, kwh=_kwh(one.kwh), after=one.after, until=one.until)
            for one in meters
        ],
    )


def gateway_out(gateway: str, title: str, found: NightSum, nights: int, owed: int) -> EnergyGateway:
    """All nights of one gateway, of which there are `nights` of the `owed`."""
    known = found.full_kwh > 0
    return EnergyGateway(
        gateway=gateway,
        title=title,
        nights=nights,
        lamps=found.lamps,
        used_kwh=_kwh(found.used_kwh) if known else None,
        measured_kwh=_kwh(found.measured_kwh),
        computed_kwh=_kwh(found.used_kwh - found.measured_kwh),
        full_kwh=_kwh(found.full_kwh) if known else None,
        saved_kwh=_kwh(found.full_kwh - found.used_kwh) if known else None,
        completeness=round(found.completeness * nights / owed, 4),
    )


def csv_of(answer: EnergyOut) -> str:
    """A line for each night; the first names the columns, with units."""
    return _csv(COLUMNS, (_night_cells(answer.target, one) for one in answer.nights))


def csv_of_gateways(answer: EnergyOut) -> str:
    """A line for each gateway of a town."""
    return _csv(GATEWAY_COLUMNS, (_gateway_cells(one, answer.owed) for one in answer.gateways))


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def _night_cells(target: str, one: EnergyNight) -> Sequence[object]:
    saved = None if one.full_kwh is None or one.used_kwh is None else _kwh(one.full_kwh - one.used_kwh)
    return (
        one.night, target, one.lamps, one.known, one.used_kwh, one.measured_kwh, one.computed_kwh,
        one.full_kwh, saved, one.lit_h, _percent(one.completeness), int(one.running),
    )  # fmt: skip


def _gateway_cells(one: EnergyGateway, owed: int) -> Sequence[object]:
    return (
        _plain(one.gateway), _plain(one.title), one.nights, owed, one.lamps, one.used_kwh, one.measured_kwh,
        one.computed_kwh, one.full_kwh, one.saved_kwh, _percent(one.completeness),
    )  # fmt: skip


def _plain(text: str) -> str:
    """A text of somebody else's that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _night_out(one: NightSum) -> EnergyNight:
    return EnergyNight(
        night=one.night,
        lamps=one.lamps,
        known=one.known,
        used_kwh=_kwh(one.used_kwh) if one.known else None,
        measured_kwh=_kwh(one.measured_kwh),
        computed_kwh=_kwh(one.used_kwh - one.measured_kwh),
        full_kwh=_kwh(one.full_kwh) if one.known else None,
        lit_h=round(one.lit_h, 2),
        completeness=round(one.completeness, 4),
        running=one.running,
    )


def _kwh(value: float) -> float:
    return round(value, 3) + 0.0


def _percent(share: float) -> float:
    return round(100 * share, 1)
