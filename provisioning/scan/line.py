"""One line, asked one question at a time: what came back, as a Trial."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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


class Asker:
    """An open line. `counts` tells what the adapter counts; by default the kernel does."""

    def __init__(
        self, place: Place, choice: Choice | None, answer_s: float, quiet_s: float, counts: Counts | None
    ) -> None:
        self._link = ModbusLink(place.bus(choice, answer_s, quiet_s))
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
