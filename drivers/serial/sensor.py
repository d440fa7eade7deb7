"""What the driver must know of a kind of raw serial sensor, as data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drivers.serial.frame import VALUES, Frame, FrameParser


@dataclass(frozen=True, slots=True)
class Ask:
    """Something to say to a sensor; `answer` is the kind of frame that follows, None where none must."""

    request: bytes
    answer: str | None = None


Gather = Callable[[Sequence[Frame]], Frame | None]
"""What several frames say together; None while more is to come."""


def newest_values(frames: Sequence[Frame]) -> Frame | None:
    """The newest frame with values is all there is to it."""
    return next((frame for frame in reversed(frames) if frame.kind == VALUES), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A kind of sensor. `frame_bytes_max` is its longest frame on the wire.

    `interval_s` is the longest time between two frames that it sends by itself, 0 where it never does;
    `query` asks for values, None where that cannot be done. `active` and `passive` set these two modes,
    `sleep` and `wake` are there where it can rest. Values are suspect for `warm_up_s` after it woke or was
    switched on. `gather` makes one reading of frames, and `last` what came when its time is over; with
    `keeps`, what came since the reading before counts too. The last two switch the sensor's own calibration
    on and off.
    """

    parser: Callable[[], FrameParser]
    frame_bytes_max: int
    interval_s: float = 0.0
    query: Ask | None = None
    active: tuple[Ask, ...] = ()
    passive: tuple[Ask, ...] = ()
    wake: tuple[Ask, ...] = ()
    sleep: tuple[Ask, ...] = ()
    warm_up_s: float = 30.0
    gather: Gather = newest_values
    last: Gather = newest_values
    keeps: bool = False
    baseline_on: Ask | None = None
    baseline_off: Ask | None = None
