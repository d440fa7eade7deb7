"""What quality control remembers of one point: as little as its checks need, whatever is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.air import judging
from edge.air.checks import Check
from edge.core.air import CheckKind

REPEATS_MAX = 5
"""Equal readings on end that are never called stuck, however long they last (SJVAir's rule)."""

NEIGHBOUR_MAX_S = 180.0
"""Furthest that a neighbour may be for a spike: further away, a lone value may be a cloud of smoke."""


@dataclass(slots=True)
class _Run:
    """Equal readings on end."""

    value: float
    since_s: float
    readings: int = 1


@dataclass(slots=True)
class PointHistory:
    """One point of one device. Times are seconds that only grow.

    `steady` is the newest value that was no spike, `chain` the newest two on end, `moved` whether the point
    was seen to change, None while that is not known.
    """

    checks: Mapping[CheckKind, Check]
    steady: tuple[float, float] | None = None
    chain: list[tuple[float, float]] = field(default_factory=list)
    moved: bool | None = None
    is_stuck: bool = False
    _run: _Run | None = None

    def broken(self) -> None:
        """There is no believable value this time: the next one has no neighbour before it."""
        self.chain.clear()

    def forget(self) -> None:
        """Begin anew: after power, sleep, calibration."""
        self.chain.clear()
        self.steady = self._run = self.moved = None
        self.is_stuck = False

    def spike(self, value: float, at_s: float) -> str:
        """Whether the value before this one stood alone; it is then forgotten."""
        if (check := self.checks.get(CheckKind.SPIKE)) is None or len(self.chain) < 2:
            return ""
        (first_s, before), (second_s, suspect) = self.chain
        if max(at_s - second_s, second_s - first_s) > NEIGHBOUR_MAX_S:
            return ""
        text = judging.spike(check, before, suspect, value)
        if text:
            self.chain.pop()
            self.steady = self.chain[0]
        return text

    def rate(self, value: float, at_s: float) -> str:
        """Whether it changed too fast since the newest value that was no spike."""
        if (check := self.checks.get(CheckKind.RATE)) is None or self.steady is None:
            return ""
        before_s, before = self.steady
        return judging.too_fast(check, before, value, at_s - before_s)

    def stuck(self, value: float, at_s: float) -> str:
        """Whether it has been the same for too long."""
        if (check := self.checks.get(CheckKind.STUCK)) is None:
            return ""
        run = self._run
        if run is None or abs(value - run.value) > (check.limit or 0):
            self.moved = None if run is None else True
            self._run = run = _Run(value, at_s)
        else:
            run.readings += 1
        text = judging.stuck(check, value, at_s - run.since_s, run.readings, REPEATS_MAX)
        self.is_stuck = bool(text)
        return text

    def took(self, value: float, at_s: float) -> None:
        """Remember a value."""
        self.steady = (at_s, value)
        self.chain.append((at_s, value))
        if len(self.chain) > 2:
            del self.chain[0]

    @property
    def is_followed(self) -> bool:
        """Whether it is watched for being stuck, and has values."""
        return self._run is not None

    @property
    def is_well(self) -> bool | None:
        """Whether the point is not stuck; None while that is not known."""
        if self.is_stuck:
            return False
        check = self.checks.get(CheckKind.STUCK)
        if check is None or self.moved or (self._run and judging.may_last(check, self._run.value)):
            return True
        return None
