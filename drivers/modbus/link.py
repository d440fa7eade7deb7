"""One Modbus line: read and write registers and coils, over RTU, TCP, or RTU over TCP."""

from collections.abc import Sequence
from dataclasses import replace

from drivers.coded import Table
from drivers.line import Line
from drivers.line_errors import ErrorCounts, error_counts
from drivers.line_serial import SerialOpening
from drivers.line_tcp import TcpOpening
from drivers.modbus.counters import LinkCounters
from drivers.modbus.frame import BROADCAST, Ask, read_ask, write_ask
from drivers.modbus.rtu import RtuExchange
from drivers.modbus.tcp import TcpExchange
from edge.config.schema import Bus, BusKind
from edge.core.errors import LinkDown, NoAnswer
from edge.core.sayings import say

TCP_PORT = 502
"""Where Modbus TCP servers listen unless told otherwise."""

SILENT_MAX = 3
"""So many time-outs in a row without one byte, and a TCP connection is taken for half-open and made anew."""


class ModbusLink:
    """A line and the questions asked over it, one at a time; only the bus's own task may call it.

    A TCP connection that the server closed between two questions is made anew without a word.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._line = Line(opening(bus))
        self._exchange = (TcpExchange if bus.kind is BusKind.TCP else RtuExchange)(self._line, bus)
        self._reconnects = bus.kind in (BusKind.TCP, BusKind.RTU_OVER_TCP)
        self._wanted = False
        self._silent = 0

    @property
    def name(self) -> str:
        """The device file, or host and port."""
        return self._line.name

    @property
    def is_open(self) -> bool:
        """Whether the line is open and nothing is known against it."""
        return self._line.is_open

    @property
    def counters(self) -> LinkCounters:
        """Totals since the link was made."""
        return self._exchange.counters

    @property
    def heard(self) -> bytes:
        """All that came upon the last question, our own echo as well: for whoever judges a serial line."""
        return self._exchange.heard

    @property
    def stray(self) -> bytes:
        """What came before the last question, when nobody was asked."""
        return self._exchange.stray

    @property
    def errors(self) -> ErrorCounts | None:
        """What the adapter's driver has counted so far, None where it counts nothing."""
        descriptor = self._line.descriptor
        return None if descriptor is None else error_counts(descriptor)

    async def open(self) -> None:
        """Open the line. Raises LinkDown with the reason and the remedy."""
        self._wanted = True
        await self._connect()

    async def close(self) -> None:
        """Close the line; safe at any time, also twice."""
        self._wanted = False
        self._line.close()

    async def read(self, unit: int, table: Table, address: int, count: int) -> bytes:
        """`count` registers or bits from `address` on, as on the wire: big-endian words, or packed bits.

        Raises NoAnswer, ProtocolError, Busy, Refused or LinkDown; ValueError for what cannot be asked.
        """
        return await self._ask(read_ask(unit, table, address, count))

    async def write(
        self, unit: int, table: Table, address: int, values: Sequence[int], many: bool = False
    ) -> None:
        """Write coils or holding registers: one by FC 5 or 6, several (or `many`) by FC 15 or 16.

        Unit 0 is a broadcast: all obey, none answers. Raises as `read` does.
        """
        ask = write_ask(unit, table, address, values, many)
        if unit == BROADCAST:
            await self._ready()
            await self._exchange.tell(ask)
        else:
            await self._ask(ask)

    async def _ask(self, ask: Ask) -> bytes:
        if not self._line.is_open:
            await self._ready()
        last_rx_s = self._line.last_rx_s
        try:
            data = await self._exchange.ask(ask)
        except NoAnswer:
            self._count_silence(heard=self._line.last_rx_s != last_rx_s)
            raise
        self._silent = 0
        return data

    async def _ready(self) -> None:
        if self._line.is_open:
            return
        if not self._wanted:
            raise LinkDown(say("not_open", line=self.name))
        if self._reconnects:
            await self._connect()
            counters = self._exchange.counters
            self._exchange.counters = replace(counters, reconnects=counters.reconnects + 1)

    async def _connect(self) -> None:
        self._silent = 0
        await self._line.open()
        self._exchange.reset()

    def _count_silence(self, heard: bool) -> None:
        self._silent = 0 if heard else self._silent + 1
        if self._reconnects and self._silent >= SILENT_MAX:
            self._line.close()


def opening(bus: Bus) -> SerialOpening | TcpOpening:
    """Where the configured bus leads."""
    if bus.kind in (BusKind.TCP, BusKind.RTU_OVER_TCP):
        return TcpOpening(str(bus.host), TCP_PORT if bus.port is None else int(bus.port))
    return SerialOpening(str(bus.port), bus.baudrate, bus.byte_size, bus.parity, bus.stop_bits)
