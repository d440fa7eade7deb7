"""What every kind of access point offers to its driver."""

from collections.abc import Sequence
from typing import Protocol

from drivers.access_points.figures import Figures
from edge.core.ports import Breathe


class Source(Protocol):
    """Asks one access point or controller. Only its bus's own task calls it."""

    requests: int
    """How many requests one poll usually takes."""

    async def open(self) -> None:
        """Get in. Raises as `figures` does, and PermanentError for secrets that are not there."""

    async def close(self) -> None:
        """Leave; safe at any time, also twice."""

    async def figures(self, paths: Sequence[str], only: Sequence[str], breathe: Breathe) -> Figures:
        """The counters and gauges of these paths, of the interfaces `only` where any is named.

        Raises NoAnswer, ProtocolError, Refused, PermanentError or LinkDown.
        """

    async def probe(self) -> None:
        """The cheapest question that shows whether it lives. Raises as `figures`."""
