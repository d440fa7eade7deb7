"""What a receiver makes of levels on a two-wire line: wrong speeds, wrong parity, collisions. Pure.

Senders that overlap pull the line down together: a 0 of one wins over a 1 of the other. That is how most
transceivers with fail-safe bias behave; how two of one strength fight is not defined by the standard.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from simulators.wire import LineSettings

HIGH, LOW = 1, 0


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes that one device sends from `start_s` on."""

    data: bytes
    settings: LineSettings
    start_s: float

    @property
    def end_s(self) -> float:
        """When its last stop bit is over."""
        return self.start_s + len(self.data) * self.settings.char_s


@dataclass(frozen=True, slots=True)
class Char:
    """One character as a receiver takes it, at the middle of its stop bit, and what was wrong with it."""

    at_s: float
    byte: int
    parity_error: bool = False
    frame_error: bool = False

    @property
    def wrong(self) -> bool:
        """Whether the receiver knows that it is not what was sent."""
        return self.parity_error or self.frame_error


def bits_of(data: bytes, settings: LineSettings) -> tuple[int, ...]:
    """The levels of one bit's length each: start, data with the lowest bit first, parity, stop."""
    found: list[int] = []
    for byte in data:
        word = [byte >> place & 1 for place in range(settings.byte_size)]
        found += [LOW, *word, *_parity(word, settings.parity), *[HIGH] * settings.stop_bits]
    return tuple(found)


def received(sent: Sequence[Sent], settings: LineSettings, inverted: bool = False) -> list[Char]:
    """The characters that a receiver with `settings` takes; `inverted` where its two wires are swapped."""
    if not sent:
        return []
    line = _Line(sent, inverted)
    found: list[Char] = []
    now_s = line.begin_s
    while (fall_s := line.next(LOW, now_s)) < line.end_s:
        char, now_s = _one(line, fall_s, settings)
        if char is not None:
            found.append(char)
    return found


def _one(line: "_Line", fall_s: float, settings: LineSettings) -> tuple[Char | None, float]:
    """The character that begins with the edge at `fall_s`, and from when on the next may begin."""
    bit_s = 1.0 / settings.baudrate
    if line.level(fall_s + bit_s / 2) == HIGH:
        return None, fall_s + bit_s / 2
    word = [line.level(fall_s + (place + 1.5) * bit_s) for place in range(settings.byte_size)]
    after = settings.byte_size + 1.5
    wrong = False
    for expected in _parity(word, settings.parity):
        wrong = line.level(fall_s + after * bit_s) != expected
        after += 1
    at_s = fall_s + after * bit_s
    stopped = line.level(at_s) == HIGH
    byte = sum(bit << place for place, bit in enumerate(word))
    return Char(at_s, byte, wrong, not stopped), at_s if stopped else line.next(HIGH, at_s)


def _parity(word: Sequence[int], parity: str) -> tuple[int, ...]:
    if parity == "N":
        return ()
    return (sum(word) % 2 if parity == "E" else 1 - sum(word) % 2,)


class _Line:
    """The level at each moment while somebody sends."""

    def __init__(self, sent: Sequence[Sent], inverted: bool) -> None:
        waves = [(one.start_s, 1.0 / one.settings.baudrate, bits_of(one.data, one.settings)) for one in sent]
        times = {start_s + at * bit_s for start_s, bit_s, bits in waves for at in range(len(bits) + 1)}
        self.begin_s = min(one.start_s for one in sent) - 1.0
        self.end_s = max(one.end_s for one in sent)
        self._times = [self.begin_s, *sorted(times)]
        middles = [(a + b) / 2 for a, b in zip(self._times, [*self._times[1:], math.inf], strict=True)]
        self._levels = [_together(waves, at_s) ^ inverted for at_s in middles]

    def level(self, at_s: float) -> int:
        return self._levels[max(0, bisect_right(self._times, at_s) - 1)]

    def next(self, level: int, from_s: float) -> float:
        """The first moment from `from_s` on at which the line is at `level`."""
        at = max(0, bisect_right(self._times, from_s) - 1)
        if self._levels[at] == level:
            return from_s
        for place in range(at + 1, len(self._times)):
            if self._levels[place] == level:
                return self._times[place]
        return math.inf


def _together(waves: Sequence[tuple[float, float, tuple[int, ...]]], at_s: float) -> int:
    """All senders at once; whoever does not send leaves the line high."""
    for start_s, bit_s, bits in waves:
        place = math.floor((at_s - start_s) / bit_s) if math.isfinite(at_s) else -1
        if 0 <= place < len(bits) and bits[place] == LOW:
            return LOW
    return HIGH
