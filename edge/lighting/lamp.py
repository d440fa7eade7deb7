"""One lamp as the service knows it, and what is to be done about it now. Pure; times are monotonic."""

from dataclasses import dataclass
from enum import Enum

from edge.core.backoff import Backoff, Chance
from edge.core.lighting import Lamp, LampReport
from edge.lighting.desired import Wanted

RETRY = Backoff(first_s=0.5, cap_s=8.0, floor=0.5)
"""Waits before a lamp that did not follow is tried again."""

NEVER_NS = 1 << 62


def reached(lamp: Lamp, level: float) -> float:
    """What a lamp makes of a level: at least its minimum unless dark, all or nothing where it cannot dim."""
    if level <= 0:
        return 0.0
    return max(level, lamp.minimum_level) if lamp.dimmable else 100.0


@dataclass(frozen=True, slots=True)
class Patience:
    """So many retries in quick succession; after them, and where all is well, a look every `refresh_s`."""

    retries: int
    refresh_s: float
    chance: Chance

    def wait_ns(self, failures: int) -> int:
        """How long a lamp that failed is left alone."""
        slow = failures > self.retries
        return round((self.refresh_s if slow else RETRY.wait_s(failures, self.chance)) * 1e9)

    @property
    def refresh_ns(self) -> int:
        """How long a lamp that is well is left alone; spread, so that not all are asked at once."""
        return round(self.refresh_s * (0.5 + 0.5 * self.chance()) * 1e9)


class Act(Enum):
    """What a lamp needs."""

    NOTHING = "nothing"
    READ = "read"
    RAISE = "raise"
    LOWER = "lower"


