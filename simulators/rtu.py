"""Slaves on a serial line: Modbus RTU with real timing, turnaround and faults."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from simulators.faults import Fault, FaultKind, FaultPlan, fault_at, spoil
from simulators.frames import frame, is_good, request_length
from simulators.modbus import Unit, answer
from simulators.wire import Heard, LineSettings, SerialWire

TURNAROUND_S = 0.005
"""From the end of a request to the first character of its answer, as common meters take it."""

CUT_S = 0.005
"""A request that breaks off is forgotten after this silence, or the line's own if that is longer."""

JITTER = 0.05
"""Share of the silence that the master may fall short by before it counts as a violation."""


@dataclass(slots=True)
class BusCount:
    """What the slaves of a line saw since it was opened."""

    requests: int = 0
    answers: int = 0
    broadcasts: int = 0
    faults: int = 0
    broken_requests: int = 0
    too_early: int = 0
    """Requests that began before the line had been silent for 3.5 characters."""


class RtuBus:
    """One RS-485 line with any number of units on it.

    Units are live: taking one out of `units` makes it silent. One event loop owns the bus.
    """

    def __init__(
        self,
        link: Path,
        settings: LineSettings,
        units: Mapping[int, Unit],
        turnaround_s: float = TURNAROUND_S,
        faults: FaultPlan | None = None,
        echo: bool = False,
    ) -> None:
        self.units = dict(units)
        self.count = BusCount()
        self.wire = SerialWire(link, settings, self._heard, echo=echo)
        self._turnaround_s = max(turnaround_s, settings.silence_s)
        self._faults = faults
        self._buffer = bytearray()
        self._clear = True
        self._dead_until_s: dict[int, float] = {}
        self._cut: asyncio.TimerHandle | None = None
        self._replug: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Plug the adapter in."""
        self.wire.open()

    async def stop(self) -> None:
        """Take the adapter away for good."""
        for timer in (self._cut, self._replug):
            if timer is not None:
                timer.cancel()
        self.wire.close()

    def _heard(self, heard: Heard) -> None:
        if not self._buffer:
            self._clear = True
            silence_s = self.wire.settings.silence_s
            if heard.quiet_s < silence_s * (1 - JITTER):
                self.count.too_early += 1
        self._clear = self._clear and heard.clear
        self._buffer += heard.data
        if self._cut is not None:
            self._cut.cancel()
        length = request_length(bytes(self._buffer))
        if length is not None and len(self._buffer) >= length:
            self._whole(bytes(self._buffer), heard.end_s)
            self._buffer.clear()
            return
        wait_s = max(CUT_S, self.wire.settings.silence_s)
        self._cut = asyncio.get_running_loop().call_at(heard.end_s + wait_s, self._forget)

    def _forget(self) -> None:
        self.count.broken_requests += 1
        self._buffer.clear()

    def _whole(self, request: bytes, end_s: float) -> None:
        if not self._clear or not is_good(request):
            self.count.broken_requests += 1
            return
        n = self.count.requests
        self.count.requests += 1
        unit, pdu = request[0], request[1:-2]
        if unit == 0:
            self.count.broadcasts += 1
        if self._dead_until_s.get(unit, 0.0) > end_s:
            return
        fault = fault_at(self._faults, n) if self._faults is not None else None
        if fault is not None and self._away(fault, unit, end_s):
            return
        back = answer(self.units, unit, pdu)
        if back is not None:
            self._send_back(fault, request, back, end_s + self._turnaround_s)

    def _send_back(self, fault: Fault | None, request: bytes, back: bytes, start_s: float) -> None:
        self.count.answers += 1
        unit = request[0]
        if fault is None:
            self.wire.send(frame(unit, back), start_s)
            return
        late_s = fault.after_s if fault.kind is FaultKind.LATE else 0.0
        self.wire.send(spoil(fault, unit, request, back), start_s + late_s)

    def _away(self, fault: Fault, unit: int, end_s: float) -> bool:
        """Begin what lasts longer than one answer; says whether the request is lost by it."""
        self.count.faults += 1
        if fault.kind is FaultKind.DEAD_UNIT:
            self._dead_until_s[unit] = end_s + fault.after_s
            return True
        if fault.kind is FaultKind.UNPLUGGED:
            self.wire.close()
            self._replug = asyncio.get_running_loop().call_at(end_s + fault.after_s, self.wire.open)
            return True
        return False
