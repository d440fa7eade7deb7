"""A week without the broker: lamps follow their plan by the gateway alone, to the second."""

import asyncio
from datetime import date, timedelta

import pytest

from cloud_sync.mqtt.lights import MqttLights
from edge.config.schema import Config
from edge.lighting.night import Switching
from edge.lighting.plans import Plans
from tests.cloud_sync.fake_link import FakeLink, Going, settle
from tests.lighting.town import DAY, PROGRAM, Town
from tests.virtual import run_virtual

LAMPS = [f"lamp-{n}" for n in range(1, 13)]
MONDAY = date(2026, 11, 23)
DAYS = 7
HOUR_S = 3600.0
SECOND_NS = 1_000_000_000
WEEKEND = [{"at": "sunset+10m", "level": 80}, {"at": "23:30", "level": 40}, {"at": "sunrise-10m", "level": 0}]
"""Friday and Saturday night. The last of the week begins on Sunday and ends after the week."""

SWITCHINGS = 4 * 4 + 2 * 3 + 4


class Week:
    """A town whose broker goes away after an hour and comes back a week later."""

    def __init__(self) -> None:
        self.town = Town(LAMPS, DAY)
        self.town.config = _two_programs(self.town.config)
        self.plans = Plans(self.town.config)
        self.began_ns = self.town.clock.utc_ns()
        self.link = FakeLink()
        self.wrong: list[str] = []
        self.looks = 0

    async def live(self) -> "Week":
        """The whole week."""
        for bulb in self.town.bulbs.values():
            bulb.level = 0.0
        async with (
            self.town.start() as self.run,
            Going(MqttLights(self.link, self.run.service)),  # type: ignore[arg-type]
        ):
            self.link.connect()
            await self.run.wait(HOUR_S)
            self.link.break_off()
            self.sent_before = len(self.link.sent)
            await self._look_on(DAYS * 24 * HOUR_S)
            self.sent_meanwhile = len(self.link.sent) - self.sent_before
            self.link.connect()
            await settle()
        return self

    async def _look_on(self, seconds: float) -> None:
        """Look at every lamp often, at moments that fit no minute."""
        ends_ns = self.town.clock.mono_ns() + round(seconds * 1e9)
        while self.town.clock.mono_ns() < ends_ns:
            await asyncio.sleep(37.3)
            self.looks += 1
            utc_ns = self.town.clock.utc_ns()
            for lamp, bulb in self.town.bulbs.items():
                now, before = (self.plans.level_at(lamp, at).level for at in (utc_ns, utc_ns - SECOND_NS))
                if bulb.level not in (now, before):
                    self.wrong.append(f"{lamp} has {bulb.level} at {utc_ns}, not {now}")

    def switchings(self, lamp: str) -> list[Switching]:
        """What the plan does to a lamp in this week."""
        nights = (self.plans.night(lamp, MONDAY + timedelta(days=n)) for n in range(DAYS))
        return [one for night in nights for one in night.switchings]

    def written(self, lamp: str) -> list[tuple[int, float]]:
        """When (UTC) a lamp really changed, and to what."""
        offset_ns = self.town.clock.offset_ns
        return [
            (mono_ns + offset_ns, level)
            for mono_ns, name, before, level in self.run.street.writes
            if name == lamp and before != level
        ]


def _two_programs(config: Config) -> Config:
    content = config.model_dump()
    content["program"] = [{"id": "evening", "steps": PROGRAM}, {"id": "weekend", "steps": WEEKEND}]
    rules = [{"program": "weekend", "weekdays": ["fri", "sat"]}]
    content["calendar"] = [{"id": "all", "default": "evening", "rules": rules}]
    return Config.model_validate(content)


@pytest.fixture(scope="module")
def week() -> Week:
    """A week that has passed."""

    async def pass_by() -> Week:
        return await Week().live()

    return run_virtual(pass_by())


def test_a_week_without_the_broker_has_every_switching_within_a_second(week: Week) -> None:
    for lamp in LAMPS:
        planned, written = week.switchings(lamp), week.written(lamp)
        assert len(planned) == SWITCHINGS
        assert [level for _, level in written] == [one.level for one in planned]
        late_ns = [at_ns - one.at_ns for (at_ns, _), one in zip(written, planned, strict=True)]
        assert min(late_ns) >= 0, f"{lamp} switched before its time"
        assert max(late_ns) <= SECOND_NS, f"{lamp} switched {max(late_ns) / 1e9} s late"


def test_lamps_are_right_at_every_moment_of_a_week_without_the_broker(week: Week) -> None:
    assert week.looks > 16_000
    assert week.wrong == []


def test_a_broker_that_comes_back_after_a_week_is_told_what_is_now(week: Week) -> None:
    assert week.sent_before >= len(LAMPS)
    assert week.sent_meanwhile == 0
    now = {state.target: state.level for state in week.run.service.states()}
    told = {lamp: week.link.at(f"light/{lamp}/state")["level"] for lamp in LAMPS}
    assert told == now == dict.fromkeys(LAMPS, 0.0)
    assert len(week.link.sent) - week.sent_before <= 2 * len(LAMPS), "old states were told as well"
