"""The API of energy: what lamps used and saved by nights, measured apart from what was worked out."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path
from fastapi.responses import Response

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.light_energy import NIGHTS_MAX, Day, EnergyOut, csv_of, energy_out
from edge.console.light_plan_api import members_of
from edge.core.lighting import NightRecord
from edge.core.ports import Clock
from edge.core.sayings import say
from edge.lighting.night_sums import meter_sums, night_sum, total
from edge.lighting.plans import Plans
from edge.runtime.gateway import Gateway

Target = Annotated[str, Path(max_length=32)]


def add_light_energy(app: FastAPI, gateway: Gateway, clock: Clock) -> None:
    """Add the routes. Files are read by the store's thread, between two commits."""

    async def found(target: str, first: date, last: date) -> EnergyOut:
        if not first <= last < first + timedelta(days=NIGHTS_MAX):
            raise HTTPException(422, say("nights_wrong", most=NIGHTS_MAX))
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
        raise HTTPException(404, say("no_lamps_here", target=f"{target!r}"))
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
