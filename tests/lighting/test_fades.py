"""A step with a fade of its own: used where the step itself is what switches, and nowhere else."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.config.lighting import Program
from edge.core.lighting import LightSource
from edge.lighting.desired import PLANNED, Wanted
from edge.lighting.plans import Plans
from edge.lighting.program import problems_of_program
from tests.lighting.town import PROGRAM, Running, Town, at, config_of
from tests.virtual import run_virtual

LAMPS = ["lamp-1", "lamp-2", "lamp-3"]
USUAL_S, OWN_S = 3.0, 60.0
STEPS = [step | ({"fade_s": OWN_S} if step["at"] == "22:00" else {}) for step in PROGRAM]
TIMES = ("18:00", "20:30", "22:00", "00:15", "03:00", "05:00")
FADES = st.none() | st.floats(0, 600)


def evening(time: str) -> Town:
    town = Town(LAMPS, at(f"2026-11-23T{time}"))
    town.config = config_of(LAMPS, STEPS, fade_s=USUAL_S)
    return town


def written(run: Running) -> list[tuple[str, float, float]]:
    """(lamp, level, fade) of each write that changed something, in an order of their own."""
    pairs = zip(run.street.writes, run.street.fades, strict=True)
    found = [(lamp, level, fade) for (_, lamp, before, level), fade in pairs if level != before]
    run.street.writes.clear()
    run.street.fades.clear()
    return sorted(found)


def test_lamps_take_to_a_steps_level_as_long_as_the_step_says_and_to_others_as_usual() -> None:
    async def story() -> None:
        async with evening("21:59:00").start() as run:
            await run.wait(120)
            assert written(run) == [(lamp, 50, OWN_S) for lamp in LAMPS]
            await run.wait(7 * 3600)
            assert written(run) == [(lamp, 100, USUAL_S) for lamp in LAMPS]

    run_virtual(story())


def test_who_ends_a_command_after_the_step_came_gets_the_plans_level_by_the_usual_fade() -> None:
    async def story() -> None:
        async with evening("21:59:00").start() as run:
            await run.wait(5)
            await run.give("lamp-1", level=80.0, for_s=600.0, fade_s=7.0)
            await run.give("lamp-2", level=70.0, forever=True)
            assert written(run) == [("lamp-1", 80, 7.0), ("lamp-2", 70, USUAL_S)]
            await run.wait(120)
            assert written(run) == [("lamp-3", 50, OWN_S)]
            await run.give("lamp-2", release=True)
            await run.wait(700)
            assert written(run) == [("lamp-1", 50, USUAL_S), ("lamp-2", 50, USUAL_S)]

    run_virtual(story())


def test_a_lamp_that_missed_the_step_comes_by_it_soon_and_by_the_usual_fade_after_it_was_away() -> None:
    async def story() -> None:
        town = evening("21:59:50")
        async with town.start() as run:
            await run.wait(5)
            for lamp in ("lamp-1", "lamp-2"):
                town.bulbs[lamp].answers = False
            await run.wait(6.5)
            town.bulbs["lamp-1"].answers = True
            town.live.show("lamp-2", False)
            await run.wait(900)
            assert written(run) == [("lamp-1", 50, OWN_S), ("lamp-3", 50, OWN_S)]
            town.bulbs["lamp-2"].answers = True
            town.live.show("lamp-2", True)
            await run.wait(60)
            assert written(run) == [("lamp-2", 50, USUAL_S)]

    run_virtual(story())


def test_neither_a_start_nor_another_plan_is_the_step() -> None:
    async def story() -> None:
        town = evening("22:30:00")
        async with town.start() as run:
            await run.wait(10)
            assert written(run) == [(lamp, 50, USUAL_S) for lamp in LAMPS]
            steps = [step | ({"level": 40} if step["at"] == "22:00" else {}) for step in STEPS]
            run.service.use(config_of(LAMPS, steps, fade_s=USUAL_S))
            await run.wait(10)
            assert written(run) == [(lamp, 40, USUAL_S) for lamp in LAMPS]

    run_virtual(story())


@settings(max_examples=40)
@given(st.lists(FADES, min_size=len(TIMES), max_size=len(TIMES)), st.integers(0, 86_399))
def test_at_every_moment_the_plan_says_the_fade_of_the_step_that_holds(
    fades: list[float | None], second: int
) -> None:
    steps: list[dict[str, Any]] = [
        {"at": time, "level": 10 * nth} | ({} if fade is None else {"fade_s": fade})
        for nth, (time, fade) in enumerate(zip(TIMES, fades, strict=True))
    ]
    planned = Plans(config_of(["lamp-1"], steps)).level_at(
        "lamp-1", at("2026-11-23T12:00:00") + second * 10**9
    )
    assert planned.fade_s == fades[round(planned.level / 10)]


@given(
    st.sampled_from(LightSource),
    st.sampled_from(LightSource),
    st.none() | st.integers(0, 10),
    st.integers(0, 10),
)
def test_only_the_moment_that_ended_what_the_program_wanted_has_the_steps_fade(
    was: LightSource, now: LightSource, until_ns: int | None, utc_ns: int
) -> None:
    before, after = Wanted(100, was, until_ns, ""), Wanted(50, now, 99, "", OWN_S)
    came = until_ns is not None and until_ns <= utc_ns and was in PLANNED and now is LightSource.PROGRAM
    assert after.fade_after(before, utc_ns) == (OWN_S if came else None)
    assert after.fade_after(None, utc_ns) is after.fade_after(before, None) is None


def test_a_fade_that_the_next_step_would_cut_is_one_sentence_at_its_field() -> None:
    steps = [{"at": "22:00", "level": 50, "fade_s": 301}, {"at": "22:05", "level": 20, "fade_s": 600}]
    assert list(problems_of_program(Program.model_validate({"id": "p", "steps": steps}))) == [
        (
            ("steps", 0, "fade_s"),
            "'22:00' takes 301 s to its level, but '22:05' comes 300 s later: shorten fade_s",
        )
    ]
    steps[0]["fade_s"] = 300
    assert list(problems_of_program(Program.model_validate({"id": "p", "steps": steps}))) == []


@pytest.mark.parametrize("fade_s", [-1, 601, "soon"])
def test_a_fade_that_cannot_be_is_refused(fade_s: Any) -> None:
    with pytest.raises(ValidationError):
        Program.model_validate({"id": "p", "steps": [{"at": "22:00", "level": 5, "fade_s": fade_s}]})
