"""A raw serial line that a sensor talks on without being asked."""

import asyncio
from collections.abc import Callable

from drivers.line import Line
from drivers.line_serial import SerialOpening
from drivers.serial.frame import Frame, FrameParser
from edge.config.schema import Bus
from edge.core.errors import NoAnswer, ProtocolError


class SerialLink:
    """Listens for frames; only the bus's own task may call it."""

    def __init__(self, bus: Bus, new_parser: Callable[[], FrameParser]) -> None:
        self._line = Line(
            SerialOpening(str(bus.port), bus.baudrate, bus.byte_size, bus.parity, bus.stop_bits)
        )
        self._new_parser = new_parser
        self._parser = new_parser()

    @property
    def name(self) -> str:
        """The device file."""
        return self._line.name

    async def open(self) -> None:
        """Open the line. Raises LinkDown with the reason and the remedy."""
        self._parser = self._new_parser()
        await self._line.open()

    async def close(self) -> None:
        """Close the line; safe at any time, also twice."""
        self._line.close()

    async def next_frame(self, within_s: float) -> Frame:
        """The next frame that is completed from now on; those that came before are old and thrown away.

        Raises NoAnswer where nothing comes, ProtocolError where what comes is no frame, LinkDown.
        """
        self._parser.feed(self._line.take())
        until_s = asyncio.get_running_loop().time() + within_s
        heard_bytes = 0
        while chunk := await self._line.receive(until_s):
            heard_bytes += len(chunk)
            if frames := self._parser.feed(chunk):
                return frames[-1]
            if asyncio.get_running_loop().time() >= until_s:
                break
        if heard_bytes:
            raise ProtocolError(
                f"{self.name} brings {heard_bytes} bytes in {within_s:g} s but no whole frame: check "
                "baudrate of the bus and the profile of its device"
            )
        raise NoAnswer(
            f"the sensor on {self.name} sent nothing for {within_s:g} s: check its power, its TX wire and "
            "that it is awake"
        )
