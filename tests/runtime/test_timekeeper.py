"""The clock: early rows get their true time, steps are told."""

import asyncio

from edge.core.model import Event, EventKind
from edge.runtime.timekeeper import Timekeeper
from tests.virtual import EPOCH_NS, VirtualClock, run_virtual


class Store:
    """Takes the offset."""

    def __init__(self) -> None:
        self.offsets: list[int] = []

    async def clock_was_set(self, utc_minus_mono_ns: int) -> int:
        self.offsets.append(utc_minus_mono_ns)
        return 3


async def keep_time(is_set: bool) -> tuple[VirtualClock, Store, list[Event], "asyncio.Task[None]"]:
    clock, store, events = VirtualClock(is_set), Store(), []
    task = asyncio.create_task(Timekeeper(clock, store, events.append, "gw").run())
    await asyncio.sleep(10)
    return clock, store, events, task


def test_rows_are_dated_once_when_the_clock_is_set() -> None:
    async def main() -> None:
        clock, store, events, task = await keep_time(is_set=False)
        assert store.offsets == []
        clock.believed = True
        await asyncio.sleep(10)
        task.cancel()
        assert store.offsets == [EPOCH_NS]
        assert [event.kind for event in events] == [EventKind.CLOCK_SET]

    run_virtual(main())


def test_a_step_of_the_clock_is_told_and_slewing_is_not() -> None:
    async def main() -> None:
        clock, _, events, task = await keep_time(is_set=True)
        events.clear()
        clock.offset_ns += 500_000_000
        await asyncio.sleep(5)
        assert events == []
        clock.offset_ns -= 3600 * 1_000_000_000
        await asyncio.sleep(5)
        task.cancel()
        assert [event.kind for event in events] == [EventKind.CLOCK_STEPPED]
        assert "-3600.000 s" in events[0].text

    run_virtual(main())
