"""What is asked of gateways in somebody's name: an order, one command for each of its targets."""

from collections.abc import Mapping, Sequence

from edge.console.signing import Signature
from edge.console.town.orders import Order, Orders
from edge.console.town.sight import Ask, Reply, Sight
from edge.core.model import Fields, Outcome
from edge.core.ports import Clock

LIFE_S = 30.0
"""A command that no gateway took by then is void."""


class Acting:
    """Gives orders to a sight."""

    def __init__(self, sight: Sight, orders: Orders, clock: Clock) -> None:
        self._sight, self._orders, self._clock = sight, orders, clock

    def order(
        self,
        verb: str,
        targets: Sequence[str],
        asked: Fields,
        by: Signature,
        each: Mapping[str, Fields] | None = None,
    ) -> Order:
        """Ask the same of targets (`gateway/target`), with what `each` adds for one of them alone."""
        names = list(dict.fromkeys(targets))
        order = self._orders.open(verb, by.by, self._clock.utc_ns(), asked, names)
        for name in names:
            gateway, _, target = name.partition("/")
            more = (each or {}).get(name, ())
            command = order.targets[name].command
            ask = Ask(command, gateway, verb, target, asked + more, by.by, by.source, LIFE_S)
            self._sight.submit(ask, self._answering(order, name))
        return order

    def _answering(self, order: Order, name: str) -> Reply:
        def answer(outcome: Outcome) -> None:
            self._orders.report(order, name, outcome)

        return answer
