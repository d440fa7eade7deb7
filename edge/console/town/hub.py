"""Live data for all browsers: changes gathered for a moment, written once, sent to everybody who looks.

Each batch has a number. A browser that returns with the last number that it saw gets what it missed, or is
told to ask for everything anew; so is one that reads more slowly than the town changes.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence

from edge.console.town.orders import Order, Orders, Progress
from edge.console.town.picture import Changes
from edge.console.town.sight import Sight
from edge.console.town.tables import (
    ALARMS,
    GATEWAYS,
    TARGETS,
    alarm_row,
    event_out,
    gateway_row,
    link_out,
    said_out,
    state_columns,
    state_row,
    table,
    target_row,
    when,
    whole_columns,
    whole_row,
)
from edge.core.ports import Clock

GATHER_S = 0.2
"""How long changes gather before they are sent."""

BEAT_S = 10.0
"""A browser hears at least this often, so that it notices a lost connection."""

KEPT_BYTES_MAX = 8_000_000
KEPT_MAX = 2_000
"""What is kept of the latest batches for browsers that return."""

WAITING_BYTES_MAX = 4_000_000
"""What may wait for a slow browser; beyond that it has to ask anew."""

WAITING_MANY = 1_000
"""From so many changed things on, a browser is better off with the whole."""

VIEWERS_MAX = 256
"""Most open streams; one more is refused."""


class Viewer:
    """One open stream of one user."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.waiting: deque[bytes] = deque()
        self.bytes = 0
        self.wake = asyncio.Event()

    def put(self, body: bytes, reset: bytes) -> None:
        """Send something, or in its place and that of all that waits the word that everything was lost."""
        if self.bytes + len(body) > WAITING_BYTES_MAX:
            self.waiting.clear()
            self.bytes, body = 0, reset
        self.waiting.append(body)
        self.bytes += len(body)
        self.wake.set()

    def take(self) -> bytes:
        """All that waits."""
        body = b"".join(self.waiting)
        self.waiting.clear()
        self.bytes = 0
        self.wake.clear()
        return body


class Hub:
    """Implements Service."""

    name = "town live"

    def __init__(self, sight: Sight, orders: Orders, silences: Mapping[str, int], clock: Clock) -> None:
        self._sight, self._orders, self._silences, self._clock = sight, orders, silences, clock
        self.seq = 0
        self.epoch = f"{clock.mono_ns():x}"
        self.resets = 0
        self._kept: deque[tuple[int, bytes]] = deque()
        self._kept_bytes = 0
        self._viewers: set[Viewer] = set()
        self._somebody = asyncio.Event()
        self.silenced: dict[str, None] = {}

    @property
    def viewers(self) -> int:
        """How many streams are open."""
        return len(self._viewers)

    async def run(self) -> None:
        """Run until cancelled. While nobody looks, changes wait: never more of them than there are things."""
        while True:
            await self._somebody.wait()
            self.tell()
            await self._clock.sleep(GATHER_S)

    def tell(self) -> None:
        """Send what changed, if anything did."""
        self._sight.refresh()
        changes, news = self._sight.picture.take_changes(), self._orders.take_news()
        silenced, self.silenced = self.silenced, {}
        if not changes and not news and not silenced:
            return
        changes.alarms.update({name: self._sight.picture.alarms.get(name) for name in silenced})
        self.seq += 1
        body = self._event("change", batch(self.seq, changes, news, self._silences))
        self._keep(body)
        for viewer in self._viewers:
            viewer.put(body, self._reset())
        for order, progress in news:
            self._whisper(order, progress)

    def begin_anew(self) -> None:
        """While nobody looks, forget the many changes that wait: the whole that is written now has them."""
        if not self._viewers and self._sight.picture.waiting > WAITING_MANY:
            self._sight.picture.take_changes()
            self._kept.clear()
            self._kept_bytes = 0
            self.seq += 1

    def knows(self, mark: str) -> bool:
        """Whether a browser that saw everything up to `mark` (`epoch.seq`) can go on from there."""
        return self._missed(mark) is not None

    @property
    def mark(self) -> str:
        """How far we are, for a browser to return with."""
        return f"{self.epoch}.{self.seq}"

    async def stream(self, user: str, mark: str) -> AsyncIterator[bytes]:
        """What a browser gets, beginning with what it missed since `mark`; endless."""
        viewer = Viewer(user)
        missed = self._missed(mark) if mark else []
        self._viewers.add(viewer)
        self._somebody.set()
        try:
            yield self._event("hello", {"seq": self.mark})
            for body in [self._reset()] if missed is None else missed:
                viewer.put(body, self._reset())
            while True:
                try:
                    async with asyncio.timeout(BEAT_S):
                        await viewer.wake.wait()
                except TimeoutError:
                    yield self._event("beat", {"seq": self.mark})
                else:
                    yield viewer.take()
        finally:
            self._viewers.discard(viewer)
            if not self._viewers:
                self._somebody.clear()

    def _missed(self, mark: str) -> list[bytes] | None:
        """The batches after a mark; None where they are not known any more."""
        epoch, _, number = mark.partition(".")
        if epoch != self.epoch or not number.isdecimal() or len(number) > 15 or int(number) > self.seq:
            return None
        first = self._kept[0][0] if self._kept else self.seq + 1
        if int(number) + 1 < first:
            return None
        return [body for seq, body in self._kept if seq > int(number)]

    def _keep(self, body: bytes) -> None:
        self._kept.append((self.seq, body))
        self._kept_bytes += len(body)
        while self._kept and (self._kept_bytes > KEPT_BYTES_MAX or len(self._kept) > KEPT_MAX):
            self._kept_bytes -= len(self._kept.popleft()[1])

    def _reset(self) -> bytes:
        self.resets += 1
        return self._event("reset", {"seq": self.mark})

    def _whisper(self, order: Order, progress: Sequence[Progress]) -> None:
        """To who asked alone: outcomes with what they brought, the token of a second word among it."""
        mine = [viewer for viewer in self._viewers if viewer.user == order.by]
        if mine:
            body = self._event("outcome", order_out(order, progress, private=True))
            for viewer in mine:
                viewer.put(body, self._reset())

    def _event(self, kind: str, body: object) -> bytes:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return f"id: {self.mark}\nevent: {kind}\ndata: {text}\n\n".encode()


