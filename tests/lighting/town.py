"""A small town in memory: lamps that can be lost, stuck or slow, a memory, a live state, an audit log."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from edge.config.schema import Config
from edge.core.errors import NoAnswer
from edge.core.lighting import Lamp, LampReport
from edge.core.model import Command, DeviceState, Fields, Outcome
from edge.core.watchers import Watchers
from edge.lighting.service import LightingService, Parts
from tests.virtual import VirtualClock


def at(text: str) -> int:
    """A local time of Ba Đồn as UTC nanoseconds."""
    return round(datetime.fromisoformat(f"{text}+07:00").timestamp()) * 1_000_000_000


NIGHT, DAY = at("2026-11-23T20:00:00"), at("2026-11-23T12:30:00")


@dataclass
class Bulb:
    """One lamp as it really is."""

    level: float = 100.0
    answers: bool = True
    stuck: bool = False


class Street:
    """Luminaires in memory; `writes` has every one that reached a lamp: (mono_ns, lamp, before, level).

    `fades` has how long each of these was to take.
    """

    def __init__(self, clock: VirtualClock, lamps: Sequence[Lamp], bulbs: dict[str, Bulb]) -> None:
        self._clock, self._lamps, self.bulbs = clock, {lamp.device: lamp for lamp in lamps}, bulbs
        self.writes: list[tuple[int, str, float, float]] = []
        self.fades: list[float] = []
        self.applies: list[dict[str, float]] = []
        self.applied_ns: list[int] = []
        self.verifies: list[tuple[str, ...]] = []
        self.wire_s = 0.02

    @property
    def lamps(self) -> Mapping[str, Lamp]:
        return self._lamps

    async def apply(self, levels: Mapping[str, float], fade_s: float) -> Mapping[str, LampReport]:
        self.applies.append(dict(levels))
        self.applied_ns.append(self._clock.mono_ns())
        reports = {}
        for device, level in levels.items():
            await asyncio.sleep(self.wire_s)
            bulb = self.bulbs[device]
            if not bulb.answers:
                reports[device] = _failed(device, level)
                continue
            self.writes.append((self._clock.mono_ns(), device, bulb.level, level))
            self.fades.append(fade_s)
            bulb.level = bulb.level if bulb.stuck else level
            reports[device] = LampReport(device, level, applied=True, verified=False)
        return reports

    async def verify(self, levels: Mapping[str, float]) -> Mapping[str, LampReport]:
        self.verifies.append(tuple(levels))
        reports = {}
        for device, level in levels.items():
            await asyncio.sleep(self.wire_s)
            bulb = self.bulbs[device]
            if bulb.answers:
                same = bulb.level == level
                reports[device] = LampReport(device, level, applied=True, verified=same, actual=bulb.level)
            else:
                reports[device] = _failed(device, level)
        return reports


def _failed(device: str, level: float) -> LampReport:
    error = NoAnswer(f"{device} does not answer")
    return LampReport(device, level, applied=False, verified=False, error=error)


class Shown:
    """The Live port."""

    def __init__(self) -> None:
        self.known: dict[str, DeviceState] = {}
        self._watchers: Watchers[DeviceState] = Watchers(self.known.get)

    def states(self) -> Sequence[DeviceState]:
        return list(self.known.values())

    def watch(self) -> Any:
        return self._watchers.watch(list(self.known))

    def show(self, device: str, online: bool, **values: float) -> None:
        self.known[device] = DeviceState(device, online, None, tuple(values.items()))
        self._watchers.tell(device)


class Notes:
    """The audit log in memory."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def write(self, kind: str, fields: Fields) -> None:
        self.entries.append({"kind": kind, **dict(fields)})

    def kinds(self) -> list[str]:
        return [entry["kind"] for entry in self.entries]


