from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, cast

from cloud_sync.mqtt.lights import MqttLights
from edge.core.lighting import LightSource, LightState, TargetState
from edge.core.watchers import Watchers
from tests.cloud_sync.fake_link import FakeLink, Going, settle
from tests.cloud_sync.rows import AT_NS

DIMMED = LightState("lamp-7", 40.0, LightSource.PROGRAM, None, True, AT_NS)
MIXED = TargetState("north", None, 40.0, 100.0, LightSource.OVERRIDE, None, False, AT_NS, 12, 1)


class Targets:
    def __init__(self) -> None:
        self.of: dict[str, TargetState] = {}
        self.watchers: Watchers[TargetState] = Watchers(self.of.get)

    def states(self) -> list[TargetState]:
        return list(self.of.values())

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[TargetState]]:
        return self.watchers.watch(list(self.of))

    async def say(self, state: TargetState) -> None:
        self.of[state.target] = state
        self.watchers.tell(state.target)
        await settle()


class Board:
    def __init__(self, *states: LightState) -> None:
        self.targets = Targets()
        self.of = {state.target: state for state in states}
        self.watchers: Watchers[LightState] = Watchers(self.of.get)

    def states(self) -> list[LightState]:
        return list(self.of.values())

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[LightState]]:
        return self.watchers.watch(list(self.of))

    async def say(self, state: LightState) -> None:
        self.of[state.target] = state
        self.watchers.tell(state.target)
        await settle()


async def test_a_targets_light_stands_retained_by_the_contract_and_follows_each_change() -> None:
    link, board = FakeLink(), Board(DIMMED)
    async with Going(MqttLights(cast(Any, link), board)):
        link.connect()
        await settle()
        state = {"at": "2026-09-21T14:13:20.123456789Z", "level": 40.0, "source": "program", "verified": True}
        assert link.at("light/lamp-7/state") == state
        until_ns = AT_NS + 3_600_000_000_000
        await board.say(
            replace(DIMMED, source=LightSource.OVERRIDE, until_ns=until_ns, verified=False, at_ns=None)
        )
        assert link.at("light/lamp-7/state") == {
            "at": None,
            "level": 40.0,
            "source": "override",
            "until": "2026-09-21T15:13:20.123456789Z",
            "verified": False,
        }


async def test_every_connection_brings_all_and_what_did_not_change_is_said_once() -> None:
    link, board = FakeLink(), Board(DIMMED, replace(DIMMED, target="north"))
    async with Going(MqttLights(cast(Any, link), board)):
        link.connect()
        await settle()
        await board.say(DIMMED)
        assert len(link.sent) == 2
        link.break_off()
        link.retained.clear()
        link.connect()
        await settle()
    assert len(link.retained) == 2


async def test_a_target_that_left_the_configuration_is_cleared() -> None:
    link, board = FakeLink(), Board(DIMMED, replace(DIMMED, target="north"))
    lights = MqttLights(cast(Any, link), board)
    async with Going(lights):
        link.connect()
        await settle()
        lights.keep(["north"])
        await settle()
        await board.say(replace(DIMMED, level=10))
    assert list(link.retained) == ["gianh/v1/gw-a/light/north/state"]


async def test_who_else_wants_to_know_is_told_of_each_state() -> None:
    link, board = FakeLink(), Board(DIMMED)
    seen: list[LightState] = []
    async with Going(MqttLights(cast(Any, link), board, seen.append)):
        await board.say(replace(DIMMED, level=50))
    assert [state.level for state in seen] == [40, 50]


async def test_a_group_stands_with_its_bounds_and_counts_and_leaves_with_its_last_lamp() -> None:
    link, board = FakeLink(), Board()
    seen: list[object] = []
    async with Going(MqttLights(cast(Any, link), board, seen.append)):
        link.connect()
        await board.targets.say(MIXED)
        assert link.at("light/north/state") == {
            "at": "2026-09-21T14:13:20.123456789Z",
            "level": None,
            "lowest": 40.0,
            "highest": 100.0,
            "source": "override",
            "verified": False,
            "lamps": 12,
            "failed": 1,
        }
        until_ns = AT_NS + 3_600_000_000_000
        await board.targets.say(replace(MIXED, level=40.0, highest=40.0, until_ns=until_ns, verified=True))
        told = link.at("light/north/state")
        assert (told["level"], told["until"]) == (40.0, "2026-09-21T15:13:20.123456789Z")
        assert len(seen) == 2
        await board.targets.say(replace(MIXED, lamps=0))
    assert link.retained == {}
