"""The guard against a dark town: what a command would darken at night, and the second confirmation. Pure.

Towards light is never hindered. Lamps that other commands hold dark already count with those that this one
would darken, so that many small commands are one large one.
"""

import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edge.core.sayings import say
from edge.lighting.plans import Planned

STEP_NS = 600 * 1_000_000_000
"""How finely the span of a command is searched for night."""

HORIZON_NS = 48 * 3600 * 1_000_000_000
"""How far ahead a command is judged: whatever holds longer holds over two nights at least."""

CHANGES_MAX = 256
"""Most changes of one plan that are looked at within a night."""

PENDING_MAX = 256
"""Commands that may wait for their confirmation at once; the oldest leave."""

Span = tuple[int, int]


def nights_within(is_night: Callable[[int], bool], from_ns: int, until_ns: int | None) -> tuple[Span, ...]:
    """The nights that a hold from `from_ns` to `until_ns` (UTC; None: without end) touches."""
    end_ns = from_ns + HORIZON_NS if until_ns is None else min(until_ns, from_ns + HORIZON_NS)
    nights: list[Span] = []
    at_ns = from_ns
    while at_ns <= end_ns:
        next_ns = min(at_ns + STEP_NS, end_ns)
        if is_night(at_ns) or is_night(next_ns):
            began_ns = nights.pop()[0] if nights and nights[-1][1] >= at_ns else at_ns
            nights.append((began_ns, next_ns))
        if next_ns == end_ns:
            break
        at_ns = next_ns
    return tuple(nights)


def is_darker(level: float, nights: Iterable[Span], plan_at: Callable[[int], Planned]) -> bool:
    """Whether a lamp's plan gives it more light than `level` at any time in these nights."""
    for from_ns, until_ns in nights:
        at_ns = from_ns
        for _ in range(CHANGES_MAX):
            plan = plan_at(at_ns)
            if plan.level > level:
                return True
            at_ns = max(plan.until_ns, at_ns + 1)
            if at_ns >= until_ns:
                break
        else:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Question:
    """A command as the guard sees it, with groups expanded to lamps.

    `terms` is everything that was asked beside target, level and sender; `darkened` are the lamps that it
    would make dark at night, `dark_by_hand` those that commands hold dark already.
    """

    target: str
    level: float
    sender: str
    terms: str
    lamps: tuple[str, ...]
    darkened: frozenset[str]
    dark_by_hand: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the command may go on; if not, why, and the token with which it may be confirmed."""

    allowed: bool
    reason: str = ""
    token: str = ""


YES = Verdict(True)


@dataclass(frozen=True, slots=True)
class _Pending:
    token: str
    question: tuple[str, float, str, str, tuple[str, ...]]
    until_ns: int


class Guard:
    """Judges commands; keeps what waits for its confirmation. Times are monotonic nanoseconds."""

    def __init__(self, lamps_max: int, dark_level: float, confirm_s: float, token: Callable[[], str]) -> None:
        self._lamps_max, self._dark_level, self._confirm_s = lamps_max, dark_level, confirm_s
        self._token = token
        self._pending: OrderedDict[str, _Pending] = OrderedDict()

    def judge(self, question: Question, confirm: str, now_ns: int) -> Verdict:
        """Whether a command may act. A token is good once, for this very command from this very sender."""
        dark = question.darkened | question.dark_by_hand
        if not question.darkened or len(dark) <= self._lamps_max:
            return YES
        wrong = ""
        if confirm:
            if self._is_confirmed(question, confirm, now_ns):
                return YES
            wrong = f"{say('other_token')}; "
        token = self._keep(question, now_ns)
        others = len(dark - question.darkened)
        asked = say(
            "confirm_held" if others else "confirm",
            lamps=len(question.darkened),
            others=others,
            level=f"{self._dark_level:g}",
            most=self._lamps_max,
        )
        again = say("repeat", seconds=f"{self._confirm_s:g}", token=token)
        return Verdict(False, f"{wrong}{asked}; {again}", token)

    def _is_confirmed(self, question: Question, confirm: str, now_ns: int) -> bool:
        pending = self._pending.pop(question.sender, None)
        return (
            pending is not None
            and hmac.compare_digest(pending.token.encode(), confirm.encode())
            and now_ns < pending.until_ns
            and pending.question == _bound(question)
        )

    def _keep(self, question: Question, now_ns: int) -> str:
        token = self._token()
        until_ns = now_ns + round(self._confirm_s * 1e9)
        self._pending[question.sender] = _Pending(token, _bound(question), until_ns)
        self._pending.move_to_end(question.sender)
        if len(self._pending) > PENDING_MAX:
            self._pending.popitem(last=False)
        return token


def _bound(question: Question) -> tuple[str, float, str, str, tuple[str, ...]]:
    return question.target, question.level, question.sender, question.terms, question.lamps
