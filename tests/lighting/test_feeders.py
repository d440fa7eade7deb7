"""Feeders behind relays: a lamp where nothing on them has an address, kept closed where something has."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cli import main
from edge.config.lighting import Segment
from edge.core.errors import NoAnswer
from edge.core.lighting import Lamp, LampReport
from edge.core.model import DeviceState
from edge.lighting.conduct import LightRefused
from edge.lighting.desired import Hold
from edge.lighting.feeders import Feeders, is_closed
from edge.lighting.holdings import Holdings
from edge.lighting.service import LightingService, Parts
from edge.lighting.targets import Targets
from tests.lighting.plan_files import town
from tests.lighting.town import NIGHT, Bulb, Kept, Running, Street, Town, config_of
from tests.virtual import run_virtual

NORTH = Segment(id="north", relay="relays", point="relay_1", lamps=("lamp-1", "lamp-2"))
LAMPS = ("lamp-1", "lamp-2")
MARKET = Segment(id="market", relay="relays", point="relay_4")


def said(online: bool = True, **values: float) -> DeviceState:
    return DeviceState("relays", online, None, tuple(values.items()))


def test_a_relay_is_read_by_its_state_or_by_the_point_that_is_named() -> None:
    assert is_closed(NORTH, {"relay_state_1": 1.0, "relay_1": 0.0}) is True
    assert is_closed(NORTH, {"relay_1": 0.0}) is False
    assert is_closed(NORTH, {"relay_state_2": 1.0}) is None


def test_an_open_feeder_is_due_once_until_it_was_seen_closed_and_only_while_a_lamp_shines() -> None:
    feeders = Feeders((NORTH, MARKET))
    assert feeders.take(said(relay_state_1=0, relay_state_4=0))
    assert feeders.due(lambda lamp: False, 0) == []
    assert feeders.due(lambda lamp: lamp == "lamp-2", 0) == [NORTH]
    assert feeders.due(lambda lamp: True, 0) == []
    feeders.take(said(relay_state_1=0))
    assert feeders.due(lambda lamp: True, 0) == []
    feeders.take(said(relay_state_1=1))
    feeders.take(said(relay_state_1=0))
    assert feeders.due(lambda lamp: True, 0) == [NORTH]


def test_a_relay_that_does_not_answer_says_nothing_and_another_relay_is_judged_anew() -> None:
    feeders = Feeders((NORTH,))
    assert not feeders.take(said(False, relay_state_1=0))
    feeders.take(said(relay_state_1=0))
    feeders.use((NORTH.model_copy(update={"point": "relay_2"}),))
    assert feeders.due(lambda lamp: True, 0) == []


def test_a_feeder_that_is_a_lamp_is_a_target_and_belongs_to_the_gateway() -> None:
    config = town(segment=[{"id": "market", "relay": "lamp-3", "point": "relay_4"}])
    there = [Lamp(name, "b", True, True) for name in ("market", "lamp-1")]
    targets = Targets(config, {lamp.device: lamp for lamp in there})
    assert targets.resolve("market") == ("market",)
    assert targets.resolve("gw") == ("lamp-1", "market")
    assert targets.covering("market") == ("market", "gw")
    assert targets.names.count("market") == 1


class Board:
    """The Relays port: one relay that can be stuck, or keep silent so often."""

    def __init__(self, stuck: bool = False, silent: int = 0) -> None:
        self.stuck, self.silent, self.told = stuck, silent, list[tuple[str, str, bool]]()

    async def switch(self, device: str, point: str, on: bool) -> LampReport:
        self.told.append((device, point, on))
        if len(self.told) <= self.silent:
            return LampReport(device, 100, False, False, error=NoAnswer("relays does not answer"))
        return LampReport(device, 100, True, verified=not self.stuck, actual=100.0 * (not self.stuck))

    async def read_switch(self, device: str, point: str) -> bool:
        return True


Act = Callable[[Running], Awaitable[None]]


def play(segment: Segment, board: Board, act: Act, **lighting: float) -> Town:
    """Run lighting from a night on in a town with this segment, and act meanwhile."""

    async def whole() -> Town:
        world = Town(LAMPS, NIGHT)
        world.bulbs |= {segment.id: Bulb()} if segment.is_lamp else {}
        config = config_of(LAMPS, refresh_s=60, **lighting).model_copy(update={"segment": (segment,)})
        lamps = [Lamp(one, "b1", dimmable=one in LAMPS, readable=True) for one in world.bulbs]
        street = Street(world.clock, lamps, world.bulbs)
        parts = Parts(street, world.clock, world.memory, world.live, world.notes, board)
        service = LightingService(config, parts, world.chance, lambda: "token", world.tick_s)
        running = asyncio.create_task(service.run())
        try:
            await asyncio.sleep(2)
            await act(Running(world, service, street))
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        return world

    return run_virtual(whole())


def test_a_feeder_takes_commands_and_any_light_is_full_light() -> None:
    async def act(run: Running) -> None:
        assert run.states(await run.give("market", level=0))[-1] == "verified"
        assert run.town.bulbs["market"].level == 0
        assert run.states(await run.give("market", level=40))[-1] == "verified"
        assert run.town.bulbs["market"].level == 100
        (state,) = [one for one in run.service.states() if one.target == "market"]
        assert (state.level, state.verified) == (100, True)
        assert run.states(await run.give("market", release=True))[-1] == "verified"

    play(MARKET, Board(), act)


def test_the_guard_goes_by_what_feeders_really_have_which_is_all_or_nothing() -> None:
    markets = [Segment(id=f"market-{n}", relay="relays", point=f"relay_{n}") for n in range(1, 6)]
    five = [segment.id for segment in markets]

    async def whole() -> None:
        clock = Town(LAMPS, NIGHT).clock
        lit = config_of(LAMPS, guard_lamps=3, dark_level=30)
        lamps = {one: Lamp(one, "b1", dimmable=False, readable=True) for one in five}
        held = Holdings(lit.model_copy(update={"segment": tuple(markets)}), lamps, Kept())
        now = clock.stamp()

        def hold(level: float) -> Hold:
            return Hold("gw", level, None, now.mono_ns + 600 * 10**9, "an", "c")

        assert held.darkened(five, hold(10), now) == frozenset()
        assert held.darkened(five, hold(0), now) == frozenset(five)
        held.hold(five[:2], hold(10), False, now)
        held.hold(five[2:3], hold(0), False, now)
        assert held.dark_by_hand(now) == {"market-3"}
        assert held.darkened(five, hold(0), now) == frozenset(five) - {"market-3"}

    run_virtual(whole())


def test_a_feeder_at_full_light_may_be_given_levels_that_leave_it_there_at_once() -> None:
    async def act(run: Running) -> None:
        for level in (10, 60, 20):
            assert run.states(await run.give("market", level=level))[-1] == "verified"
            assert run.town.bulbs["market"].level == 100
        with pytest.raises(LightRefused, match="too frequent"):
            await run.give("market", level=0)

    play(MARKET, Board(), act, dwell_s=60)


def test_a_feeder_follows_its_plan_and_is_set_right_when_somebody_opened_it() -> None:
    async def act(run: Running) -> None:
        run.town.bulbs["market"].level = 0
        await run.wait(61)
        assert run.town.bulbs["market"].level == 100
        await run.wait(12 * 3600)
        assert run.town.bulbs["market"].level == 0

    play(MARKET, Board(), act)


@pytest.mark.parametrize(("stuck", "reason"), [(False, "closed"), (True, "it stays open")])
def test_a_feeder_found_open_while_a_lamp_is_to_shine_is_closed_once_and_written_down(
    stuck: bool, reason: str
) -> None:
    board = Board(stuck)

    async def act(run: Running) -> None:
        for _ in range(3):
            run.town.live.show("relays", online=True, relay_state_1=0)
            await run.wait(5)
        assert board.told == [("relays", "relay_1", True)]
        (entry,) = [one for one in run.town.notes.entries if one["kind"] == "feeder"]
        assert (entry["target"], entry["relay"], entry["reason"]) == ("north", "relays", reason)

    play(NORTH, board, act)


def test_a_feeder_that_could_not_be_told_to_close_is_told_again_and_the_failure_is_written_once() -> None:
    board = Board(silent=3)

    async def act(run: Running) -> None:
        run.town.live.show("relays", online=True, relay_state_1=0)
        await run.wait(1)
        assert len(board.told) == 1
        await run.wait(120)
        assert len(board.told) == 4
        said = [one["reason"] for one in run.town.notes.entries if one["kind"] == "feeder"]
        assert said == ["relays does not answer", "closed"]

    play(NORTH, board, act)


def test_a_relay_that_fell_silent_or_a_night_that_ended_needs_no_further_try() -> None:
    board = Board(silent=1000)

    async def act(run: Running) -> None:
        run.town.live.show("relays", online=True, relay_state_1=0)
        await run.wait(600)
        before = len(board.told)
        assert 8 <= before <= 30
        run.town.live.show("relays", online=False, relay_state_1=0)
        await run.wait(600)
        assert len(board.told) == before
        run.town.live.show("relays", online=True, relay_state_1=0)
        await run.wait(60)
        assert len(board.told) > before
        await run.wait(12 * 3600)
        before = len(board.told)
        await run.wait(600)
        assert len(board.told) == before

    play(NORTH, board, act)


@given(st.lists(st.booleans(), max_size=12))
def test_however_often_it_fails_the_waits_grow_to_a_bound_and_it_is_told_in_the_end(
    fails: list[bool],
) -> None:
    feeders, now_ns = Feeders((NORTH,), lambda: 0.5), 0
    feeders.take(said(relay_state_1=0))
    for applied in fails:
        assert feeders.due(lambda lamp: True, now_ns) == [NORTH]
        assert feeders.due(lambda lamp: True, now_ns) == []
        feeders.switched("north", applied, now_ns)
        again_ns = feeders.next_ns(now_ns)
        if applied:
            assert again_ns is None
            return
        assert again_ns is not None
        assert 0 < again_ns - now_ns <= 60e9
        assert feeders.due(lambda lamp: True, again_ns - 1) == []
        now_ns = again_ns
    assert feeders.due(lambda lamp: True, now_ns) == [NORTH]


def test_an_open_feeder_is_left_open_by_day_and_closed_at_dusk() -> None:
    board = Board()

    async def act(run: Running) -> None:
        await run.wait(12 * 3600)
        run.town.live.show("relays", online=True, relay_state_1=0)
        await run.wait(60)
        assert board.told == []
        await run.wait(12 * 3600)
        assert board.told == [("relays", "relay_1", True)]

    play(NORTH, board, act)


FILE = """
[gateway]
id = "gw"
latitude = 17.7556
longitude = 106.4231
[[bus]]
id = "b"
kind = "tcp"
host = "127.0.0.1"
[[device]]
id = "relays"
profile = "waveshare-relay-8"
bus = "b"
[[segment]]
id = "market"
relay = "relays"
point = "relay_4"
nominal_w = 1000
[[group]]
id = "centre"
devices = ["market"]
[[program]]
id = "evening"
steps = [
  { at = "18:00", level = 100 },
  { at = "22:00", level = 40 },
  { at = "04:00", level = 0 },
]
[[calendar]]
id = "town"
default = "evening"
[[assignment]]
target = "market"
calendar = "town"
"""


def test_the_plan_of_a_feeder_says_full_light_for_any_light(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(FILE)
    say = ["light", "plan", "market", "--date", "2026-12-21", "-c", str(path), "--json"]
    assert main(say) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["level"] for one in told["switchings"]] == [100, 100, 0]
    assert told["energy_kwh"] == pytest.approx(10, abs=0.01)
    assert main(["light", "plan", "centre", "-c", str(path)]) == 0
