"""What groups and the gateway are to have: their lamps taken together, in bounded time."""

import asyncio
import time
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.core.lighting import LightSource, LightState, TargetState
from edge.lighting.together import Together, together
from tests.lighting.town import NIGHT, Town
from tests.virtual import run_virtual

SIX = [f"lamp-{n}" for n in range(1, 7)]
SOURCES = list(LightSource)


def light(lamp: str, level: float = 40, **more: Any) -> LightState:
    given: dict[str, Any] = {
        "source": LightSource.PROGRAM,
        "until_ns": None,
        "verified": True,
        "at_ns": 1,
    }
    return LightState(lamp, level, **(given | more))


def of(*states: LightState, failed: frozenset[str] = frozenset(), lamps: int | None = None) -> TargetState:
    names = [state.target for state in states] + ["unknown"] * ((lamps or len(states)) - len(states))
    return together("north", names, {state.target: state for state in states}, failed)


def test_a_level_that_all_have_is_the_targets_and_where_they_differ_there_are_bounds() -> None:
    same = of(light("a"), light("b"))
    assert (same.level, same.lowest, same.highest, same.lamps, same.verified) == (40, 40, 40, 2, True)
    mixed = of(light("a"), light("b", 100), light("c", 0))
    assert (mixed.level, mixed.lowest, mixed.highest) == (None, 0, 100)


def test_the_strongest_source_the_first_end_and_the_last_change_are_the_targets() -> None:
    state = of(
        light("a", source=LightSource.DEFAULT, at_ns=None),
        light("b", source=LightSource.OVERRIDE, until_ns=70, at_ns=5),
        light("c", source=LightSource.OVERRIDE, until_ns=60, at_ns=4),
    )
    assert (state.source, state.until_ns, state.at_ns) == (LightSource.OVERRIDE, 60, 5)


def test_one_lamp_that_is_not_verified_failed_or_unknown_shows() -> None:
    assert not of(light("a"), light("b", verified=False)).verified
    assert of(light("a"), light("b"), failed=frozenset({"b", "elsewhere"})).failed == 1
    unknown = of(light("a"), lamps=2)
    assert (unknown.level, unknown.lowest, unknown.verified, unknown.lamps) == (None, 40, False, 2)


def test_without_lamps_there_is_nothing_to_show() -> None:
    assert of().lamps == 0


@given(
    st.lists(
        st.tuples(st.sampled_from((0.0, 40.0, 100.0)), st.sampled_from(SOURCES), st.booleans()), min_size=1
    )
)
def test_a_target_is_never_outside_its_lamps(lamps: list[tuple[float, LightSource, bool]]) -> None:
    states = [light(f"{n}", level, source=source, verified=v) for n, (level, source, v) in enumerate(lamps)]
    state = of(*states)
    levels = [one.level for one in states]
    assert (state.lowest, state.highest) == (min(levels), max(levels))
    assert (state.level is None) == (len(set(levels)) > 1)
    assert state.source == next(source for source in SOURCES if source in {one.source for one in states})
    assert state.verified == all(one.verified for one in states)


async def _targets(seconds: float, lost: str = "", **command: Any) -> dict[str, TargetState]:
    town = Town(SIX, NIGHT)
    if lost:
        town.bulbs[lost].answers = False
    async with town.start() as run:
        await run.wait(3)
        if command:
            await run.give("street", **command)
        await run.wait(seconds)
        return {state.target: state for state in run.service.targets.states()}


def test_groups_and_the_gateway_follow_a_command_to_some_of_their_lamps() -> None:
    found = run_virtual(_targets(3, level=40.0))
    assert set(found) == {"gw", "street", "square"}
    street, square, gateway = found["street"], found["square"], found["gw"]
    assert (street.level, street.source.value, street.verified, street.lamps) == (40, "override", True, 4)
    assert street.until_ns is not None
    assert (square.level, square.lowest, square.highest) == (None, 40, 100)
    assert (gateway.level, gateway.source.value, gateway.lamps) == (None, "override", 6)


def test_a_lamp_that_does_not_follow_is_counted() -> None:
    found = run_virtual(_targets(60, lost="lamp-1"))
    assert (found["street"].failed, found["square"].failed, found["gw"].failed) == (1, 0, 1)
    assert not found["street"].verified
    assert found["square"].verified


def test_membership_that_changes_while_running_is_what_the_target_goes_by() -> None:
    async def whole() -> None:
        async with Town(SIX, NIGHT).start() as run:
            await run.wait(3)
            await run.give("lamp-6", level=40.0)
            async with run.service.targets.watch() as changes:
                await run.set_members("street", "lamp-6")
                await run.wait(2)
                assert {state.target: state for state in run.service.targets.states()}["street"].level == 40
                await run.set_members("street")
                seen = []
                while not seen or seen[-1].lamps:
                    state = await anext(changes)
                    seen += [state] if state.target == "street" else []
            assert "street" not in {state.target for state in run.service.targets.states()}

    run_virtual(whole())


def test_a_target_is_told_of_at_most_once_a_second_however_often_its_lamps_change() -> None:
    async def whole() -> None:
        states: dict[str, LightState] = {}
        board = Together(states)
        board.use({"gw": SIX})
        running = asyncio.create_task(board.run())
        loop, told = asyncio.get_running_loop(), list[float]()

        async def follow() -> None:
            async with board.watch() as changes:
                async for _ in changes:
                    told.append(loop.time())

        following = asyncio.create_task(follow())
        for n in range(100):
            states["lamp-1"] = light("lamp-1", n)
            board.changed("lamp-1")
            await asyncio.sleep(0.1)
        for task in (running, following):
            task.cancel()
        await asyncio.gather(running, following, return_exceptions=True)
        assert 9 <= len(told) <= 11
        assert all(later - sooner > 0.999 for sooner, later in pairwise(told))

    run_virtual(whole())


def test_a_whole_town_that_changes_costs_little() -> None:
    lamps = [f"lamp-{n}" for n in range(5000)]
    members = {"gw": lamps} | {f"group-{n}": lamps[n * 25 : n * 25 + 50] for n in range(200)}
    states = {lamp: light(lamp) for lamp in lamps}

    async def whole() -> float:
        board = Together(states)
        board.use(members)
        began = time.process_time()
        for lamp in lamps:
            board.changed(lamp)
            board.failed(lamp, False)
        running = asyncio.create_task(board.run())
        async with board.watch() as changes:
            told = {(await anext(changes)).target for _ in members}
        assert told == set(members)
        spent_s = time.process_time() - began
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return spent_s

    assert asyncio.run(whole()) < 0.5
