"""From a reading to the store and the live state."""

from typing import Protocol

from edge.core.air import Judge
from edge.core.model import Layout, Reading, Sample


class Keeper(Protocol):
    """What the pipeline asks of the store."""

    def put_sample(self, sample: Sample) -> None:
        """Keep a sample; never blocks."""


class Shower(Protocol):
    """What the pipeline asks of the live state."""

    def take(self, sample: Sample) -> None:
        """Show a sample."""


class Pipeline:
    """Takes what the buses bring. A reading without any value leaves no row: absence is an event.

    `judge` sees each sample first, and says how far it is believed.
    """

    def __init__(self, store: Keeper, live: Shower) -> None:
        self._store = store
        self._live = live
        self.judge: Judge | None = None
        self.samples = 0
        self.values = 0

    def take(self, layout: Layout, reading: Reading) -> None:
        """Keep and show one reading."""
        sample = Sample(layout, reading.stamp, reading.values, reading.flags)
        if self.judge is not None:
            sample = self.judge(sample)
        if reading.values.count(None) < len(reading.values):
            self.samples += 1
            self.values += len(reading.values)
            self._store.put_sample(sample)
        self._live.take(sample)

    def keep(self, sample: Sample) -> None:
        """Keep what was derived, or read before and judged anew: the live state has nothing of it."""
        if sample.values.count(None) < len(sample.values):
            self._store.put_sample(sample)
