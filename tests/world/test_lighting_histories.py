"""Histories of commands, plans, faults and restarts: what must hold in every one of them.

One history is a night (and more) of a small town, generated from a seed: operators command, confirm or do
not, lamps are lost, stuck or changed by hand, the gateway is stopped and started, its clock is not set.
A referee looks at every write that reaches a lamp and at every outcome:

- no id acts twice, and no command acts after its deadline;
- a lamp's first write of a gateway's life never makes it darker, and nothing is written before it was read;
- nothing becomes darker by itself while the clock is not set;
- no more lamps are held dark at night than the guard allows, unless somebody said it twice;
- at the end every lamp that answers has what wins, and is known to.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from edge.core.errors import GianhError
from edge.core.model import Command, CommandState, Event, Outcome
from edge.runtime.commands import CommandDesk, Verb
from tests.lighting.town import DAY, NIGHT, Running, Town, at
from tests.virtual import run_virtual

GUARD, DARK = 3, 30.0
ENDS = (CommandState.VERIFIED, CommandState.FAILED, CommandState.UNKNOWN)
START_NS = 1_000_000_000
"""By then a starting gateway has read and written its lamps once."""
SETTLE_S = 700.0
"""Longer than two refreshes: by then every lamp that can has what it shall have."""


class Ledger:
    """Ids that were taken; outlives the gateway, as the store does."""

    def __init__(self) -> None:
        self.kept: dict[str, Outcome] = {}

    async def claim(self, command_id: str) -> Outcome | None:
        if (before := self.kept.get(command_id)) is not None:
            return before
        self.kept[command_id] = Outcome(command_id, CommandState.UNKNOWN)
        return None

    def keep_outcome(self, outcome: Outcome) -> None:
        self.kept[outcome.id] = outcome


@dataclass
class Referee:
    """Sees everything, and says what must not be."""

    town: Town
    wrong: list[str] = field(default_factory=list)
    acted: dict[str, int] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    said_twice: set[str] = field(default_factory=set)
    """Lamps whose darkness was confirmed, also where a little more light was asked for since."""
    asked_for: dict[float, set[str]] = field(default_factory=dict)
    """Which commands asked for a level: each has its own, but for those that repeat it with a token."""
    written: dict[str, float] = field(default_factory=dict)
    relieved: set[str] = field(default_factory=set)
    """Lamps for which light, or a release, was asked since they became dark."""
    begun: set[tuple[str, float]] = field(default_factory=set)
    fresh: set[str] = field(default_factory=set)
    """Lamps that this life of the gateway has given another level."""
    began_ns: int = 0
    judged: int = 0
    read: int = 0

    def judge_writes(self, run: Running, drifted: set[str]) -> None:
        """Every write of one life of the gateway; who was changed by hand meanwhile surprises anybody."""
        first = set(drifted)
        for at_ns, lamp, before, level in run.street.writes:
            if lamp not in first and level < before:
                self.wrong.append(f"the first write to {lamp} at {at_ns} went from {before:g} to {level:g}")
            first.add(lamp)

    def judge_times(self, run: Running, given: dict[float, list[Command]], excused: set[str]) -> None:
        """When each command was first written to each lamp, in whichever life; levels are its own."""
        for at_ns, levels in zip(run.street.applied_ns, run.street.applies, strict=True):
            for lamp, level in levels.items():
                if (lamp, level) in self.begun or level not in given or lamp in excused:
                    continue
                self.begun.add((lamp, level))
                if all(at_ns > command.deadline_mono_ns for command in given[level]):
                    self.wrong.append(f"{lamp} was first set to {level} at {at_ns}, after the deadline")

    def begin(self) -> None:
        """A life of the gateway begins: for a moment lamps are as its absence left them."""
        self.began_ns, self.judged = self.town.clock.mono_ns(), 0
        self.fresh.clear()

    def judge_guard(self, run: Running) -> None:
        """How many lamps were left dark at night by commands that nobody said twice.

        What is counted is what lamps were really written, never what the gateway believes. A lamp whose
        light somebody asked for since, or that does not answer, is not held dark by anybody.
        """
        for note in self.town.notes.entries[self.read :]:
            self._take(note)
        self.read = len(self.town.notes.entries)
        for at_ns, lamp, before, level in run.street.writes[self.judged :]:
            self.written[lamp] = level
            if level != before:
                self.fresh.add(lamp)
            self._judge_dark(run, at_ns)
        self.judged = len(run.street.writes)
        self._judge_dark(run, self.town.clock.mono_ns())

    def _take(self, note: dict[str, Any]) -> None:
        """What commands were accepted, and which holds ended."""
        if note["kind"] not in ("command", "expired"):
            return
        lamps = set(note["names"].split(","))
        if note["kind"] == "expired" or note["level"] is None or note["level"] >= DARK:
            self.relieved |= lamps
        else:
            self.relieved -= lamps
        if note.get("confirmed"):
            self.confirmed.add(note["id"])

    def _judge_dark(self, run: Running, mono_ns: int) -> None:
        dark = {lamp: level for lamp, level in self.written.items() if level < DARK}
        by_hand = {lamp: self.asked_for[level] for lamp, level in dark.items() if level in self.asked_for}
        confirmed = {lamp for lamp, commands in by_hand.items() if commands & self.confirmed}
        self.said_twice = (self.said_twice & set(dark)) | confirmed
        excused = self.said_twice | self.relieved
        unsaid = {lamp for lamp in by_hand if lamp not in excused and self.town.bulbs[lamp].answers}
        if mono_ns - self.began_ns < START_NS:
            unsaid &= self.fresh
        if len(unsaid) > GUARD and self._is_night(run, mono_ns):
            self.wrong.append(f"{sorted(unsaid)} were dark at {mono_ns} and nobody said it twice")

    def _is_night(self, run: Running, mono_ns: int) -> bool:
        """While the clock is not set it is always night."""
        if not self.town.clock.is_set():
            return True
        return run.service.holdings.plans.is_night(mono_ns + self.town.clock.offset_ns)

    def judge_end(self, run: Running) -> None:
        """Everybody who can follow does, and it is known."""
        now = self.town.clock.stamp()
        states = {state.target: state for state in run.service.states()}
        for lamp, bulb in self.town.bulbs.items():
            wanted = run.service.holdings.wanted(lamp, now)
            if wanted is None or not bulb.answers or bulb.stuck:
                continue
            record = run.service.engine.records[lamp]
            if bulb.level != record.reach(wanted.level):
                self.wrong.append(f"{lamp} has {bulb.level:g} and shall have {wanted.level:g}: {record}")
            elif not states[lamp].verified or states[lamp].level != wanted.level:
                self.wrong.append(f"{lamp} is not shown as it is: {states[lamp]}")


class History:
    """One generated history. `excused` are lamps that get what stands once they can be reached, or once
    an emergency is over, however late that is.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.number = self.seen_writes = 0
        self.given: dict[float, list[Command]] = {}
        self.excused: set[str] = set()

    async def run(self) -> list[str]:
        chance = self.chance
        start = chance.choice([NIGHT, DAY, at("2026-11-23T16:50:00"), at("2026-11-24T04:20:00")])
        lamps = [f"lamp-{n}" for n in range(1, chance.randint(5, 8))]
        believed = chance.random() < 0.8
        settings = {"guard_lamps": GUARD, "dark_level": DARK, "stagger_lamps": 2}
        self.town = town = Town(lamps, start, believed, settings)
        town.tick_s, town.chance = 60.0, chance.random
        for bulb in town.bulbs.values():
            bulb.level = chance.choice([0.0, 20.0, 50.0, 100.0])
        self.ledger, self.referee = Ledger(), Referee(town)
        self.replies: list[tuple[Command, Outcome, int]] = []
        self.tokens: list[tuple[str, dict[str, Any], str]] = []
        for _ in range(chance.randint(1, 3)):
            await self.life(last=False)
        town.clock.believed = True
        await self.life(last=True)
        self.judge_replies()
        return self.referee.wrong

    async def life(self, last: bool) -> None:
        """One life of the gateway, from start to stop."""
        self.referee.begin()
        self.drifted: set[str] = set()
        self.excused |= {lamp for lamp, bulb in self.town.bulbs.items() if not bulb.answers}
        async with self.town.start() as run:
            await asyncio.sleep(0)
            layers = run.service.holdings.layers
            self.excused |= {lamp for lamp, layer in layers.items() if layer.emergency is not None}
            self.desk = CommandDesk(
                self.ledger, {"light": Verb(self.watched(run), acts=True)}, ignore, self.town.clock
            )
            for _ in range(self.chance.randint(1, 6)):
                await self.happen(run)
                self.referee.judge_guard(run)
            if last:
                for bulb in self.town.bulbs.values():
                    bulb.stuck = False
                await asyncio.sleep(SETTLE_S)
                self.referee.judge_guard(run)
                self.referee.judge_end(run)
            kept = dict(self.town.memory.values)
            await self.desk.close()
        if self.chance.random() < 0.3:
            self.town.memory.values = (
                kept  # killed: what it would have put in order at its end stays as it was
            )
        self.referee.judge_writes(run, self.drifted)
        self.referee.judge_times(run, self.given, self.excused)
        self.seen_writes += len(run.street.writes)
        await asyncio.sleep(self.chance.choice([1.0, 600.0, 20_000.0]))

    def watched(self, run: Running) -> Callable[[Command], Any]:
        """The service's verb, with every taking counted."""

        async def light(command: Command) -> Any:
            self.referee.acted[command.id] = self.referee.acted.get(command.id, 0) + 1
            async for outcome in run.service.verb(command):
                yield outcome

        return light

    async def happen(self, run: Running) -> None:
        chance, town = self.chance, self.town
        lamp = chance.choice(list(town.bulbs))
        bulb = town.bulbs[lamp]
        match chance.choice(
            ["command"] * 5 + ["again", "lost", "back", "stuck", "drift", "clock", "confirm"]
        ):
            case "command":
                self.command(run)
            case "again" if self.replies:
                self.desk.submit(chance.choice(self.replies)[0], ignore)
            case "confirm" if self.tokens:
                target, arguments, token = self.tokens.pop()
                self.submit(run, target, arguments | {"confirm": token})
            case "lost":
                bulb.answers = False
                self.excused.add(lamp)
                if chance.random() < 0.7:
                    town.live.show(lamp, online=False)
            case "back":
                bulb.answers = True
                town.live.show(lamp, online=True)
            case "stuck":
                bulb.stuck = not bulb.stuck
            case "drift":
                bulb.level = chance.choice([0.0, 35.0, 100.0])
                self.drifted.add(lamp)
            case "clock":
                town.clock.believed = True
        await asyncio.sleep(chance.choice([0.001, 0.03, 0.3, 5.0, 60.0, 3_600.0]))

    def command(self, run: Running) -> None:
        chance = self.chance
        target = chance.choice(["gw", "street", "square", *self.town.bulbs])
        base = chance.choice([0, 10, 29, 30, 60, 99])
        arguments: dict[str, Any] = {"level": base + (self.number + 1) / 1000}
        if chance.random() < 0.2:
            arguments = {"release": True}
        elif chance.random() < 0.4:
            arguments["for_s"] = float(chance.choice([1, 30, 1800, 40_000]))
        elif chance.random() < 0.1:
            arguments["forever"] = True
        if chance.random() < 0.1:
            arguments["emergency"] = True
        self.submit(run, target, arguments)

    def submit(self, run: Running, target: str, arguments: dict[str, Any]) -> None:
        self.number += 1
        deadline_s = self.chance.choice([0.01, 0.1, 1, 30, 30])
        command = run.command(
            target, source="local", id=f"c{self.number}", deadline_s=deadline_s, **arguments
        )

        if (level := arguments.get("level")) is not None:
            self.referee.asked_for.setdefault(level, set()).add(command.id)
            self.given.setdefault(level, []).append(command)
        if arguments.get("emergency"):
            self.excused.update(run.service.holdings.targets.resolve(target))

        def reply(outcome: Outcome) -> None:
            self.replies.append((command, outcome, self.town.clock.mono_ns()))
            token = dict(outcome.result).get("confirm")
            if isinstance(token, str):
                asked = {name: value for name, value in arguments.items() if name != "confirm"}
                self.tokens.append((target, asked, token))

        self.desk.submit(command, reply)

    def judge_replies(self) -> None:
        """At most one act and exactly one end for every command."""
        wrong = self.referee.wrong
        wrong += [f"{one} acted {times} times" for one, times in self.referee.acted.items() if times > 1]
        ends: dict[str, int] = {}
        for command, outcome, _ in self.replies:
            ends[command.id] = ends.get(command.id, 0) + (outcome.state in ENDS)
        wrong += [f"{one} ended {times} times" for one, times in ends.items() if times != 1]


def ignore(_: Event | Outcome) -> None:
    """Nobody listens."""


def judged(seed: int) -> list[str]:
    """What is wrong in the history of a seed."""
    try:
        return run_virtual(History(seed).run())
    except GianhError as error:
        return [f"an error came out: {error!r}"]


def faults(seeds: range) -> dict[int, list[str]]:
    """The histories in which something is wrong."""
    return {seed: wrong for seed in seeds if (wrong := judged(seed))}


@pytest.mark.parametrize("block", range(4))
def test_no_history_acts_twice_or_late_or_dark_against_the_guard(block: int):
    assert faults(range(block * 100, block * 100 + 100)) == {}


@pytest.mark.long
@pytest.mark.timeout(0)
def test_no_history_of_a_hundred_thousand_does():
    assert faults(range(1_000, 101_000)) == {}
