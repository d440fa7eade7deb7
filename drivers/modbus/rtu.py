"""Questions and answers on a serial line, where only time tells which answer belongs to which question.

RTU has no transaction id. So between two frames there is the silence that the protocol asks for; and after
anything but a good answer (time-out, junk, a cancelled request) the line must first have been silent for
longer than an answer can be late, and everything that comes meanwhile is thrown away.
"""

import asyncio
import contextlib
from dataclasses import replace

from drivers.coded import Table
from drivers.line import Line, pause_until
from drivers.modbus.counters import LinkCounters
from drivers.modbus.frame import Ask, read_ask, rtu_frame
from drivers.modbus.match import SHORTEST_FRAME_BYTES, Found, find_answer, sort_rubbish, strip_echo
from drivers.modbus.refusal import refusal
from drivers.modbus.timing import WireTiming
from edge.config.schema import Bus
from edge.core.errors import Busy, NoAnswer, ProtocolError, Refused
from edge.core.sayings import say

CHUNK_DELAY_S = 0.02
"""USB adapters hand bytes over in portions, up to 16 ms late: so much longer may a begun answer take."""

BABBLE_S = 2.0
"""A line that is not silent for this long when it should be has something babbling on it."""

HEARD_BYTES_MAX = 4096


class RtuExchange:
    """Asks one question at a time over a line."""

    def __init__(self, line: Line, bus: Bus) -> None:
        self.counters = LinkCounters()
        self._line = line
        self._timing = WireTiming.of(bus)
        self._gap_s = self._timing.silence_s + bus.pause_s
        self._timeout_s = bus.timeout_s
        self._quiet_s = max(bus.quiet_after_timeout_s, self._gap_s)
        self._turnaround_s = bus.turnaround_s
        self._mode = bus.echo
        self._echo: bool | None = None
        self._suspect = True
        self._free_at_s = 0.0
        self._last = (read_ask(1, Table.HOLDING, 0, 1), b"")
        self._trailing = b""
        self.heard = self.stray = b""

    def reset(self) -> None:
        """The line was opened anew: perhaps by another adapter, perhaps with old answers under way."""
        self._echo = {"on": True, "off": False}.get(self._mode)
        self._suspect = True
        self._free_at_s = asyncio.get_running_loop().time() + self._quiet_s
        self._trailing = b""

    async def ask(self, ask: Ask) -> bytes:
        """The payload of the answer. Raises NoAnswer, ProtocolError, Busy, Refused or LinkDown."""
        if ask.mirrors and self._echo is None:
            await self._learn_echo(ask.unit)
        await self._settle()
        loop = asyncio.get_running_loop()
        request = rtu_frame(ask)
        began_s = loop.time()
        first_s = began_s + self._timing.wire_s(len(request)) + self._timeout_s
        self._suspect, self._free_at_s, self._last = True, first_s + self._quiet_s, (ask, request)
        self.heard = b""
        try:
            await self._line.write(request)
            found, heard = await self._listen(ask, request, first_s)
            self.heard = heard
        finally:
            busy_s = self.counters.busy_s + loop.time() - began_s + self._timing.silence_s
            self.counters = replace(self.counters, requests=self.counters.requests + 1, busy_s=busy_s)
        self._learn(ask, request, found, heard)
        return self._judge(ask, request, found, heard)

    async def tell(self, ask: Ask) -> None:
        """Broadcast: nobody answers; all have their turnaround time. Raises LinkDown."""
        await self._settle()
        loop = asyncio.get_running_loop()
        request = rtu_frame(ask)
        began_s = loop.time()
        self._free_at_s = began_s + self._timing.wire_s(len(request)) + max(self._turnaround_s, self._gap_s)
        self._last = (ask, request)
        await self._line.write(request)
        await pause_until(loop, self._free_at_s)
        self._trailing = strip_echo(request, self._line.take())[1]
        busy_s = self.counters.busy_s + loop.time() - began_s
        self.counters = replace(self.counters, broadcasts=self.counters.broadcasts + 1, busy_s=busy_s)

    async def _settle(self) -> None:
        """Wait until the line is free for the next frame, and throw away what nobody asked for."""
        thrown = self._trailing + await self._silence()
        self._trailing = b""
        if len(thrown) >= SHORTEST_FRAME_BYTES and not self._suspect:
            # Somebody talks out of turn: more of it may come, and it may look like the next answer.
            self._suspect = True
            thrown += await self._silence()
        self.stray = thrown
        if thrown:
            self.counters = self.counters.with_stray(sort_rubbish(*self._last, thrown))

    async def _silence(self) -> bytes:
        for_s = self._quiet_s if self._suspect else self._gap_s
        loop = asyncio.get_running_loop()
        give_up_s = max(loop.time(), self._free_at_s) + for_s + BABBLE_S
        thrown = await self._line.quiet(self._free_at_s, for_s, give_up_s)
        if loop.time() >= give_up_s:
            self._suspect = True
            raise ProtocolError(say("never_silent", line=self._line.name))
        return thrown

    async def _listen(self, ask: Ask, request: bytes, first_s: float) -> tuple[Found | None, bytes]:
        """Hear until the answer is there or its time is over: nothing makes the wait longer than `last_s`."""
        loop = asyncio.get_running_loop()
        last_s = first_s + self._timing.wire_s(ask.answer_bytes + 2) + CHUNK_DELAY_S
        heard, until_s = b"", first_s
        while chunk := await self._line.receive(until_s):
            heard = (heard + chunk)[-HEARD_BYTES_MAX:]
            if found := self._look(ask, request, heard):
                return found, heard
            if not request.startswith(heard):
                until_s = last_s
            if loop.time() >= until_s:
                break
        return None, heard

    def _look(self, ask: Ask, request: bytes, heard: bytes) -> Found | None:
        if self._echo is False:
            return find_answer(ask, heard)
        echoed, rest = strip_echo(request, heard)
        if ask.mirrors and not echoed:
            return None
        return find_answer(ask, rest)

    async def _learn_echo(self, unit: int) -> None:
        """Ask something whose echo cannot be taken for its answer, as that of a single write can."""
        with contextlib.suppress(NoAnswer, ProtocolError, Busy, Refused):
            await self.ask(read_ask(unit, Table.HOLDING, 0, 1))
        if self._echo is None:
            raise ProtocolError(say("echo_or_answer", line=self._line.name))

    def _learn(self, ask: Ask, request: bytes, found: Found | None, heard: bytes) -> None:
        if self._mode != "auto" or ask.mirrors:
            return
        if request in heard:
            self._echo = True
        elif found is not None or not heard:
            self._echo = False

    def _judge(self, ask: Ask, request: bytes, found: Found | None, heard: bytes) -> bytes:
        if found is None:
            raise self._nothing(ask, request, heard)
        if found.before or self._echo:
            self._count_before(ask, request, found, heard)
        if found.ambiguous:
            self.counters = replace(self.counters, protocol_errors=self.counters.protocol_errors + 1)
            raise ProtocolError(say("two_answers", unit=ask.unit, line=self._line.name))
        self._suspect, self._free_at_s, self._trailing = False, 0.0, found.after
        if found.exception:
            self.counters = replace(self.counters, refusals=self.counters.refusals + 1)
            raise refusal(found.exception, ask.unit, self._line.name)
        self.counters = replace(self.counters, answers=self.counters.answers + 1)
        return found.data

    def _count_before(self, ask: Ask, request: bytes, found: Found, heard: bytes) -> None:
        rubbish = sort_rubbish(ask, request, found.before)
        if self._echo is not False and request in heard:
            rubbish = replace(rubbish, echoes=rubbish.echoes + 1)
        self.counters = self.counters.with_rubbish(rubbish)

    def _nothing(self, ask: Ask, request: bytes, heard: bytes) -> NoAnswer | ProtocolError:
        rubbish = sort_rubbish(ask, request, heard)
        self.counters = self.counters.with_rubbish(rubbish)
        if rubbish.frames == 0 and rubbish.noise_bytes < SHORTEST_FRAME_BYTES:
            self.counters = replace(self.counters, timeouts=self.counters.timeouts + 1)
            return NoAnswer(
                say(
                    "no_answer",
                    unit=ask.unit,
                    line=self._line.name,
                    seconds=f"{self._timeout_s:g}",
                    what="address",
                )
            )
        self.counters = replace(self.counters, protocol_errors=self.counters.protocol_errors + 1)
        return ProtocolError(
            say(
                "noise",
                unit=ask.unit,
                line=self._line.name,
                bytes=rubbish.noise_bytes,
                other_units=rubbish.wrong_unit,
                other_functions=rubbish.wrong_function,
                other_counts=rubbish.wrong_count,
            )
        )
