"""A bus lent to a technician's command: for how long, to whom, and what others are told meanwhile. Pure."""

from dataclasses import dataclass, replace

from edge.core.errors import Busy
from edge.core.sayings import say

LEASE_S_MAX = 60.0
"""Longest time without a sign of life from who has the bus: it may have died."""

LOAN_S_MAX = 900.0
"""Longest time that a bus is lent at all, however often that is renewed: a street waits behind it."""

NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Loan:
    """Who has the bus and why; it ends at `until_ns` of the monotonic clock unless it is renewed."""

    token: str
    by: str
    why: str
    began_ns: int
    until_ns: int

    def renewed(self, for_s: float, now_ns: int) -> "Loan":
        """Longer, but never beyond the longest loan. Raises Busy once that is over."""
        last_ns = self.began_ns + round(LOAN_S_MAX * NS)
        if now_ns >= min(self.until_ns, last_ns):
            raise Busy(say("loan_over", minutes=f"{LOAN_S_MAX / 60:.0f}"))
        return replace(self, until_ns=min(now_ns + _lease_ns(for_s), last_ns))

    def left_s(self, now_ns: int) -> float:
        """How long until it ends by itself."""
        return max(0.0, (self.until_ns - now_ns) / NS)

    def sentence(self, bus: str) -> str:
        """What whoever wants the bus meanwhile is told."""
        return say("bus_lent", bus=bus, tool=self.why, person=self.by)


def new_loan(token: str, by: str, why: str, for_s: float, now_ns: int) -> Loan:
    """A loan that begins now."""
    return Loan(token, by, why, now_ns, now_ns + _lease_ns(for_s))


def _lease_ns(for_s: float) -> int:
    return round(min(max(for_s, 1.0), LEASE_S_MAX) * NS)
