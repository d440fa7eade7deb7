"""The HTTP API of lighting: what lamps and targets shall have, and commands."""

from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.console.light_energy_api import add_light_energy
from edge.console.light_history_api import add_light_history
from edge.console.light_plan_api import add_light_plan
from edge.console.models import when
from edge.console.signing import Signature, Signed
from edge.core.lighting import LightState, TargetState
from edge.core.model import Fields
from edge.core.ports import Clock
from edge.core.sayings import say
from edge.runtime.asking import carried_out
from edge.runtime.gateway import Gateway

ACT_S = 60.0
"""Longest wait for the end of a command."""


class LightOut(BaseModel):
    """What a lamp shall have. `until` is the end of what holds it, null where there is none."""

    target: str
    level: float
    source: str
    until: str | None
    verified: bool
    at: str | None


class LightTargetOut(BaseModel):
    """What the lamps of a group, a segment or the gateway shall have together.

    `level` is null where they differ, between `lowest` and `highest`; `source` is the strongest among them,
    `until` the first end of what holds any of them; `verified` says that all are, `failed` how many of the
    `lamps` do not follow.
    """

    target: str
    level: float | None
    lowest: float
    highest: float
    source: str
    until: str | None
    verified: bool
    at: str | None
    lamps: int
    failed: int


class LightOutcome(BaseModel):
    """How a command ended. `confirm` is the token with which it may be repeated, if it needs one."""

    id: str
    state: str
    reason: str = ""
    level: float | None = None
    lamps: int = 0
    verified: int = 0
    confirm: str | None = None


def add_lighting(app: FastAPI, gateway: Gateway, clock: Clock, acts: bool) -> None:
    """Add lighting's routes; with `acts` also those that switch."""

    @app.get("/api/v1/light", tags=["light"], dependencies=needs(Permission.READ))
    async def light() -> list[LightOut]:
        """All lamps with what they shall have."""
        board = gateway.rooms.lights
        return [light_out(state) for state in board.states()] if board is not None else []

    @app.get("/api/v1/light-targets", tags=["light"], dependencies=needs(Permission.READ))
    async def light_targets() -> list[LightTargetOut]:
        """All groups, segments and the gateway with what their lamps shall have together."""
        board = gateway.rooms.lights
        return [target_out(state) for state in board.targets.states()] if board is not None else []

    add_light_plan(app, gateway, clock)
    add_light_energy(app, gateway, clock)
    add_light_history(app, gateway)
    if acts:
        _add_acting(app, gateway, clock)


def _add_acting(app: FastAPI, gateway: Gateway, clock: Clock) -> None:
    @app.post("/api/v1/light/{target}", tags=["light"], dependencies=needs(Permission.LIGHT))
    async def set_level(
        target: str,
        by: Signed,
        level: Annotated[float, Query(ge=0, le=100)],
        for_s: float | None = None,
        fade_s: float | None = None,
        forever: bool = False,
        emergency: bool = False,
        confirm: str = "",
    ) -> LightOutcome:
        """Set a lamp, group, segment or the whole gateway to a level."""
        asked = {"level": level, "for_s": for_s, "fade_s": fade_s, "confirm": confirm or None}
        flags = {"forever": forever or None, "emergency": emergency or None}
        given = tuple((name, value) for name, value in (asked | flags).items() if value is not None)
        return await _act(gateway, clock, "light", target, given, by)

    @app.delete("/api/v1/light/{target}", tags=["light"], dependencies=needs(Permission.LIGHT))
    async def release(
        target: str, by: Signed, fade_s: float | None = None, emergency: bool = False
    ) -> LightOutcome:
        """Let the plan have a target again."""
        given: Fields = (("release", True),)
        given += (("fade_s", fade_s),) if fade_s is not None else ()
        given += (("emergency", True),) if emergency else ()
        return await _act(gateway, clock, "light", target, given, by)

    @app.put("/api/v1/groups/{group}", tags=["light"], dependencies=needs(Permission.GROUPS))
    async def members(group: str, devices: str, by: Signed) -> LightOutcome:
        """Say who is in a group from now on: device ids with commas between them."""
        return await _act(gateway, clock, "members", group, (("devices", devices),), by)


def light_out(state: LightState) -> LightOut:
    """A state as the API gives it."""
    return LightOut(
        target=state.target,
        level=state.level,
        source=state.source.value,
        until=when(state.until_ns),
        verified=state.verified,
        at=when(state.at_ns),
    )


def target_out(state: TargetState) -> LightTargetOut:
    """The state of several lamps as the API gives it."""
    return LightTargetOut(
        target=state.target,
        level=state.level,
        lowest=state.lowest,
        highest=state.highest,
        source=state.source.value,
        until=when(state.until_ns),
        verified=state.verified,
        at=when(state.at_ns),
        lamps=state.lamps,
        failed=state.failed,
    )


async def _act(
    gateway: Gateway, clock: Clock, verb: str, target: str, arguments: Fields, by: Signature
) -> LightOutcome:
    try:
        outcome = await carried_out(gateway.desk, clock, verb, target, arguments, by.by, by.source, ACT_S)
    except TimeoutError as error:
        raise HTTPException(504, say("no_outcome_yet", seconds=f"{ACT_S:g}")) from error
    told = {name: value for name, value in outcome.result if value is not None}
    return LightOutcome.model_validate(
        {"id": outcome.id, "state": outcome.state.value, "reason": outcome.reason} | told
    )
