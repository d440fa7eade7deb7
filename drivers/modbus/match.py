"""Find the answer to one question in whatever a serial line brings. Pure.

pymodbus's own transaction is not used here, because it accepts late answers, answers with another function
code and answers with another count. An answer counts only if unit, function code, byte count (or, for a
write, every echoed field), length and checksum are those of the question. Whatever else is on the line,
noise before the answer, our own echo, frames of other units, is passed over and counted by its cause.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from drivers.modbus.frame import EXCEPTION, EXCEPTION_FRAME_BYTES, Ask, crc

SHORTEST_FRAME_BYTES = 5
"""Unit, function code, one byte, checksum: nothing shorter can be an answer."""

LONGEST_FRAME_BYTES = 256
"""Modbus over serial line V1.02 §2.5.1."""

_READS = (1, 2, 3, 4)
_WRITES = (5, 6, 15, 16)


@dataclass(frozen=True, slots=True)
class Rubbish:
    """What was thrown away, by cause: frames with a good checksum that answer nothing, and bare bytes."""

    echoes: int = 0
    wrong_unit: int = 0
    wrong_function: int = 0
    wrong_count: int = 0
    noise_bytes: int = 0

    @property
    def frames(self) -> int:
        """Whole frames among it, our own echo not counted."""
        return self.wrong_unit + self.wrong_function + self.wrong_count


@dataclass(frozen=True, slots=True)
class Found:
    """An answer: its payload, or the exception code. `before` and `after` lay around it in the buffer.

    `ambiguous`: a second answer of the same shape but with other content lies behind it; neither may be used.
    """

    data: bytes
    exception: int
    before: bytes
    after: bytes
    ambiguous: bool = False


def find_answer(ask: Ask, buffer: bytes) -> Found | None:
    """The first answer to `ask` in `buffer`; None while more bytes are needed."""
    found = _first(ask, buffer)
    if found is None or len(found.after) < SHORTEST_FRAME_BYTES:
        return found
    second = _first(ask, found.after)
    if second is None or (second.data, second.exception) == (found.data, found.exception):
        return found
    return Found(found.data, found.exception, found.before, found.after, ambiguous=True)


def strip_echo(request: bytes, buffer: bytes) -> tuple[bool, bytes]:
    """Whether our own request lies in `buffer`, and the buffer without its first occurrence."""
    at = buffer.find(request)
    if at < 0:
        return False, buffer
    return True, buffer[:at] + buffer[at + len(request) :]


def units_heard(buffer: bytes) -> tuple[int, ...]:
    """The unit ids of all whole frames with a good checksum in `buffer`, in their order."""
    return tuple(buffer[at] for at, _ in _frames(buffer, len(buffer)))


def sort_rubbish(ask: Ask, request: bytes, thrown: bytes) -> Rubbish:
    """Count by cause what lay in `thrown` besides the answer to `ask`."""
    echoes = wrong_unit = wrong_function = wrong_count = framed_bytes = 0
    for at, end in _frames(thrown, len(thrown)):
        frame = thrown[at:end]
        framed_bytes += len(frame)
        if frame == request:
            echoes += 1
        elif frame[0] != ask.unit:
            wrong_unit += 1
        elif frame[1] & ~EXCEPTION != ask.function:
            wrong_function += 1
        else:
            wrong_count += 1
    return Rubbish(echoes, wrong_unit, wrong_function, wrong_count, len(thrown) - framed_bytes)


def _first(ask: Ask, buffer: bytes) -> Found | None:
    for at, length in sorted((*_at(buffer, ask.head, ask.answer_bytes + 2), *_refusals(ask, buffer))):
        end = at + length
        if crc(buffer[at : end - 2]) != buffer[end - 2 : end] or _inside(buffer, at):
            continue
        if buffer[at + 1] & EXCEPTION:
            return Found(b"", buffer[at + 2], buffer[:at], buffer[end:])
        return Found(buffer[at + ask.data_at : at + ask.answer_bytes], 0, buffer[:at], buffer[end:])
    return None


def _at(buffer: bytes, head: bytes, length: int) -> Iterator[tuple[int, int]]:
    last = len(buffer) - length
    at = buffer.find(head)
    while 0 <= at <= last:
        yield at, length
        at = buffer.find(head, at + 1)


def _refusals(ask: Ask, buffer: bytes) -> Iterator[tuple[int, int]]:
    return _at(buffer, ask.refusal_head, EXCEPTION_FRAME_BYTES)


def _inside(buffer: bytes, at: int) -> bool:
    """Whether a whole frame that begins before `at` reaches over it: then it is that frame's payload."""
    return any(begin < at < end for begin, end in _frames(buffer, at))


def _frames(buffer: bytes, before: int) -> Iterator[tuple[int, int]]:
    """Begin and end of the whole frames with a good checksum that begin before `before`, left to right."""
    at = 0
    while at < before:
        end = next((at + n for n in _lengths(buffer, at) if _whole(buffer, at, at + n)), 0)
        if end:
            yield at, end
        at = end or at + 1


def _whole(buffer: bytes, at: int, end: int) -> bool:
    return end <= len(buffer) and crc(buffer[at : end - 2]) == buffer[end - 2 : end]


def _lengths(buffer: bytes, at: int) -> Iterator[int]:
    """How long a frame that begins here may be, as an answer and as a request of another master."""
    if len(buffer) - at < SHORTEST_FRAME_BYTES:
        return
    function = buffer[at + 1]
    if function & EXCEPTION:
        yield EXCEPTION_FRAME_BYTES
    elif function in _READS:
        yield 3 + buffer[at + 2] + 2
        yield 8
    elif function in _WRITES:
        yield 8
        if function > 6 and len(buffer) - at > 6:
            yield 7 + buffer[at + 6] + 2
