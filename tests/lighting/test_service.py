"""The lighting service: start, plan, commands, recovery, restart."""

import asyncio
from typing import Any

import pytest

from edge.core.errors import ConfigError
from edge.lighting.commands import BadCommand
from edge.lighting.conduct import LightRefused
from tests.lighting.town import DAY, NIGHT, Town, at
from tests.virtual import run_virtual

FIVE = [f"lamp-{n}" for n in range(1, 6)]


def runs(work: Any) -> Any:
    """A test that is a coroutine, in virtual time."""

    def test() -> None:
        run_virtual(work())

    test.__name__, test.__doc__ = work.__name__, work.__doc__
    return test


@runs
async def test_a_starting_gateway_reads_before_it_writes_and_leaves_what_is_right_alone() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(5)
        assert run.street.writes == []
        assert {lamp for lamps in run.street.verifies for lamp in lamps} == set(FIVE)
        assert all(state.verified and state.level == 100 for state in run.service.states())


@runs
async def test_a_starting_gateway_gives_light_first_and_proves_a_lamp_before_it_darkens_it() -> None:
    town = Town(FIVE, at("2026-11-23T23:00:00"))
    town.bulbs["lamp-1"].level = 0
    async with town.start() as run:
        await run.wait(5)
        assert town.levels() == [50] * 5
        first = run.street.writes[0]
        assert first[1:] == ("lamp-1", 0, 50)
        for lamp in FIVE[1:]:
            own = [(before, level) for _, name, before, level in run.street.writes if name == lamp]
            assert own == [(100, 100), (100, 50)]


@runs
async def test_nothing_is_sent_until_the_clock_is_trusted() -> None:
    town = Town(FIVE, at("2026-11-23T23:00:00"), clock_set=False)
    town.bulbs["lamp-2"].level = 10
    async with town.start() as run:
        await run.wait(300)
        assert run.street.writes == []
        town.clock.believed = True
        await run.wait(5)
        assert town.levels() == [50] * 5


@runs
async def test_without_a_clock_for_long_lamps_become_bright_and_none_darker() -> None:
    town = Town(FIVE, DAY, clock_set=False, lighting={"default_level": 80})
    town.bulbs["lamp-2"].level = 10
    async with town.start() as run:
        await run.wait(700)
        assert town.levels() == [100, 80, 100, 100, 100]


@runs
async def test_every_planned_switching_happens_within_a_second() -> None:
    town = Town(FIVE, DAY)
    town.bulbs["lamp-1"].level = 0
    async with town.start() as run:
        began_ns = town.clock.mono_ns()
        await run.wait(24 * 3600)
        plans = run.service.holdings.plans
        due = town.utc_ns
        for _ in range(4):
            due = plans.level_at("lamp-1", due).until_ns
            level = plans.level_at("lamp-1", due).level
            sent = [
                town.utc_ns + when - began_ns
                for when, name, _, given in run.street.writes
                if name == "lamp-1" and given == level
            ]
            assert any(0 <= at_ns - due < 1_000_000_000 for at_ns in sent), (due, sent)


@runs
async def test_a_command_is_applied_verified_and_ends_with_the_night() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(2)
        seen = await run.give("street", level=40.0)
        assert run.states(seen) == ["applied", "verified"]
        assert dict(seen[-1].result) == {"level": 40.0, "lamps": 3, "verified": 3}
        assert town.levels() == [40, 40, 40, 100, 100]
        state = {state.target: state for state in run.service.states()}["lamp-1"]
        assert (state.source.value, state.verified) == ("override", True)
        assert state.until_ns == run.service.holdings.plans.night_end_ns(NIGHT)
        await run.wait(12 * 3600)
        assert town.levels() == [0] * 5
        assert "expired" in town.notes.kinds()


@runs
async def test_release_returns_to_what_the_plan_says_now() -> None:
    town = Town(FIVE, at("2026-11-23T21:00:00"))
    async with town.start() as run:
        await run.wait(2)
        await run.give("street", level=70.0)
        await run.wait(2 * 3600)
        assert town.levels() == [70, 70, 70, 50, 50]
        seen = await run.give("street", release=True)
        assert run.states(seen) == ["applied", "verified"]
        assert town.levels() == [50] * 5


