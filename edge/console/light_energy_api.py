"""The API of energy: what lamps used and saved by nights, measured apart from what was worked out."""

import csv
import io
from datetime import date, timedelta
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.light_plan_api import members_of
from edge.core.lighting import NightRecord
from edge.core.ports import Clock
from edge.lighting.night_sums import MeterSum, NightSum, Total, meter_sums, night_sum, total
from edge.lighting.plans import Plans
from edge.runtime.gateway import Gateway

NIGHTS_MAX = 366
"""Longest span of one question."""

Target = Annotated[str, Path(max_length=32)]
Day = Annotated[date, Query(ge=date(1971, 1, 1), le=date(2199, 12, 31))]

COLUMNS = ("night", "target", "lamps", "lamps_with_nominal_w", "used_kwh", "measured_kwh", "computed_kwh",
           "full_kwh", "saved_kwh", "lit_h", "completeness_percent", "running")  # fmt: skip


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


class EnergyOut(BaseModel):
    """All nights from `first` to `last` together, and one by one.

    `nights` are there of the `owed`; `since` is the oldest night that is kept at all, null where none is.
    Saving is always an estimate: nobody measured these nights in full light.
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


def add_light_energy(app: FastAPI, gateway: Gateway, clock: Clock) -> None:
    """Add the routes. Files are read by the store's thread, between two commits."""

    async def found(target: str, first: date, last: date) -> EnergyOut:
        if not first <= last < first + timedelta(days=NIGHTS_MAX):
            raise HTTPException(422, f"last comes after first, at most {NIGHTS_MAX} nights in all")
        lamps = _lamps_of(gateway, target)
        records = await _records(gateway, first - timedelta(days=1), last)
        nights = [night_sum(one, lamps) for one in records if one.night >= first]
        meters = meter_sums(records, first, last) if target == gateway.config.gateway.id else []
        return energy_out(target, nights, total(nights, first, last), (first, last), meters)

    @app.get("/api/v1/light-energy/{target}", tags=["light"], dependencies=needs(Permission.READ))
    async def energy(target: Target, first: Day | None = None, last: Day | None = None) -> EnergyOut:
        """What a lamp, group, segment or the gateway used in the nights that began from `first` to `last`.

        Without them the running night, by day the one before.
        """
        begin, end = _span(gateway, clock, first, last)
        answer = await found(target, begin, end)
        return answer.model_copy(update={"since": await _oldest(gateway)})

    @app.get("/api/v1/light-energy/{target}/csv", tags=["light"], dependencies=needs(Permission.READ))
    async def table(target: Target, first: Day | None = None, last: Day | None = None) -> Response:
        """The nights as CSV, for a spreadsheet."""
        begin, end = _span(gateway, clock, first, last)
        answer = await found(target, begin, end)
        name = f"{gateway.config.gateway.id}-{target}-{begin}-{end}.csv"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(csv_of(answer), media_type="text/csv; charset=utf-8", headers=headers)


def energy_out(
    target: str, nights: list[NightSum], whole: Total, span: tuple[date, date], meters: list[MeterSum]
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


def csv_of(answer: EnergyOut) -> str:
    """A line for each night; the first names the columns, with units."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in answer.nights:
        saved = None if one.full_kwh is None or one.used_kwh is None else _kwh(one.full_kwh - one.used_kwh)
        share = round(100 * one.completeness, 1)
        writer.writerow(
            [one.night, answer.target, one.lamps, one.known, _cell(one.used_kwh), one.measured_kwh,
             one.computed_kwh, _cell(one.full_kwh), _cell(saved), one.lit_h, share, int(one.running)]
        )  # fmt: skip
    return "\ufeff" + text.getvalue()


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


def _span(gateway: Gateway, clock: Clock, first: date | None, last: date | None) -> tuple[date, date]:
    plans, now_ns = Plans(gateway.config), clock.utc_ns()
    evening = plans.evening(now_ns)
    newest = evening if plans.is_night(now_ns) else evening - timedelta(days=1)
    end = last or first or newest
    return first or end, end


def _lamps_of(gateway: Gateway, target: str) -> frozenset[str] | None:
    """The lamps that are meant; None stands for all that a night has, as for the whole gateway."""
    board, config = gateway.rooms.lights, gateway.config
    lamps = [state.target for state in board.states()] if board is not None else []
    if target == config.gateway.id:
        return None
    found = members_of(config, lamps, target)
    if not found:
        raise HTTPException(404, f"there is no lamp, group or segment {target!r} with lamps on this gateway")
    return frozenset(found)


async def _records(gateway: Gateway, first: date, last: date) -> list[NightRecord]:
    board = gateway.rooms.nights
    if board is None:
        return []
    found: list[NightRecord] = []
    await gateway.store.aside(lambda: found.extend(board.kept(first, last)))
    running = board.running()
    if running is not None and first <= running.night <= last:
        return [*(one for one in found if one.night != running.night), running]
    return found


async def _oldest(gateway: Gateway) -> date | None:
    board = gateway.rooms.nights
    found: list[date | None] = []
    if board is not None:
        await gateway.store.aside(lambda: found.append(board.oldest()))
    return found[0] if found else None


def _kwh(value: float) -> float:
    return round(value, 3) + 0.0


def _cell(value: float | None) -> float | str:
    return "" if value is None else value
