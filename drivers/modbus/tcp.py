"""Questions and answers on Modbus TCP, where a transaction id ties each answer to its question."""

import asyncio
from dataclasses import replace

from drivers.line import Line, pause_until
from drivers.modbus.counters import LinkCounters
from drivers.modbus.frame import EXCEPTION, MBAP_BYTES, Ask, tcp_frame
from drivers.modbus.refusal import refusal
from edge.config.schema import Bus
from edge.core.errors import LinkDown, NoAnswer, ProtocolError
from edge.core.sayings import say

LENGTH_MIN, LENGTH_MAX = 3, 254
"""What the length field of an answer can say: unit, function code and at least one byte more."""


class TcpExchange:
    """Asks one question at a time over a connection."""

    def __init__(self, line: Line, bus: Bus) -> None:
        self.counters = LinkCounters()
        self._line = line
        self._timeout_s = bus.timeout_s
        self._turnaround_s = bus.turnaround_s
        self._pause_s = bus.pause_s
        self._free_at_s = 0.0
        self._transaction = 0
        self._heard = b""
        self.heard = self.stray = b""
        """As on a serial line, for whoever judges it; a connection has no line to judge."""

    def reset(self) -> None:
        """The connection is a new one: nothing of the old one can arrive."""
        self._heard = b""

    async def ask(self, ask: Ask) -> bytes:
        """The payload of the answer. Raises NoAnswer, ProtocolError, Busy, Refused or LinkDown."""
        loop = asyncio.get_running_loop()
        await self._settle(loop)
        began_s = loop.time()
        transaction = self._next()
        try:
            await self._line.write(tcp_frame(ask, transaction))
            body = await self._body(transaction, began_s + self._timeout_s)
        finally:
            now_s = loop.time()
            self._free_at_s = now_s + self._pause_s
            busy_s = self.counters.busy_s + now_s - began_s
            self.counters = replace(self.counters, requests=self.counters.requests + 1, busy_s=busy_s)
        return self._judge(ask, body)

    async def tell(self, ask: Ask) -> None:
        """Broadcast: no answer is awaited; one that comes is thrown away by its id. Raises LinkDown."""
        loop = asyncio.get_running_loop()
        await self._settle(loop)
        await self._line.write(tcp_frame(ask, self._next()))
        self._free_at_s = loop.time() + self._turnaround_s
        self.counters = replace(self.counters, broadcasts=self.counters.broadcasts + 1)
        await pause_until(loop, self._free_at_s)

    async def _settle(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._free_at_s > loop.time():
            await pause_until(loop, self._free_at_s)

    def _next(self) -> int:
        self._transaction = self._transaction % 0xFFFF + 1
        return self._transaction

    async def _body(self, transaction: int, until_s: float) -> bytes | None:
        """Unit id and PDU of the answer to `transaction`; None when its time is over."""
        loop = asyncio.get_running_loop()
        while chunk := await self._line.receive(until_s):
            self._heard += chunk
            while frame := self._cut():
                if int.from_bytes(frame[:2], "big") == transaction:
                    return frame[MBAP_BYTES - 1 :]
                self.counters = replace(self.counters, late=self.counters.late + 1)
            if loop.time() >= until_s:
                break
        return None

    def _cut(self) -> bytes:
        """The next whole frame off what was heard, or nothing."""
        if len(self._heard) < MBAP_BYTES:
            return b""
        length = int.from_bytes(self._heard[4:6], "big")
        if self._heard[2:4] != b"\0\0" or not LENGTH_MIN <= length <= LENGTH_MAX:
            self._line.close()
            raise LinkDown(say("no_modbus_tcp", line=self._line.name))
        end = MBAP_BYTES - 1 + length
        if len(self._heard) < end:
            return b""
        frame, self._heard = self._heard[:end], self._heard[end:]
        return frame

    def _judge(self, ask: Ask, body: bytes | None) -> bytes:
        if body is not None and body.startswith(ask.head) and len(body) == ask.answer_bytes:
            self.counters = replace(self.counters, answers=self.counters.answers + 1)
            return body[ask.data_at :]
        if body is None:
            self.counters = replace(self.counters, timeouts=self.counters.timeouts + 1)
            raise NoAnswer(
                say(
                    "no_answer",
                    unit=ask.unit,
                    line=self._line.name,
                    seconds=f"{self._timeout_s:g}",
                    what="unit id",
                )
            )
        if body.startswith(ask.refusal_head) and len(body) == len(ask.refusal_head) + 1:
            self.counters = replace(self.counters, refusals=self.counters.refusals + 1)
            raise refusal(body[-1], ask.unit, self._line.name)
        self._count_wrong(ask, body)
        raise ProtocolError(say("other_answer", unit=ask.unit, line=self._line.name))

    def _count_wrong(self, ask: Ask, body: bytes) -> None:
        counters = replace(self.counters, protocol_errors=self.counters.protocol_errors + 1)
        if body[0] != ask.unit:
            counters = replace(counters, wrong_unit=counters.wrong_unit + 1)
        elif body[1] & ~EXCEPTION != ask.function:
            counters = replace(counters, wrong_function=counters.wrong_function + 1)
        else:
            counters = replace(counters, wrong_count=counters.wrong_count + 1)
        self.counters = counters
