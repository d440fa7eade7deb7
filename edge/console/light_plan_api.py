"""The API of the plan: what the calendar wants of a lamp, group, segment or the gateway in a night."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query
from pydantic import BaseModel

from edge.config.schema import Config
from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.models import when
from edge.core.errors import ConfigError
from edge.core.ports import Clock
from edge.core.sayings import say
from edge.lighting.cost import cost_of
from edge.lighting.night import Night
from edge.lighting.plans import Plans
from edge.runtime.gateway import Gateway

Target = Annotated[str, Path(max_length=32)]
DAY_FIRST, DAY_LAST = date(1971, 1, 1), date(2199, 12, 31)


class StretchOut(BaseModel):
    """A stretch of the night with one level, percent; `why` is the step's own time, such as sunset+10m.

    `fade_s` is how long lamps take to it, null where the step has no fade of its own.
    """

    at: str
    end: str
    level: float
    why: str
    fade_s: float | None = None


class NightOut(BaseModel):
    """The night that begins on `day`. Energies are an estimate over the `known` of the `lamps`, else null.

    `full_kwh` is what they would take in full light from sunset to sunrise.
    """

    target: str
    day: date
    program: str | None
    title: str
    sunset: str
    sunrise: str
    stretches: list[StretchOut]
    members: list[str]
    lamps: int
    known: int
    energy_kwh: float | None
    full_kwh: float | None


def add_light_plan(app: FastAPI, gateway: Gateway, clock: Clock) -> None:
    """Add the route."""

    @app.get("/api/v1/light-plan/{target}", tags=["light"], dependencies=needs(Permission.READ))
    async def plan(target: Target, day: Annotated[date | None, Query()] = None) -> NightOut:
        """The plan of a night; without `day` the running night, by day the coming one."""
        if day is not None and not DAY_FIRST <= day <= DAY_LAST:
            raise HTTPException(422, say("day_wanted"))
        config, board = gateway.config, gateway.rooms.lights
        lamps = [state.target for state in board.states()] if board is not None else []
        plans = Plans(config)
        try:
            return night_out(config, plans, lamps, target, day or plans.evening(clock.utc_ns()))
        except ConfigError as error:
            raise HTTPException(404, str(error)) from error


def night_out(config: Config, plans: Plans, lamps: Sequence[str], target: str, day: date) -> NightOut:
    """A night as the API gives it. Raises ConfigError as Plans does."""
    night = plans.night(target, day)
    default = config.lighting.default_level
    members = members_of(config, lamps, target)
    cost = cost_of(config, plans, members, day)
    title = next((one.title for one in config.program if one.id == night.program), None)
    stretches = [
        _stretch(night, from_ns, to_ns, level)
        for from_ns, to_ns, level in night.pieces(default)
        if to_ns > from_ns
    ]
    return NightOut(
        target=target,
        day=day,
        program=night.program,
        title=title or "",
        sunset=str(when(night.sunset_ns)),
        sunrise=str(when(night.sunrise_ns)),
        stretches=stretches,
        members=members,
        lamps=cost.lamps,
        known=cost.known,
        energy_kwh=round(cost.energy_kwh, 3) if cost.known else None,
        full_kwh=round(cost.full_kwh, 3) if cost.known else None,
    )


def _stretch(night: Night, from_ns: int, to_ns: int, level: float) -> StretchOut:
    held = night.at(from_ns)
    begins = held.at_ns == from_ns
    return StretchOut(
        at=str(when(from_ns)),
        end=str(when(to_ns)),
        level=level,
        why=held.why,
        fade_s=held.fade_s if begins else None,
    )


def members_of(config: Config, lamps: Sequence[str], target: str) -> list[str]:
    """The lamps of a target, the narrowest meaning of its id first."""
    if target in lamps:
        return [target]
    groups = {one.id: one.devices for one in config.group} | {
        one.id: one.lamps for one in config.segment if one.lamps and one.id not in lamps
    }
    wanted = lamps if target == config.gateway.id else groups.get(target, ())
    return [lamp for lamp in wanted if lamp in lamps]