class Kept:
    """The Memory port."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def recall(self, key: str) -> str | None:
        return self.values.get(key)

    def remember(self, key: str, value: str) -> None:
        self.values[key] = value


PROGRAM = [
    {"at": "sunset", "level": 100},
    {"at": "22:00", "level": 50},
    {"at": "04:30", "level": 100},
    {"at": "sunrise", "level": 0},
]


def config_of(
    lamps: Sequence[str], steps: Sequence[dict[str, Any]] = tuple(PROGRAM), **lighting: Any
) -> Config:
    """A gateway with these lamps on two buses, in two groups that overlap, on one plan."""
    return Config.model_validate(
        {
            "gateway": {"id": "gw", "latitude": 17.7556, "longitude": 106.4231},
            "bus": [{"id": bus, "kind": "tcp", "host": "127.0.0.1", "port": n} for n, bus in _buses()],
            "device": [
                {"id": lamp, "profile": "lamp", "bus": _bus_of(number), "address": number + 1}
                for number, lamp in enumerate(lamps)
            ],
            "group": [
                {"id": "street", "devices": lamps[: max(1, 2 * len(lamps) // 3)]},
                {"id": "square", "devices": lamps[len(lamps) // 3 :]},
            ],
            "program": [{"id": "evening", "steps": steps}],
            "calendar": [{"id": "all", "default": "evening"}],
            "assignment": [{"target": "gw", "calendar": "all"}],
            "lighting": {"fade_s": 0, "verify_after_s": 0, "guard_lamps": 3, "dwell_s": 0} | lighting,
        }
    )


def _buses() -> list[tuple[int, str]]:
    return [(1, "b1"), (2, "b2")]


def _bus_of(number: int) -> str:
    return _buses()[number % 2][1]


@dataclass
class Town:
    """The world that outlives a gateway: bulbs, memory and audit; `start` runs lighting in it."""

    lamps: Sequence[str]
    utc_ns: int = NIGHT
    clock_set: bool = True
    lighting: dict[str, Any] = field(default_factory=dict)
    readable: bool = True

    def __post_init__(self) -> None:
        self.clock = VirtualClock(self.clock_set)
        self.clock.offset_ns = self.utc_ns - self.clock.mono_ns()
        self.config = config_of(self.lamps, **self.lighting)
        self.bulbs = {lamp: Bulb() for lamp in self.lamps}
        self.memory, self.notes, self.live = Kept(), Notes(), Shown()
        self.tokens = iter(f"token{n}" for n in range(10_000))
        self.tick_s = 1.0
        self.chance = lambda: 0.5

    @asynccontextmanager
    async def start(self) -> AsyncIterator["Running"]:
        """Lighting from start to stop; the street is new, so that its writes are those of this life."""
        lamps = [
            Lamp(lamp, _bus_of(number), dimmable=True, readable=self.readable)
            for number, lamp in enumerate(self.lamps)
        ]
        street = Street(self.clock, lamps, self.bulbs)
        parts = Parts(street, self.clock, self.memory, self.live, self.notes)
        service = LightingService(self.config, parts, self.chance, lambda: next(self.tokens), self.tick_s)
        running = asyncio.get_running_loop().create_task(service.run())
        try:
            yield Running(self, service, street)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def levels(self) -> list[float]:
        """What the lamps really have."""
        return [bulb.level for bulb in self.bulbs.values()]


@dataclass
class Running:
    """Lighting that runs in a town."""

    town: Town
    service: LightingService
    street: Street
    given: int = 0

    def command(self, target: str, by: str = "an", source: str = "mqtt", **arguments: Any) -> Command:
        """A command as the desk hands it on."""
        self.given += 1
        now = self.town.clock.stamp()
        deadline_s = arguments.pop("deadline_s", 30)
        command_id = arguments.pop("id", f"c{self.given}-{now.mono_ns}")
        deadline_ns = now.mono_ns + round(deadline_s * 1e9)
        return Command(command_id, "light", target, tuple(arguments.items()), by, source, now, deadline_ns)

    async def give(self, target: str, **arguments: Any) -> list[Outcome]:
        """Give a command and wait for its end; a refusal is raised."""
        command = self.command(target, **arguments)
        return [outcome async for outcome in self.service.verb(command)]

    async def set_members(self, group: str, *lamps: str) -> None:
        """Change who is in a group."""
        command = self.command(group, devices=",".join(lamps))
        assert self.states([one async for one in self.service.members(command)]) == ["verified"]

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def states(self, outcomes: Sequence[Outcome]) -> list[str]:
        return [outcome.state.value for outcome in outcomes]
