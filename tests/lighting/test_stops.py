"""A gateway that is stopped or killed while a command is under way; lamps that a life before left dark."""

import asyncio
from contextlib import suppress

import pytest

from edge.core.model import Outcome
from tests.lighting.town import DAY, NIGHT, Running, Town
from tests.virtual import run_virtual

FIVE = [f"lamp-{n}" for n in range(1, 6)]


async def begin(run: Running, target: str, **arguments: object) -> asyncio.Task[list[Outcome]]:
    """Give a command, and leave it under way."""
    giving = asyncio.get_running_loop().create_task(run.give(target, **arguments))
    await run.wait(0.01)
    return giving


async def cut(giving: asyncio.Task[list[Outcome]]) -> None:
    giving.cancel()
    with suppress(asyncio.CancelledError):
        await giving


@pytest.mark.parametrize("killed", [False, True])
def test_a_command_that_was_not_written_when_the_gateway_ended_never_is(killed: bool) -> None:
    async def work() -> None:
        town = Town(FIVE, DAY, lighting={"stagger_lamps": 1, "stagger_s": 20})
        for bulb in town.bulbs.values():
            bulb.level = 0
        async with town.start() as run:
            await run.wait(5)
            giving = await begin(run, "street", level=60.5)
            await run.wait(1)
            begun = {lamp for _, lamp, _, level in run.street.writes if level == 60.5}
            before = dict(town.memory.values)
            await cut(giving)
        if killed:
            town.memory.values = before
        assert 0 < len(begun) < 3, "the stagger leaves some of the three unwritten"
        async with town.start() as run:
            await run.wait(2000)
            late = {lamp for _, lamp, _, level in run.street.writes if level == 60.5} - begun
            assert late == set()
            assert {lamp for lamp, bulb in town.bulbs.items() if bulb.level == 60.5} <= begun

    run_virtual(work())


def test_a_command_that_was_written_when_the_gateway_was_killed_still_holds() -> None:
    async def work() -> None:
        town = Town(FIVE, NIGHT)
        async with town.start() as run:
            await run.wait(5)
            await run.give("street", level=60.5)
            await run.wait(2)
            kept = dict(town.memory.values)
        town.memory.values = kept
        async with town.start() as run:
            await run.wait(5)
            assert town.levels() == [60.5] * 3 + [100.0] * 2

    run_virtual(work())


def test_lamps_left_dark_with_nobody_holding_them_count_for_the_guard() -> None:
    async def work() -> None:
        town = Town(FIVE, NIGHT, clock_set=False)
        town.bulbs["lamp-5"].level = town.bulbs["lamp-4"].level = 0
        async with town.start() as run:
            await run.wait(5)
            assert run.states(await run.give("lamp-1", level=1))[-1] == "verified"
            (refused,) = await run.give("lamp-2", level=1)
            assert "needs confirmation" in refused.reason

    run_virtual(work())


def test_before_lamps_are_read_any_that_nobody_has_a_word_on_may_be_dark() -> None:
    async def work() -> None:
        town = Town(FIVE, NIGHT, clock_set=False)
        async with town.start() as run:
            (refused,) = await run.give("lamp-2", level=1)
            assert "needs confirmation" in refused.reason

    run_virtual(work())