def batch(
    seq: int,
    changes: Changes,
    news: Sequence[tuple[Order, Sequence[Progress]]],
    silences: Mapping[str, int],
) -> dict[str, object]:
    """One batch: only what there is something to say of."""
    states = [state_row(thing) for thing in changes.things if thing not in changes.described]
    alarms = [alarm_row(name, alarm, silences) for name, alarm in changes.alarms.items() if alarm is not None]
    tables = [
        table(whole_columns(), [whole_row(thing) for thing in changes.described])
        if changes.described
        else None,
        table(state_columns(), states) if states else None,
    ]
    said: dict[str, object] = {
        "things": [one for one in tables if one is not None],
        "gone": [*changes.gone_things],
        "targets": table(TARGETS, [target_row(target) for target in changes.targets])
        if changes.targets
        else None,
        "targets_gone": [*changes.gone_targets],
        "gateways": table(GATEWAYS, [gateway_row(row) for row in changes.gateways])
        if changes.gateways
        else None,
        "alarms": table(ALARMS, alarms) if alarms else None,
        "alarms_over": [name for name, alarm in changes.alarms.items() if alarm is None],
        "events": [event_out(event) for event in changes.events],
        "commands": [order_out(order, progress, private=False) for order, progress in news],
        "link": None if changes.link is None else link_out(changes.link),
    }
    return {"seq": seq} | {name: value for name, value in said.items() if value}


def order_out(order: Order, progress: Sequence[Progress], private: bool) -> dict[str, object]:
    """An order as pages get it; what a command brought (values, a token) only who asked."""
    return {
        "id": order.id,
        "verb": order.verb,
        "by": order.by,
        "at": when(order.at_ns),
        "asked": {name: value for name, value in order.asked if name != "confirm"},
        "ended": order.ended,
        "targets": [progress_out(one, private) for one in progress],
    }


def progress_out(progress: Progress, private: bool) -> dict[str, object]:
    """How far one target's command has come."""
    result = dict(progress.result)
    token = result.pop("confirm", None)
    reason = progress.reason.replace(str(token), "…") if token and not private else progress.reason
    said: dict[str, object] = {
        "target": progress.target,
        "state": progress.state.value if progress.state is not None else "sent",
        "reason": reason,
        "said": said_out(reason),
        "level": result.pop("level", None),
        "lamps": result.pop("lamps", None),
        "verified": result.pop("verified", None),
        "confirm": bool(token) if not private else token,
    }
    return said | ({"result": result} if private else {})
