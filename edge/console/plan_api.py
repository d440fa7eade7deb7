"""The API of the plan: looked at, tried out over any night, saved into gateway.toml, and taken back."""

from collections.abc import Sequence
from datetime import date

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field

from edge.config.lines import dotted
from edge.config.plan_view import PlanDraft, PlanFault, PlanView
from edge.config.schema import Config
from edge.console.access.needs import caller_of, needs
from edge.console.access.refusal import refusal
from edge.console.access.roles import Permission
from edge.console.light_plan_api import DAY_FIRST, DAY_LAST, NightOut, night_out
from edge.console.models import SentenceOut, sentences_out
from edge.console.plan_board import PlanBoard, PlanConflict, PlanRefused
from edge.console.signing import Signed
from edge.core.errors import ConfigError
from edge.core.ports import Clock
from edge.core.sayings import say
from edge.lighting.plans import Plans
from edge.runtime.gateway import Gateway

ROOM = "/api/v1/plan"


class FaultOut(BaseModel):
    """One thing to change: `key` such as `program[0].steps[2].at`, `path` the same in its parts."""

    key: str
    path: list[str | int]
    message: str
    code: str = ""
    said: list[SentenceOut] = []


class RefusedOut(BaseModel):
    """Why a draft is not taken."""

    detail: str
    faults: list[FaultOut]


class PlanOut(PlanView):
    """A plan; `trouble`, and each thing that can be taken back, in both languages besides."""

    trouble_said: list[SentenceOut] = Field(default_factory=list)
    undo_said: list[list[SentenceOut]] = Field(default_factory=list)


class TryIn(BaseModel):
    """A draft, and the target and night to show it by; without `day` the running night, by day the next."""

    plan: PlanDraft
    target: str = Field(max_length=64)
    day: date | None = None


class TryOut(BaseModel):
    """What a draft is worth. `night` is by the draft, null while it has faults; `now` by what is in force.

    `changes` are against gateway.toml. With `second_word`, saving needs that word again: `dark` says why.
    `untold` says why there is no night of this target, such as that its lamps follow different calendars.
    """

    faults: list[FaultOut]
    changes: list[str]
    changes_said: list[list[SentenceOut]] = []
    dark: str
    dark_said: list[SentenceOut] = []
    second_word: str
    night: NightOut | None
    now: NightOut | None
    untold: str


class SaveIn(BaseModel):
    """A draft that was begun with `version` of the file; `second_word` as the trial gave it."""

    plan: PlanDraft
    version: str = Field(max_length=64)
    second_word: str = Field("", max_length=64)


class UndoIn(BaseModel):
    """The version of the file that was shown."""

    version: str = Field(max_length=64)


def add_plan(app: FastAPI, gateway: Gateway, board: PlanBoard, clock: Clock, acts: bool) -> None:
    """Add the routes; with `acts` also those of the editor."""
    app.add_exception_handler(PlanConflict, _conflict)
    app.add_exception_handler(PlanRefused, _refused)

    @app.get(ROOM, tags=["light"], dependencies=needs(Permission.READ))
    async def look(request: Request) -> PlanOut:
        """Programs, calendars, holidays and who follows which, as gateway.toml has them.

        What can be taken back, and who did it, is for those who may change the plan.
        """
        view = await board.look()
        may = caller_of(request).may(Permission.PLAN)
        return plan_out(view if may else view.model_copy(update={"undo": None}))

    @app.get(f"{ROOM}/text", tags=["light"], dependencies=needs(Permission.READ))
    async def text() -> PlainTextResponse:
        """The same as TOML, for the inventory of the centre."""
        return PlainTextResponse(await board.text(), media_type="application/toml; charset=utf-8")

    if acts:
        _add_editing(app, gateway, board, clock)


def _add_editing(app: FastAPI, gateway: Gateway, board: PlanBoard, clock: Clock) -> None:
    @app.post(f"{ROOM}/try", tags=["light"], dependencies=needs(Permission.PLAN))
    async def attempt(asked: TryIn) -> TryOut:
        """What a draft would do on a night, and everything that is wrong with it; changes nothing."""
        if asked.day is not None and not DAY_FIRST <= asked.day <= DAY_LAST:
            raise HTTPException(422, say("day_wanted"))
        verdict = await board.judge(asked.plan)
        day = asked.day or Plans(gateway.config).evening(clock.utc_ns())
        now, _ = _night(gateway, gateway.config, asked.target, day)
        night, untold = _night(gateway, verdict.config, asked.target, day)
        return TryOut(
            faults=faults_out(verdict.faults),
            changes=list(verdict.changes),
            changes_said=[sentences_out(change) for change in verdict.changes],
            dark=verdict.dark,
            dark_said=sentences_out(verdict.dark),
            second_word=verdict.second_word,
            night=night,
            now=now,
            untold=untold,
        )

    @app.put(
        ROOM,
        tags=["light"],
        dependencies=needs(Permission.PLAN),
        responses={409: {"description": "not as things stand"}, 422: {"model": RefusedOut}},
    )
    async def save(asked: SaveIn, by: Signed) -> PlanOut:
        """Write a draft into gateway.toml and apply it: all of it is in force then, or nothing is changed."""
        return plan_out(await board.save(asked.plan, asked.version, asked.second_word, by))

    @app.post(f"{ROOM}/undo", tags=["light"], dependencies=needs(Permission.PLAN))
    async def undo(asked: UndoIn, by: Signed) -> PlanOut:
        """Bring the file back as it was before the newest change of the plan, and apply it."""
        return plan_out(await board.undo(asked.version, by))


def _night(gateway: Gateway, config: Config | None, target: str, day: date) -> tuple[NightOut | None, str]:
    """A night of a target by a configuration, or why there is none."""
    if config is None:
        return None, ""
    lights = gateway.rooms.lights
    lamps = [state.target for state in lights.states()] if lights is not None else []
    try:
        return night_out(config, Plans(config), lamps, target, day), ""
    except ConfigError as error:
        return None, str(error)


def faults_out(faults: Sequence[PlanFault]) -> list[FaultOut]:
    """Faults as the API says them."""
    return [_fault_out(fault) for fault in faults]


def _fault_out(fault: PlanFault) -> FaultOut:
    said = sentences_out(fault.message)
    code = said[0].code if said else ""
    return FaultOut(
        key=dotted(fault.path), path=list(fault.path), message=fault.message, code=code, said=said
    )


def plan_out(view: PlanView) -> PlanOut:
    """A plan as the API says it."""
    undo = view.undo.what if view.undo is not None else ()
    return PlanOut(
        **view.model_dump(),
        trouble_said=sentences_out(view.trouble),
        undo_said=[sentences_out(one) for one in undo],
    )


async def _conflict(_request: Request, error: Exception) -> Response:
    return refusal(str(error), 409)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, PlanRefused)
    found = RefusedOut(detail=str(error), faults=faults_out(error.faults))
    return JSONResponse(found.model_dump(), 422)
