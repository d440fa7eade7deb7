"""A lamp shows itself to somebody at its pole: it goes up and down a few times, then back to what is wanted.

It never goes dark: a discharge lamp that is put out stays out for minutes. For that reason a lamp that can
only be switched is left alone, and so is one that an emergency holds.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from edge.core.errors import ConfigError, PermanentError, TransientError
from edge.core.lighting import LightSource, Luminaires
from edge.core.model import Command, CommandState, Outcome
from edge.core.ports import Clock
from edge.core.sayings import say
from edge.lighting.engine import Engine
from edge.lighting.lamp import LampRecord

TIMES, TIMES_MAX = 3, 10
STEP_S = 1.5
"""How long each level is held: long enough for slow gear, and to be seen."""

HIGH, LOW = 100.0, 10.0
"""The levels between which it goes, in percent; not below what the lamp can hold."""

BACK_S = 30.0
"""Longest wait until it was read back to have what is wanted."""


class Blinking:
    """Carries out `identify`, on one lamp after the other or on several at once."""

    def __init__(self, engine: Engine, luminaires: Luminaires, clock: Clock) -> None:
        self._engine, self._luminaires, self._clock = engine, luminaires, clock

    async def carry_out(self, command: Command) -> AsyncIterator[Outcome]:
        """Blink, go back, say how it ended. Raises ConfigError or PermanentError for what cannot blink."""
        record = self._engine.records.get(command.target)
        if record is None:
            raise ConfigError(say("identify_no_lamp", target=command.target))
        _refuse(record)
        times, lamp = _times(command), record.lamp.device
        before = record.has
        record.busy = True
        try:
            await self._tell(lamp, LOW if (before or 0.0) > 50 else HIGH)
            yield Outcome(command.id, CommandState.APPLIED, say("goes_up_and_down", device=lamp, times=times))
            done = await self._blink(record, times, (before or 0.0) > 50)
        finally:
            record.busy = False
            record.came_back(self._clock.mono_ns())
        yield await self._back(command, record, before, done)

    async def _blink(self, record: LampRecord, times: int, began_low: bool) -> int:
        """How many times it went up and down; less where somebody gave it another level meanwhile."""
        lamp, minimum = record.lamp.device, record.lamp.minimum_level
        low = max(LOW, minimum)
        levels = [HIGH, low] if began_low else [low, HIGH]
        for step in range(1, 2 * times):
            await self._clock.sleep(STEP_S)
            if record.urgent:
                return step // 2
            await self._tell(lamp, levels[(step - 1) % 2])
        await self._clock.sleep(STEP_S)
        return times

    async def _tell(self, lamp: str, level: float) -> None:
        level = max(level, self._engine.records[lamp].lamp.minimum_level)
        report = (await self._luminaires.apply({lamp: level}, 0.0))[lamp]
        if not report.applied:
            raise TransientError(say("not_told", device=lamp, why=report.error or "it was not written"))

    async def _back(self, command: Command, record: LampRecord, before: float | None, done: int) -> Outcome:
        """Have it brought to what is wanted of it, and say whether it is there."""
        lamp = record.lamp.device
        if record.wanted is None:
            return await self._put_back(command, lamp, before, done)
        deadline_ns = self._clock.mono_ns() + round(BACK_S * 1e9)
        record.ask(None, deadline_ns, self._clock.mono_ns())
        with contextlib.suppress(TimeoutError):
            await self._settled(record)
        level = f"{record.reach(record.wanted.level):g}" if record.wanted is not None else ""
        if record.is_verified:
            text = say("blinked_back" if level else "blinked_free", times=done, level=level)
            return Outcome(command.id, CommandState.VERIFIED, text)
        blinked = say("blinked_to" if level else "blinked", times=done, level=level)
        if not record.lamp.readable and not record.is_given_up:
            return Outcome(command.id, CommandState.UNKNOWN, f"{blinked}; {say('blind')}")
        why = record.trouble or say("not_read_within", seconds=f"{BACK_S:g}")
        return Outcome(command.id, CommandState.UNKNOWN, f"{blinked}; {why}")

    async def _settled(self, record: LampRecord) -> None:
        heard = self._engine.listen()
        try:
            self._engine.stir(record.lamp.bus)
            async with asyncio.timeout(BACK_S):
                while not (record.is_verified or record.is_given_up or _is_blind(record)):
                    await heard.wait()
                    heard.clear()
        finally:
            self._engine.leave(heard)

    async def _put_back(self, command: Command, lamp: str, before: float | None, done: int) -> Outcome:
        """No plan says what it shall have: it gets what it had."""
        if before is None:
            text = f"{say('blinked', times=done)}; {say('blinked_lost')}"
            return Outcome(command.id, CommandState.UNKNOWN, text)
        await self._tell(lamp, before)
        report = (await self._luminaires.verify({lamp: before}))[lamp]
        state = CommandState.VERIFIED if report.verified else CommandState.UNKNOWN
        return Outcome(command.id, state, say("blinked_to", times=done, level=f"{before:g}"))


def _is_blind(record: LampRecord) -> bool:
    return not record.lamp.readable and not record.force and not record.busy


def _refuse(record: LampRecord) -> None:
    lamp = record.lamp.device
    if not record.lamp.dimmable:
        raise PermanentError(say("only_switched", device=lamp))
    if record.wanted is not None and record.wanted.source is LightSource.EMERGENCY:
        raise PermanentError(say("emergency_holds", device=lamp))
    if record.busy:
        raise TransientError(say("being_brought", device=lamp))


def _times(command: Command) -> int:
    """How often, by `for_s`: three times where nothing was said."""
    for_s = dict(command.arguments).get("for_s")
    if isinstance(for_s, bool) or not isinstance(for_s, int | float):
        return TIMES
    return min(max(round(for_s / (2 * STEP_S)), 1), TIMES_MAX)
