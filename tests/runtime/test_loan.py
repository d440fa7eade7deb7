"""A bus that is lent rests: no poll, no device lost by it, a clear answer for commands, and its return."""

import asyncio

import pytest

from edge.core.errors import Busy, LinkDown
from edge.core.model import EventKind
from edge.runtime.loan import LOAN_S_MAX
from tests.runtime.test_bus import World, a_poll, in_world


def test_polls_pause_while_the_bus_is_lent_and_go_on_after_it() -> None:
    async def act(world: World) -> None:
        running = world.start()
        await asyncio.sleep(5.0)
        assert await world.bus.lend("t", "Lan", "gianh scan", 15.0) == pytest.approx(15.0, abs=0.5)
        assert world.driver.closed == 1
        asked = len(world.driver.asked)
        await asyncio.sleep(10.0)
        assert len(world.driver.asked) == asked
        assert "Lan" in world.bus.status().lent
        world.bus.give_back("t")
        await asyncio.sleep(5.0)
        assert len(world.driver.asked) > asked
        assert world.bus.status().lent == ""
        await world.stop(running)

    world = in_world([a_poll("a"), a_poll("c")], act)
    assert world.kinds("a") == world.kinds("c") == []
    assert [event.kind for event in world.events] == [EventKind.BUS_LENT, EventKind.BUS_RETURNED]


def test_a_command_for_a_lent_bus_is_told_who_has_it() -> None:
    async def act(world: World) -> None:
        running = world.start()
        await asyncio.sleep(1.0)
        await world.bus.lend("t", "Lan", "gianh scan", 15.0)
        with pytest.raises(Busy, match="lent to `gianh scan` of Lan"):
            await world.bus.ask(lambda driver, breathe: driver.write("a", "level", 1.0, breathe))
        with pytest.raises(Busy, match="lent"):
            await world.bus.lend("u", "Minh", "gianh scan", 15.0)
        await world.stop(running)

    in_world([a_poll("a")], act)


def test_the_bus_comes_back_by_itself_when_the_borrower_dies() -> None:
    async def act(world: World) -> None:
        running = world.start()
        await asyncio.sleep(1.0)
        await world.bus.lend("t", "Lan", "gianh scan", 15.0)
        asked = len(world.driver.asked)
        await asyncio.sleep(16.0)
        assert len(world.driver.asked) > asked
        with pytest.raises(Busy):
            world.bus.renew("t", 15.0)
        await world.stop(running)

    in_world([a_poll("a")], act)


async def renew_for_ever(world: World) -> None:
    while True:
        await asyncio.sleep(5.0)
        world.bus.renew("t", 15.0)


def test_no_loan_lasts_longer_than_its_longest_time() -> None:
    async def act(world: World) -> None:
        running = world.start()
        await asyncio.sleep(1.0)
        await world.bus.lend("t", "Lan", "gianh scan", 15.0)
        began_ns = world.clock.mono_ns()
        with pytest.raises(Busy):
            await renew_for_ever(world)
        assert (world.clock.mono_ns() - began_ns) / 1e9 <= LOAN_S_MAX + 5.0
        await asyncio.sleep(5.0)
        assert world.bus.status().open
        await world.stop(running)

    in_world([a_poll("a")], act)


def test_a_line_that_cannot_be_opened_can_be_lent_all_the_same() -> None:
    async def act(world: World) -> None:
        world.driver.down = LinkDown("unplugged")
        running = world.start()
        await asyncio.sleep(100.0)
        await world.bus.lend("t", "Lan", "gianh scan", 15.0)
        world.driver.down = None
        world.bus.give_back("t")
        await asyncio.sleep(2.0)
        assert world.bus.status().open
        await world.stop(running)

    in_world([a_poll("a")], act)