@dataclass(slots=True)
class LampRecord:
    """What is known of a lamp.

    `actual` is the level that it has as far as anybody knows, None when nobody does; `sent` the level that
    was written last, until it was read back. `proven` marks that a write to it has succeeded since the
    start, `tried` that it was read, or that this was tried. `failures` counts attempts in a row that did not
    do; `rest_ns` is until when it is left alone, `check_ns` when it is read next. `urgent` marks that
    somebody waits for it; `force` that it is to be written for them, whatever it has: for the first time
    until `deadline_ns`, after which it has `begun` or is too late.
    """

    lamp: Lamp
    wanted: Wanted | None = None
    actual: float | None = None
    sent: float | None = None
    verified: bool = False
    proven: bool = False
    tried: bool = False
    busy: bool = False
    urgent: bool = False
    force: bool = False
    begun: bool = False
    deadline_ns: int = NEVER_NS
    failures: int = 0
    rest_ns: int = 0
    check_ns: int = 0
    fade_s: float | None = None
    trouble: str = ""

    def reach(self, level: float) -> float:
        """What the lamp makes of a level."""
        return reached(self.lamp, level)

    def act(self, now_ns: int) -> Act:
        """What it needs now."""
        if self.busy or now_ns < self.rest_ns:
            return Act.NOTHING
        if self.wanted is None or self._only_looks:
            return Act.READ if self.lamp.readable and now_ns >= self.check_ns else Act.NOTHING
        level, has = self.reach(self.wanted.level), self.has
        return Act.LOWER if level < (100.0 if has is None else has) else Act.RAISE

    @property
    def has(self) -> float | None:
        """The level that it has or is going to have, None when nobody knows."""
        return self.sent if self.sent is not None else self.actual

    @property
    def is_settled(self) -> bool:
        """Whether it has, or is going to have, what is wanted."""
        return self.wanted is None or self.has == self.reach(self.wanted.level)

    @property
    def _only_looks(self) -> bool:
        """Whether nothing is to be written to it, at most read: what it has must be known before it may
        become darker for the first time, even if somebody waits."""
        if self.wanted is None:
            return True
        blind = self.lamp.readable and self.has is None
        full = self.failures > 0 and self.reach(self.wanted.level) >= 100
        written_anyway = self.force and (self.proven or full or not blind)
        return not written_anyway and (blind or self.is_settled)

    @property
    def is_verified(self) -> bool:
        """Whether it was read back to have what is wanted."""
        return self.verified and not self.force and self.wanted is not None and self.is_settled

    @property
    def is_given_up(self) -> bool:
        """Whether nothing is under way any more for who waits for it."""
        return not self.urgent and not self.busy and self.failures > 0

    @property
    def is_dark(self) -> bool:
        """Whether a write that gives light switches it on, which draws the inrush."""
        return not self.has

    def next_level(self) -> float:
        """The level to write now: never darker than it is before one write to it has been seen to work."""
        assert self.wanted is not None, "only a lamp of which something is wanted is written to"
        level = self.reach(self.wanted.level)
        if not self.proven and self.actual is not None and level < self.actual:
            return self.actual
        return level

    @property
    def only_proves(self) -> bool:
        """Whether the next write is there to be seen to work, and what is wanted comes after it."""
        return self.wanted is not None and self.next_level() != self.reach(self.wanted.level)

    @property
    def next_fade_s(self) -> float | None:
        """How long the next write is to take, None for the usual fade."""
        return None if self.only_proves else self.fade_s

    def due_ns(self) -> int:
        """When to look at it again, if nothing happens before."""
        if self.busy:
            return NEVER_NS
        if self.wanted is not None and not self._only_looks:
            return self.rest_ns
        return max(self.rest_ns, self.check_ns) if self.lamp.readable else NEVER_NS

    def written(self, report: LampReport, now_ns: int, pause_s: float, patience: Patience) -> None:
        """Take in what became of a write; it is to be read back after `pause_s`."""
        self.verified = False
        if not report.applied:
            if self.lamp.readable:
                # It may have taken the level all the same: only reading it says.
                self.actual = self.sent = None
                self.check_ns = now_ns
            self.failed(str(report.error or "it was not written"), now_ns, patience)
            return
        self.sent, self.proven = report.wanted, True
        self.check_ns = now_ns + round(pause_s * 1e9)
        if self.wanted is not None and report.wanted == self.reach(self.wanted.level):
            self.force = False
        if not self.lamp.readable:
            self.actual, self.failures, self.trouble, self.urgent = report.wanted, 0, "", False

    def read(self, report: LampReport, now_ns: int, patience: Patience) -> None:
        """Take in what was read; `report.wanted` is what it was compared with."""
        self.tried = True
        if report.actual is None:
            self.failed(str(report.error or "its level could not be read"), now_ns, patience)
            return
        missed = self.sent is not None and not report.verified
        self.actual = report.wanted if report.verified else report.actual
        self.sent, self.verified = None, report.verified
        self.check_ns = now_ns + patience.refresh_ns
        if missed:
            self.failed(f"set to {report.wanted:g} % it has {report.actual:g} %", now_ns, patience)
        else:
            self.failures, self.trouble, self.rest_ns = 0, "", 0
            self.urgent = self.urgent and self.force

    def failed(self, why: str, now_ns: int, patience: Patience) -> None:
        """Count an attempt that did not do; after some, try rarely."""
        self.failures += 1
        self.trouble, self.verified = why, False
        self.rest_ns = now_ns + patience.wait_ns(self.failures)
        if self.failures > patience.retries:
            self.urgent = self.force = False
            self.fade_s = None

    def came_back(self, now_ns: int) -> None:
        """It answers again: what it has is not known, and its failures are forgotten."""
        self.actual = self.sent = None
        self.verified = False
        self.failures = 0
        self.plan_fade(None)
        self.rest_ns = self.check_ns = now_ns

    def plan_fade(self, fade_s: float | None) -> None:
        """How long it takes to a level that the plan wants now; what somebody waits for has its own."""
        if not self.force:
            self.fade_s = fade_s

    def ask(self, fade_s: float | None, deadline_ns: int, now_ns: int) -> None:
        """Somebody waits for it to be written now."""
        self.urgent = self.force = True
        self.begun = False
        self.fade_s, self.deadline_ns = fade_s, deadline_ns
        self.failures, self.rest_ns, self.verified = 0, now_ns, False