@runs
async def test_for_s_ends_on_time_and_an_emergency_stands_above_it() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(2)
        await run.give("lamp-1", level=60.0, for_s=600.0)
        await run.give("lamp-1", level=100.0, emergency=True, source="local")
        masked = await run.give("lamp-1", level=70.0, for_s=900.0)
        assert run.states(masked)[-1] == "failed"
        assert "emergency" in masked[-1].reason
        assert town.bulbs["lamp-1"].level == 100
        await run.give("lamp-1", release=True, emergency=True, source="local")
        assert town.bulbs["lamp-1"].level == 70
        await run.wait(901)
        assert town.bulbs["lamp-1"].level == 100


@runs
async def test_an_emergency_does_not_come_over_mqtt() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(2)
        with pytest.raises(BadCommand, match="not over MQTT"):
            await run.give("lamp-1", level=100.0, emergency=True)


@runs
async def test_a_lost_lamp_fails_the_command_and_gets_the_level_of_now_once_when_it_is_back() -> None:
    town = Town(FIVE, at("2026-11-23T21:00:00"))
    async with town.start() as run:
        await run.wait(2)
        await run.give("street", level=90.0)
        town.bulbs["lamp-2"].answers = False
        seen = await run.give("street", level=70.0)
        assert run.states(seen) == ["applied", "failed"]
        assert "lamp-2: lamp-2 does not answer" in seen[-1].reason
        town.live.show("lamp-2", online=False)
        await run.give("street", level=80.0)
        await run.wait(1)
        writes = len(run.street.writes)
        town.bulbs["lamp-2"].answers = True
        town.live.show("lamp-2", online=True)
        await run.wait(5)
        assert [(name, level) for _, name, _, level in run.street.writes[writes:]] == [("lamp-2", 80)]
        assert ("failure" in town.notes.kinds(), "recovered" in town.notes.kinds()) == (True, True)


@runs
async def test_a_lamp_that_drifted_is_set_right_within_the_refresh() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(2)
        town.bulbs["lamp-3"].level = 20
        await run.wait(301)
        assert town.bulbs["lamp-3"].level == 100


@runs
async def test_a_lamp_that_does_not_obey_is_tried_a_few_times_then_rarely() -> None:
    town = Town(FIVE, NIGHT)
    town.bulbs["lamp-3"].stuck = True
    async with town.start() as run:
        await run.wait(2)
        seen = await run.give("lamp-3", level=60.0)
        assert run.states(seen) == ["applied", "failed"]
        assert "set to 60 % it has 100 %" in seen[-1].reason
        before = len(run.street.writes)
        await run.wait(3600)
        assert len(run.street.writes) - before <= 3600 / 300 + 1


@runs
async def test_the_newer_command_wins_and_the_older_one_ends_saying_so() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(2)
        first = asyncio.ensure_future(run.give("lamp-1", level=60.0))
        await asyncio.sleep(0.005)
        second = await run.give("lamp-1", level=80.0)
        assert run.states(second)[-1] == "verified"
        ended = (await first)[-1]
        assert ended.state.value == "failed"
        assert "taken over by a newer command: lamp-1" in ended.reason
        assert town.bulbs["lamp-1"].level == 80


@runs
async def test_many_dark_lamps_at_night_need_a_second_word_that_is_good_once() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(2)
        (asked,) = await run.give("gw", level=0.0)
        token = dict(asked.result)["confirm"]
        assert asked.state.value == "failed"
        assert "needs confirmation" in asked.reason
        assert town.levels() == [100] * 5
        assert run.states(await run.give("gw", level=0.0, confirm=token, by="binh")) == ["failed"]
        assert run.states(await run.give("gw", level=0.0, confirm=token)) == ["applied", "verified"]
        assert town.levels() == [0] * 5
        assert run.states(await run.give("gw", level=100.0)) == ["applied", "verified"]
        assert run.states(await run.give("gw", level=0.0, confirm=token)) == ["failed"]
        assert all(token not in str(entry) for entry in town.notes.entries)


