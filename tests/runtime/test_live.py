"""Live state: last known good values, and watchers that may be slow."""

import asyncio
import contextlib

from edge.core.model import DeviceState, Layout, Quality, Sample, Stamp
from edge.runtime.live import LiveState
from tests.virtual import run_virtual

LAYOUT = Layout("meter-1", "meter", ("active_power", "supply_voltage"), ())


def a_sample(at_ns: int, *values: float | None, flags: tuple[tuple[int, Quality], ...] = ()) -> Sample:
    return Sample(LAYOUT, Stamp(at_ns, at_ns), values, flags)


def test_a_value_that_could_not_be_read_stays_as_it_was_and_is_flagged() -> None:
    live = LiveState(["meter-1"])
    live.take(a_sample(1, 100.0, 230.0))
    live.take(a_sample(2, None, 231.0, flags=((0, Quality.BAD),)))
    state = live.state("meter-1")
    assert state == DeviceState(
        "meter-1",
        True,
        2,
        (("active_power", 100.0), ("supply_voltage", 231.0)),
        (("active_power", Quality.BAD),),
    )
    live.take(a_sample(3, 101.0, 231.0))
    assert live.states()[0].flags == ()


def test_a_device_is_neither_online_nor_offline_before_the_first_verdict() -> None:
    live = LiveState(["meter-1"])
    assert live.states()[0].online is None
    live.lost("meter-1")
    assert live.states()[0].online is False


def test_a_slow_watcher_gets_the_newest_of_each_device() -> None:
    async def main() -> list[DeviceState]:
        live = LiveState(["meter-1", "meter-2"])
        seen = []
        async with live.watch() as changes:
            for _ in range(2):
                seen.append(await anext(changes))
            for power in range(5):
                live.take(a_sample(power, float(power), 230.0))
            seen.append(await anext(changes))
            with_timeout = asyncio.wait_for(anext(changes), 1)
            with contextlib.suppress(TimeoutError):
                seen.append(await with_timeout)
        return seen

    seen = run_virtual(main())
    assert [state.device for state in seen] == ["meter-1", "meter-2", "meter-1"]
    assert dict(seen[-1].values)["active_power"] == 4.0


def test_a_device_that_stays_keeps_its_values_over_a_reload() -> None:
    live = LiveState(["meter-1", "old"])
    live.take(a_sample(1, 100.0, 230.0))
    live.replace_devices(["new", "meter-1"])
    assert [state.device for state in live.states()] == ["new", "meter-1"]
    assert dict(live.states()[1].values)["active_power"] == 100.0
    assert live.state("old") is None
