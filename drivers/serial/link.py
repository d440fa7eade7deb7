"""A raw serial line with one sensor on it, which talks by itself or when it is asked."""

import asyncio
from collections.abc import Callable

from drivers.line import Line
from drivers.line_serial import SerialOpening
from drivers.serial.frame import Frame, FrameParser
from drivers.serial.sensor import Gather
from edge.config.schema import Bus
from edge.core.errors import NoAnswer, ProtocolError
from edge.core.sayings import say


class SerialLink:
    """Listens for frames and says what it is given; only the bus's own task may call it."""

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

    def use(self, new_parser: Callable[[], FrameParser]) -> None:
        """Listen for another kind of sensor from now on."""
        if new_parser is not self._new_parser:
            self._new_parser, self._parser = new_parser, new_parser()

    async def open(self) -> None:
        """Open the line. Raises LinkDown with the reason and the remedy."""
        self._parser = self._new_parser()
        await self._line.open()

    async def close(self) -> None:
        """Close the line; safe at any time, also twice."""
        self._line.close()

    def pending(self) -> list[Frame]:
        """The frames that came since anybody listened last; they are taken away."""
        return self._parser.feed(self._line.take())

    async def say(self, request: bytes) -> None:
        """Put `request` on the line. Raises LinkDown."""
        await self._line.write(request)

    async def hear(self, within_s: float, gather: Gather, last: Gather) -> Frame:
        """What `gather` makes of the frames that are completed from now on, or `last` when time is over.

        Raises NoAnswer where nothing comes, ProtocolError where what comes is no frame, LinkDown.
        """
        until_s = asyncio.get_running_loop().time() + within_s
        frames: list[Frame] = []
        heard_bytes = 0
        while chunk := await self._line.receive(until_s):
            heard_bytes += len(chunk)
            for frame in self._parser.feed(chunk):
                frames.append(frame)
                if (made := gather(frames)) is not None:
                    return made
            if asyncio.get_running_loop().time() >= until_s:
                break
        if (made := last(frames)) is not None:
            return made
        if heard_bytes:
            raise ProtocolError(
                say("no_whole_frame", line=self.name, bytes=heard_bytes, seconds=f"{within_s:g}")
            )
        raise NoAnswer(say("sensor_silent", line=self.name, seconds=f"{within_s:g}"))
