"""One line, asked one question at a time: what came back, as a Trial."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from drivers.coded import Table
from drivers.line import Line
from drivers.line_errors import ErrorCounts
from drivers.modbus.frame import read_ask, rtu_frame
from drivers.modbus.link import ModbusLink, opening
from drivers.modbus.match import strip_echo, units_heard
from edge.config.schema import Bus, BusKind
from edge.core.errors import Busy, LinkDown, NoAnswer, ProtocolError, Refused
from provisioning.scan.evidence import Answered, Trial
from provisioning.scan.plan import Choice, Question

TCP_ANSWER_S = 0.5
"""What a unit on a network may take: its way there and back, and a gateway's own line behind it."""

TCP_DEAD_S = 3.0
"""Longest that a gateway is taken to wait itself for a unit that is not there, until it is known better."""

GLIMPSE_S = 0.1
"""How long a unit that is not there is asked for once more, to see what that costs whoever is asked next."""

NOT_THERE = frozenset((0x04, 0x0A))
"""Refusals by which servers say that they have no such unit: path unavailable (Modbus V1.1b3 §7), and what
pymodbus's own server answers. A device that is there has no cause for either when one register is read."""

SPARE = 1.3
"""How much longer than what was measured is waited."""

Counts = Callable[[], ErrorCounts | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the line is: a device file, or host and port."""

    kind: BusKind
    port: str | int | None = None
    host: str | None = None

    def __str__(self) -> str:
        if self.host is None:
            return str(self.port)
        return f"{self.host}:{self.port or 502}"

    @property
    def has_settings(self) -> bool:
        """Whether line settings can be chosen here; a converter on the network has its own."""
        return self.kind is BusKind.RTU

    def bus(self, choice: Choice | None, answer_s: float, quiet_s: float) -> Bus:
        """A bus of the configuration that leads there."""
        line = choice or Choice()
        return Bus(
            id="scan",
            kind=self.kind,
            port=self.port,
            host=self.host,
            baudrate=line.baudrate,
            parity=line.parity,
            stop_bits=line.stop_bits,
            timeout_s=answer_s if self.has_settings else max(answer_s, TCP_ANSWER_S),
            quiet_after_timeout_s=quiet_s,
        )


@dataclass(slots=True)
class Pace:
    """What a Modbus TCP gateway takes over a unit that is not there, learned while it is scanned.

    It asks its own line one after the other: whoever is asked after such a unit waits for the gateway to give
    it up, and must not be taken for dead as well. Until `dead_s` is known, TCP_DEAD_S is waited for each.
    """

    dead_s: float | None = None
    living: int | None = None

    @property
    def wait_s(self) -> float:
        """How long to wait for an answer."""
        return TCP_DEAD_S if self.dead_s is None else max(TCP_ANSWER_S, SPARE * self.dead_s)


class Asker:
    """An open line. `counts` tells what the adapter counts; by default the kernel does."""

    def __init__(
        self,
        place: Place,
        choice: Choice | None,
        answer_s: float,
        quiet_s: float,
        counts: Counts | None,
        pace: Pace | None = None,
    ) -> None:
        self._pace = (pace or Pace()) if place.kind is BusKind.TCP else None
        longest_s = answer_s if self._pace is None else SPARE * TCP_DEAD_S
        self._link = ModbusLink(place.bus(choice, longest_s, quiet_s))
        self._counts = counts or (lambda: self._link.errors)

    async def __aenter__(self) -> "Asker":
        await self._link.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._link.close()

    async def read(self, unit: int, table: Table, address: int, count: int) -> bytes:
        """As ModbusLink.read: the data itself, or the error."""
        return await self._link.read(unit, table, address, count)

    async def write(self, unit: int, table: Table, address: int, values: Sequence[int], many: bool) -> None:
        """As ModbusLink.write."""
        await self._link.write(unit, table, address, values, many)

    async def ask(self, unit: int, question: Question) -> Trial:
        """Ask one question. Raises LinkDown; everything else is what the line says."""
        if self._pace is None:
            return await self._asked(unit, question)
        return await self._paced(self._pace, unit, question)

    async def _paced(self, pace: Pace, unit: int, question: Question) -> Trial:
        """Ask behind a gateway, which has a line of its own, and learn how long that takes."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        trial = await self._within(pace.wait_s, unit, question)
        took_s = loop.time() - began_s
        if trial is None:
            if pace.living is not None and pace.dead_s is None:
                pace.dead_s = await self._measured(pace.living, unit, question)
            return Trial(unit, Answered.SILENT)
        if trial.answered is Answered.REFUSAL and trial.code in NOT_THERE:
            return replace(trial, answered=Answered.SILENT)
        if trial.answered in (Answered.VALUES, Answered.REFUSAL):
            pace.living = unit
        elif trial.answered is Answered.SILENT:  # exception 0B: the gateway says so itself
            pace.dead_s = max(pace.dead_s or 0.0, took_s)
        return trial

    async def _measured(self, living: int, dead: int, question: Question) -> float:
        """How long the gateway is busy with a unit that is not there, from how late another one answers."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        await self._within(GLIMPSE_S, dead, question)
        asked_s = loop.time()
        if await self._within(SPARE * TCP_DEAD_S, living, question) is None:
            return TCP_DEAD_S
        is_held_up = loop.time() - asked_s > GLIMPSE_S
        return loop.time() - began_s if is_held_up else 0.0

    async def _within(self, wait_s: float, unit: int, question: Question) -> Trial | None:
        """A question with an answer in that time; late ones are known by their transaction id. None without,
        also where the connection is closed upon the question and can be opened again."""
        try:
            async with asyncio.timeout(wait_s):
                return await self._asked(unit, question)
        except TimeoutError:
            return None
        except LinkDown:
            await self._link.open()
            return None

    async def _asked(self, unit: int, question: Question) -> Trial:
        before, code = self._counts(), 0
        try:
            await self._link.read(unit, question.table, question.address, question.count)
            answered = Answered.VALUES
        except (Refused, Busy) as refused:
            answered, code = Answered.REFUSAL, getattr(refused, "code", 0)
        except NoAnswer:
            answered = Answered.SILENT
        except ProtocolError:
            answered = Answered.GARBLED
        return self._trial(unit, question, answered, code, before)

    def _trial(
        self, unit: int, question: Question, answered: Answered, code: int, before: ErrorCounts | None
    ) -> Trial:
        request = rtu_frame(read_ask(unit, question.table, question.address, question.count))
        echoed, heard = strip_echo(request, self._link.heard)
        others = units_heard(self._link.stray + heard) if answered is not Answered.VALUES else ()
        strange = tuple(other for other in (*others, *units_heard(self._link.stray)) if other != unit)
        if answered is Answered.GARBLED and strange and heard and units_heard(heard):
            # Whole frames, though not this unit's: a late answer of another one, not garbage.
            answered = Answered.SILENT
        after = self._counts()
        errors = after.since(before) if after is not None and before is not None else None
        stray = strip_echo(request, self._link.stray)[1]
        return Trial(unit, answered, heard, code, echoed, tuple(dict.fromkeys(strange)), errors, stray)


async def listen(place: Place, choice: Choice, for_s: float) -> bytes:
    """What comes by itself. Raises LinkDown."""
    line = Line(opening(place.bus(choice, 0.1, 0.0)))
    await line.open()
    try:
        loop = asyncio.get_running_loop()
        until_s, heard = loop.time() + for_s, b""
        while chunk := await line.receive(until_s):
            heard += chunk
        return heard
    finally:
        line.close()


__all__ = ["Asker", "Counts", "LinkDown", "Place", "listen"]