@runs
async def test_by_day_a_dark_override_over_the_coming_night_needs_a_second_word_too() -> None:
    town = Town(FIVE, DAY)
    async with town.start() as run:
        await run.wait(2)
        assert run.states(await run.give("gw", level=0.0)) == ["failed"]
        assert run.states(await run.give("gw", level=0.0, for_s=3600.0))[-1] == "verified"


@runs
async def test_small_commands_add_up_to_a_large_one() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(2)
        for lamp in FIVE[:3]:
            assert run.states(await run.give(lamp, level=0.0))[-1] == "verified"
        (refused,) = await run.give("lamp-4", level=0.0)
        assert "1 lamps with 3 held dark already" in refused.reason


@runs
async def test_overrides_survive_a_restart_and_expired_ones_do_not_come_back() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(2)
        await run.give("lamp-1", level=60.0)
        await run.give("lamp-2", level=70.0, for_s=60.0)
        await run.give("lamp-3", level=80.0, forever=True)
        await run.set_members("square", "lamp-5")
    await asyncio.sleep(120)
    async with town.start() as run:
        await run.wait(5)
        assert town.levels() == [60, 100, 80, 100, 100]
        assert run.service.holdings.targets.resolve("square") == ("lamp-5",)
    await asyncio.sleep(24 * 3600)
    async with town.start() as run:
        await run.wait(5)
        assert town.levels() == [100, 100, 80, 100, 100]


@runs
async def test_what_is_wrong_is_refused_with_the_reason_and_written_down() -> None:
    town = Town(FIVE, NIGHT, lighting={"commands_per_minute": 4})
    async with town.start() as run:
        await run.wait(2)
        with pytest.raises(ConfigError, match="lamp-9"):
            await run.give("lamp-9", level=10.0)
        with pytest.raises(BadCommand, match="0 to 100"):
            await run.give("lamp-1", level=101.0)
        with pytest.raises(LightRefused, match="expired"):
            await run.give("lamp-1", level=60.0, deadline_s=-1)
        for _ in range(4):
            await run.give("lamp-1", level=60.0)
        with pytest.raises(LightRefused, match="too frequent"):
            await run.give("lamp-1", level=70.0)
        assert town.notes.kinds().count("refused") == 4


@runs
async def test_a_command_that_waits_past_its_deadline_is_not_written() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(2)
        run.street.wire_s = 5.0
        first = asyncio.ensure_future(run.give("lamp-1", level=60.0))
        await asyncio.sleep(0.1)
        late = await run.give("lamp-1", level=70.0, deadline_s=1)
        assert run.states(late) == ["failed"]
        assert "expired before it could be written" in late[-1].reason
        assert all(level != 70 for *_, level in run.street.writes)
        assert "taken over" in (await first)[-1].reason
        await run.wait(30)
        assert town.bulbs["lamp-1"].level == 100


@runs
async def test_switching_on_is_staggered_on_each_bus() -> None:
    lamps = [f"lamp-{n}" for n in range(1, 21)]
    town = Town(lamps, NIGHT, lighting={"stagger_lamps": 4, "stagger_s": 1.0, "guard_lamps": 30})
    async with town.start() as run:
        await run.wait(2)
        await run.give("gw", level=0.0)
        began_ns, before = town.clock.mono_ns(), len(run.street.applies)
        await run.give("gw", level=100.0)
        assert max(len(levels) for levels in run.street.applies[before:]) == 4
        assert (town.clock.mono_ns() - began_ns) / 1e9 >= 2.0


@runs
async def test_what_cannot_be_read_back_ends_as_unknown_not_as_verified() -> None:
    town = Town(FIVE, NIGHT, readable=False)
    async with town.start() as run:
        await run.wait(2)
        seen = await run.give("lamp-1", level=60.0)
        assert run.states(seen) == ["applied", "unknown"]
        assert "cannot be read back" in seen[-1].reason


@runs
async def test_a_watcher_sees_the_states_as_they_change() -> None:
    town = Town(FIVE, NIGHT)
    async with town.start() as run:
        await run.wait(2)
        async with run.service.watch() as changes:
            first = [(await anext(changes)).target for _ in FIVE]
            assert first == FIVE
            await run.give("lamp-2", level=60.0)
            changed = await anext(changes)
            assert (changed.target, changed.level, changed.verified) == ("lamp-2", 60, True)
