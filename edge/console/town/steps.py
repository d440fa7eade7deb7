"""Values gathered into steps of time: mean, least and greatest of each. Pure."""

from collections.abc import Iterable
from math import isfinite

from edge.console.town.sight import Origin, Series, Span

STEPS_MAX = 2_000
"""Most steps of one series."""


class Steps:
    """Takes values in any order."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._steps: dict[int, list[float]] = {}

    def put(self, at_ns: int, value: float) -> None:
        """Take one value in; one outside of the span is left out."""
        if not self._span.from_ns <= at_ns < self._span.to_ns or not isfinite(value):
            return
        number = (at_ns - self._span.from_ns) // (self._span.step_s * 1_000_000_000)
        step = self._steps.get(number)
        if step is None:
            self._steps[number] = [1, value, value, value]
            return
        step[0] += 1
        step[1] += value
        step[2] = min(step[2], value)
        step[3] = max(step[3], value)

    def series(self, origin: Origin, since_ns: int | None = None) -> Series:
        """What was gathered."""
        numbers = sorted(self._steps)
        step_ns = self._span.step_s * 1_000_000_000
        rows = [self._steps[number] for number in numbers]
        return Series(
            origin=origin,
            at_ns=[self._span.from_ns + number * step_ns for number in numbers],
            mean=[total / count for count, total, _, _ in rows],
            low=[low for _, _, low, _ in rows],
            high=[high for _, _, _, high in rows],
            since_ns=since_ns,
        )


def gathered(
    values: Iterable[tuple[int, float]], span: Span, origin: Origin, since_ns: int | None = None
) -> Series:
    """A series of these values."""
    steps = Steps(span)
    for at_ns, value in values:
        steps.put(at_ns, value)
    return steps.series(origin, since_ns)
