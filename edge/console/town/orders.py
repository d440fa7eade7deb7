"""Orders: what somebody asked of one or several targets, and what became of it, target by target.

An order becomes one command for each target, with an id of its own; outcomes come back in any order. Whoever
looks sees them all, but the token of a second word only who asked.
"""

import uuid
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from edge.core.model import CommandState, Fields, Outcome
from edge.runtime.asking import ENDS

ORDERS_MAX = 500
"""Most orders that are remembered; the oldest leave."""

TARGETS_MAX = 500
"""Most targets of one order."""


RANK = {state: place for place, state in enumerate(CommandState)}


@dataclass(slots=True)
class Progress:
    """How far one target's command has come; `state` is empty until somebody answered."""

    target: str
    command: str
    state: CommandState | None = None
    reason: str = ""
    result: Fields = ()

    @property
    def ended(self) -> bool:
        """Whether no more will come."""
        return self.state in ENDS


@dataclass(slots=True)
class Order:
    """What was asked: `asked` are the words of the request that everybody may see."""

    id: str
    verb: str
    by: str
    at_ns: int
    asked: Fields
    targets: dict[str, Progress] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether all of its commands are."""
        return all(progress.ended for progress in self.targets.values())


class Orders:
    """The latest orders, and those among them of which something is new."""

    def __init__(self) -> None:
        self._orders: OrderedDict[str, Order] = OrderedDict()
        self._news: dict[str, set[str]] = {}

    def open(self, verb: str, by: str, at_ns: int, asked: Fields, targets: Iterable[str]) -> Order:
        """A new order with its commands, none of them sent yet."""
        order = Order(uuid.uuid4().hex, verb, by, at_ns, asked)
        for number, target in enumerate(targets):
            order.targets[target] = Progress(target, f"{order.id}.{number}")
        self._orders[order.id] = order
        self._news[order.id] = set(order.targets)
        while len(self._orders) > ORDERS_MAX:
            gone, _ = self._orders.popitem(last=False)
            self._news.pop(gone, None)
        return order

    def get(self, order_id: str) -> Order | None:
        """An order, if it is still remembered."""
        return self._orders.get(order_id)

    def latest(self, count: int) -> Sequence[Order]:
        """The newest, the newest first."""
        return list(reversed(self._orders.values()))[:count]

    def report(self, order: Order, target: str, outcome: Outcome) -> None:
        """One outcome; one that comes late, after the end or out of turn, changes nothing."""
        progress = order.targets[target]
        if progress.ended or (progress.state is not None and RANK[outcome.state] < RANK[progress.state]):
            return
        progress.state, progress.reason, progress.result = outcome.state, outcome.reason, outcome.result
        if order.id in self._orders:
            self._news.setdefault(order.id, set()).add(target)

    def take_news(self) -> Sequence[tuple[Order, Sequence[Progress]]]:
        """Orders of which something is new, with those of their targets."""
        news, self._news = self._news, {}
        return [
            (order, [order.targets[name] for name in order.targets if name in names])
            for order_id, names in news.items()
            if (order := self._orders.get(order_id)) is not None
        ]

    @property
    def has_news(self) -> bool:
        """Whether there is something new."""
        return bool(self._news)
