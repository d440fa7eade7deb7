"""Where a simulated day runs fast, what was asked for two hours ends after two hours of that day."""

from zoneinfo import ZoneInfo

from edge.lighting.history import as_line
from tests.lighting.town import NIGHT, Town, at
from tests.virtual import FastClock, run_virtual

RATE = 120.0


def fast(lamps: list[str], utc_ns: int) -> Town:
    town = Town(lamps)
    town.clock = FastClock(RATE)
    town.clock.offset_ns = utc_ns - round(town.clock.mono_ns() * RATE)
    return town


def test_an_override_for_two_hours_ends_two_simulated_hours_later_and_says_what_the_lamps_get() -> None:
    async def story() -> list[str]:
        town = fast(["lamp-1", "lamp-2", "lamp-3"], NIGHT)
        async with town.start() as run:
            await run.wait(1)
            await run.give("street", level=60.0, for_s=7200.0)
            await run.wait(59)
            assert town.levels() == [60, 60, 50]
            await run.wait(2)
            assert town.levels() == [50, 50, 50]
        zone = ZoneInfo("Asia/Ho_Chi_Minh")
        return [as_line(entry, zone) for entry in town.notes.entries if entry["kind"] == "expired"]

    (line,) = run_virtual(story())
    assert line.startswith("2026-11-23 22:0")
    assert line.endswith("over: 60 % on street, by an: 2 lamps, now 50 % (program, 22:00)")


def test_plan_and_override_still_change_within_a_real_second_of_their_time() -> None:
    async def story() -> None:
        town = fast(["lamp-1", "lamp-2"], at("2026-11-23T21:50:00"))
        async with town.start() as run:
            await run.wait(1)
            await run.give("lamp-1", level=70.0, for_s=1800.0)
            await run.wait(6)
            assert town.levels() == [70, 50]
            await run.wait(12)
            assert town.levels() == [50, 50]

    run_virtual(story())


def test_an_override_that_ended_while_the_gateway_was_stopped_is_told_at_the_start() -> None:
    async def story() -> list[str]:
        town = Town(["lamp-1"], NIGHT)
        async with town.start() as run:
            await run.wait(2)
            await run.give("lamp-1", level=60.0, for_s=600.0)
        await run.wait(1200)
        async with town.start() as run:
            await run.wait(5)
            assert town.levels() == [100]
        return town.notes.kinds()

    assert run_virtual(story()).count("expired") == 1
