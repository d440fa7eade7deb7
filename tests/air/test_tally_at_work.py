"""The air service counts what its checks refuse, and goes on counting after a restart."""

from edge.air.tally import JUDGED, checks_of
from edge.core.air import Span
from tests.air.works import S, World, config, working
from tests.virtual import run_virtual

HOUR_S = 3600
BEGIN_NS = 1_790_000_000_000_000_000 // (HOUR_S * S) * (HOUR_S * S)


def counts(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for mean in world.store.of(checks_of("air-1"), Span.HOUR):
        for name, value in mean.values:
            found[name] = found.get(name, 0) + round(value.value)
    return found


def test_what_checks_refuse_is_counted_by_the_hour_over_a_restart() -> None:
    world = World()

    async def day() -> None:
        async with working(world, config(), BEGIN_NS) as work:
            await work.feed(900)
            work.sample("air-1", (5000.0, 40.0, 60.0), work.clock.stamp())
            await work.feed(600)
        async with working(world, config(), BEGIN_NS + 1600 * S) as work:
            await work.feed(300)
            work.sample("air-1", (6000.0, 40.0, 60.0), work.clock.stamp())
            await work.feed(600)

    run_virtual(day())
    found = counts(world)
    assert found["pm2_5/range"] == 2
    assert found[JUDGED] >= 80
