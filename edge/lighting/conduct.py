"""How a `light` command is judged, carried out and reported."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from edge.config.lighting import Lighting
from edge.config.schema import Config
from edge.core.errors import GianhError, PermanentError
from edge.core.model import Command, CommandState, Outcome, Stamp
from edge.core.ports import Clock
from edge.core.sayings import say
from edge.lighting.commands import LightRequest, light_request
from edge.lighting.desired import Hold, Layers
from edge.lighting.diary import Diary
from edge.lighting.engine import Engine
from edge.lighting.guard import Guard, Question
from edge.lighting.holdings import Holdings
from edge.lighting.lamp import LampRecord
from edge.lighting.rate import Rate
from edge.lighting.tally import Tally, outcome, tally

COMMAND_S = 50.0
"""Longest time until a command is told how it stands; lamps are brought on all the same."""


class LightRefused(PermanentError):
    """The command is not carried out; its text says why."""


class NeedsConfirmation(LightRefused):
    """The command would darken many lamps; with `token` it may be repeated."""

    def __init__(self, text: str, token: str) -> None:
        super().__init__(text)
        self.token = token


class Lit(Protocol):
    """What conduct asks of the service."""

    engine: Engine
    holdings: Holdings
    diary: Diary

    def renew(self) -> None:
        """Think again about what is wanted, now."""


@dataclass(slots=True)
class _Open:
    """A command under way: its lamps, what was on them before, and those for which it came too late."""

    command: Command
    request: LightRequest
    lamps: tuple[str, ...]
    before: dict[str, Layers]
    late: set[str] = field(default_factory=set)


class Conduct:
    """Takes commands one after the other; each may be under way while others are."""

    def __init__(self, lit: Lit, config: Config, clock: Clock, token: Callable[[], str]) -> None:
        self._lit, self._clock, self._token = lit, clock, token
        self._open: dict[str, _Open] = {}
        self._settings: Lighting | None = None
        self.use(config)

    def use(self, config: Config) -> None:
        """Take other settings."""
        if config.lighting == self._settings:
            return
        self._settings = settings = config.lighting
        self._guard = Guard(settings.guard_lamps, settings.dark_level, settings.confirm_s, self._token)
        self._rate = Rate(settings.commands_per_minute, settings.dwell_s)

    async def carry_out(self, command: Command) -> AsyncIterator[Outcome]:
        """Judge a command, put it on its lamps, and report. Raises GianhError where it is refused."""
        try:
            opened = self._take(command)
        except NeedsConfirmation as need:
            self._lit.diary.refused(command, say("confirm_needed"))
            yield Outcome(command.id, CommandState.FAILED, str(need), (("confirm", need.token),))
            return
        except GianhError as error:
            self._lit.diary.refused(command, str(error))
            raise
        try:
            async for report in self._follow(opened):
                yield report
        except asyncio.CancelledError:
            self._withdraw(opened)
            self._lit.diary.stopped(command)
            raise
        finally:
            del self._open[command.id]

    def too_late(self, lamp: str) -> None:
        """A lamp's command expired before it could be written: what was before holds again."""
        opened = self._open.get(self._lit.holdings.owners.get(lamp, ""))
        if opened is not None:
            opened.late.add(lamp)
            self._lit.holdings.put_back(lamp, opened.before[lamp], self._clock.stamp())

    def _withdraw(self, opened: _Open) -> None:
        """Nobody follows a command any more: where it was not written yet, it never will be."""
        owners = self._lit.holdings.owners
        for record in self._records(opened):
            lamp = record.lamp.device
            if owners.get(lamp) == opened.command.id and record.force and not record.begun:
                record.force = record.urgent = False
                self._lit.holdings.put_back(lamp, opened.before[lamp], self._clock.stamp())
        self._lit.renew()

    def _take(self, command: Command) -> _Open:
        """Judge, then act, in one go: nothing comes between the judgement and the act."""
        now = self._clock.stamp()
        if now.mono_ns > command.deadline_mono_ns:
            raise LightRefused(say("expired"))
        request = light_request(command)
        holdings, engine = self._lit.holdings, self._lit.engine
        lamps = tuple(lamp for lamp in holdings.targets.resolve(request.target) if lamp in engine.records)
        if not lamps:
            raise LightRefused(say("no_lamps", target=request.target))
        records = [engine.records[lamp] for lamp in lamps]
        if not request.emergency and (why := self._rate.too_many(request.sender, now.mono_ns)):
            raise LightRefused(why)
        levels_before, unwritten = _levels(records), self._unwritten(records)
        if request.level is None:
            before = holdings.release(lamps, command.id, request.emergency, now)
        else:
            before = self._put(command, request, records, now)
        self._lit.diary.asked(command, request, lamps, levels_before)
        for record in records:
            record.ask(request.fade_s, command.deadline_mono_ns, now.mono_ns)
        opened = self._open[command.id] = _Open(command, request, lamps, before | unwritten)
        self._lit.renew()
        for record in records:
            if record.wanted is None:
                record.force = record.urgent = False
                holdings.written(record.lamp.device, now.mono_ns)
        return opened

    def _unwritten(self, records: Sequence[LampRecord]) -> dict[str, Layers]:
        """What was before commands that are taken over without having been written: that is what would
        hold again, never they."""
        found = {}
        for record in records:
            lamp = record.lamp.device
            earlier = self._open.get(self._lit.holdings.owners.get(lamp, ""))
            if earlier is not None and record.force and not record.begun:
                found[lamp] = earlier.before[lamp]
        return found

    def _put(
        self, command: Command, request: LightRequest, records: Sequence[LampRecord], now: Stamp
    ) -> dict[str, Layers]:
        assert request.level is not None, "a release puts nothing on"
        holdings, lamps = self._lit.holdings, tuple(record.lamp.device for record in records)
        until_ns, until_mono_ns = (
            (None, None)
            if request.emergency and request.for_s is None
            else holdings.end_of(request.for_s, request.forever, now)
        )
        hold = Hold(request.target, request.level, until_ns, until_mono_ns, command.by, command.id)
        brighter = all((record.has or 0.0) <= record.reach(request.level) for record in records)
        if not brighter:
            self._refuse_too_soon(request, records, now)
        question = Question(
            target=request.target,
            level=request.level,
            sender=request.sender,
            terms=f"{request.for_s} {request.forever} {request.emergency}",
            lamps=lamps,
            darkened=holdings.darkened(lamps, hold, now),
            dark_by_hand=holdings.dark_by_hand(now) | self._left_dark(),
        )
        verdict = self._guard.judge(question, request.confirm, now.mono_ns)
        if not verdict.allowed:
            raise NeedsConfirmation(verdict.reason, verdict.token)
        self._rate.gave(request.target, request.level, now.mono_ns)
        return holdings.hold(lamps, hold, request.emergency, now)

    def _left_dark(self) -> frozenset[str]:
        """Lamps that are dark, or may be, with nobody having a word on them: left so by a life before."""
        assert self._settings is not None, "use was called"
        dark = self._settings.dark_level
        records = self._lit.engine.records.values()
        return frozenset(
            one.lamp.device
            for one in records
            if one.wanted is None and (one.has < dark if one.has is not None else one.lamp.readable)
        )

    def _refuse_too_soon(self, request: LightRequest, records: Sequence[LampRecord], now: Stamp) -> None:
        assert request.level is not None, "a release darkens nothing by itself"
        if unread := [one.lamp.device for one in records if one.lamp.readable and not one.tried]:
            raise LightRefused(say("just_started", lamps=len(unread)))
        if not request.emergency and (why := self._rate.too_soon(request.target, request.level, now.mono_ns)):
            raise LightRefused(why)

    async def _follow(self, opened: _Open) -> AsyncIterator[Outcome]:
        command, engine = opened.command, self._lit.engine
        ends_ns = self._clock.mono_ns() + round(COMMAND_S * 1e9)
        applied = False
        event = engine.listen()
        try:
            while True:
                told = self._tally(opened)
                records = self._records(opened)
                if not applied and told.is_applied:
                    applied = True
                    yield outcome(command.id, CommandState.APPLIED, told, records)
                left_s = (ends_ns - self._clock.mono_ns()) / 1e9
                if told.is_over or left_s <= 0:
                    break
                event.clear()
                await _until(event, left_s)
        finally:
            engine.leave(event)
        last = outcome(command.id, told.state, told, records)
        self._lit.diary.ended(command, last, _levels(records))
        yield last

    def _tally(self, opened: _Open) -> Tally:
        owners = self._lit.holdings.owners
        records, late = self._records(opened), opened.late
        return tally(opened.command.id, records, owners, late.__contains__, opened.request.emergency)

    def _records(self, opened: _Open) -> list[LampRecord]:
        records = self._lit.engine.records
        return [records[lamp] for lamp in opened.lamps if lamp in records]


async def _until(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _levels(records: Sequence[LampRecord]) -> str:
    """The levels that lamps have, in one word: `40`, `0 to 100`, `unknown`."""
    known = [record.has for record in records if record.has is not None]
    if not known:
        return "unknown"
    low, high = min(known), max(known)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
