"""A lamp shows itself at its pole, and then has again what is wanted of it."""

import asyncio
from typing import Any

import pytest

from edge.core.errors import ConfigError, PermanentError, TransientError
from edge.core.lighting import Lamp
from edge.core.model import Outcome
from tests.lighting.test_service import FIVE, runs
from tests.lighting.town import DAY, NIGHT, Running, Town


async def identify(run: Running, lamp: str, **arguments: Any) -> list[Outcome]:
    command = run.command(lamp, **arguments)
    return [outcome async for outcome in run.service.identify(command)]


def levels_of(run: Running, lamp: str) -> list[float]:
    return [level for _, name, _, level in run.street.writes if name == lamp]


@runs
async def test_it_goes_up_and_down_and_back_to_the_plan_which_is_read_back() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(5)
        outcomes = await identify(run, "lamp-3")
        assert run.states(outcomes) == ["applied", "verified"]
        assert levels_of(run, "lamp-3") == [10, 100, 10, 100, 10, 100, 100]
        assert "back to 100 %, read back" in outcomes[-1].reason
        assert {name for _, name, _, _ in run.street.writes} == {"lamp-3"}
        assert town.bulbs["lamp-3"].level == 100


@runs
async def test_by_day_it_lights_up_never_only_goes_dark_and_is_off_again_in_the_end() -> None:
    town = Town(FIVE, DAY)
    async with town.start() as run:
        await run.wait(5)
        before = len(run.street.writes)
        assert run.states(await identify(run, "lamp-1", for_s=3)) == ["applied", "verified"]
        own = [level for _, name, _, level in run.street.writes[before:] if name == "lamp-1"]
        assert own == [100, 10, 0]


@runs
async def test_what_somebody_commands_meanwhile_ends_it_and_stands() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(5)
        blinking = asyncio.ensure_future(identify(run, "lamp-2"))
        await run.wait(2)
        said = await run.give("lamp-2", level=40, for_s=600)
        assert run.states(said)[-1] == "verified"
        assert run.states(await blinking)[-1] == "verified"
        assert town.bulbs["lamp-2"].level == 40


@runs
async def test_a_lamp_that_is_lost_meanwhile_is_not_called_back() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(5)
        blinking = asyncio.ensure_future(identify(run, "lamp-2"))
        await run.wait(2)
        town.bulbs["lamp-2"].answers = False
        with pytest.raises(TransientError, match="lamp-2"):
            await blinking
        town.bulbs["lamp-2"].answers = True
        await run.wait(60)
        assert town.bulbs["lamp-2"].level == 100


@runs
async def test_a_stuck_lamp_is_unknown_not_verified() -> None:
    town = Town(FIVE, NIGHT)
    town.bulbs["lamp-4"].level = 60
    async with town.start() as run:
        await run.wait(5)
        town.bulbs["lamp-4"].stuck = True
        town.bulbs["lamp-4"].level = 33
        assert run.states(await identify(run, "lamp-4"))[-1] == "unknown"


@runs
async def test_what_must_not_or_cannot_blink_says_why() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(5)
        with pytest.raises(ConfigError, match="no lamp"):
            await identify(run, "meter-1")
        await run.give("lamp-1", level=100, emergency=True, for_s=60, source="console")
        with pytest.raises(PermanentError, match="emergency"):
            await identify(run, "lamp-1")
        record = run.service.engine.records["lamp-2"]
        record.lamp = Lamp("lamp-2", record.lamp.bus, dimmable=False, readable=True)
        with pytest.raises(PermanentError, match="only be switched"):
            await identify(run, "lamp-2")
        assert levels_of(run, "lamp-2") == []
