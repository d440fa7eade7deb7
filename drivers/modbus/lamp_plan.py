"""The fewest frames that bring lamps to their levels, and the fewest questions that read them back. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from drivers.coded import ProfilePoint
from drivers.modbus.lamp_ways import Configured, Fixture, Way, fixtures, shared_ways
from drivers.modbus.plan import Block, plan_blocks
from drivers.modbus.round import blocks_wire_s
from edge.config.schema import Bus
from edge.core.errors import ConfigError, Refused
from edge.core.lighting import Lamp, LampFrame, LampRead
from edge.core.sayings import say

LEVEL_MAX = 100.0


@dataclass(frozen=True, slots=True)
class LevelBlock:
    """One question for levels: `points` are those of `devices`, in the same order."""

    address: int
    block: Block
    devices: tuple[str, ...]
    points: tuple[ProfilePoint, ...]


class LampPlan:
    """Which lamps are on a bus, and how they are told and asked. Fixed for a driver's life."""

    def __init__(self, bus: Bus, devices: Configured) -> None:
        self._bus = bus
        self._fixtures = fixtures(bus, devices)
        self._shared = shared_ways(bus, self._fixtures, devices)
        self._ways = {way.key: way for way in self._shared}
        self._ways |= {one.way.key: one.way for one in self._fixtures.values()}
        self.lamps: tuple[Lamp, ...] = tuple(one.lamp for one in self._fixtures.values())

    def fixture(self, device: str) -> Fixture:
        """The lamp of that id. Raises ConfigError where there is none."""
        if device not in self._fixtures:
            raise ConfigError(say("no_lamp_of_bus", device=device, bus=self._bus.id))
        return self._fixtures[device]

    def way(self, key: str) -> Way:
        """Where a frame is written. Raises ConfigError for what a changed configuration has no more."""
        if key not in self._ways:
            raise ConfigError(say("key_gone", bus=self._bus.id, key=key))
        return self._ways[key]

    def frames(self, levels: Mapping[str, float]) -> tuple[LampFrame, ...]:
        """The fewest writes, each lamp in one of them. Raises Refused for what is no level."""
        for device, level in levels.items():
            if not math.isfinite(level) or not 0 <= level <= LEVEL_MAX:
                raise Refused(say("no_percent", device=device, level=f"{level:g}"))
        words = {device: self.fixture(device).words(level) for device, level in levels.items()}
        left = dict.fromkeys(words)
        found: list[LampFrame] = []
        for way in self._shared:
            new = tuple(device for device in way.devices if device in left)
            if len(new) > 1 and len({words.get(device) for device in way.devices}) == 1:
                # Lamps on several curves may share their words; `words` takes them by the way's first.
                found.append(self._frame(way, new, levels[way.devices[0]]))
                for device in new:
                    del left[device]
        found += [self._frame(self.fixture(one).way, (one,), levels[one]) for one in left]
        return tuple(found)

    def words(self, frame: LampFrame) -> tuple[Way, tuple[int, ...]]:
        """Where a frame is written, and what."""
        way = self.way(frame.key)
        return way, self.fixture(way.devices[0]).words(frame.level, way.command)

    def same(self, device: str, wanted: float, actual: float) -> bool:
        """Whether `actual` is what `wanted` became, give or take a step; light is never dark."""
        fixture = self.fixture(device)
        told = fixture.told(wanted)
        if (told > 0) != (actual > 0):
            return False
        if not fixture.lamp.dimmable:
            return True
        steps = fixture.words(told), fixture.words(actual)
        return len(steps[0]) > 1 or abs(steps[0][0] - steps[1][0]) <= 1

    def reads(self, devices: Sequence[str]) -> tuple[LampRead, ...]:
        """The fewest questions; lamps that cannot be read back are left out."""
        return tuple(self._read(one) for one in self._blocks(devices))

    def level_block(self, read: LampRead) -> LevelBlock:
        """The registers of one question."""
        block = next(iter(self._blocks(read.devices)), None)
        if block is None or block.devices != read.devices:
            raise ConfigError(say("not_in_one", devices=", ".join(read.devices)))
        return block

    def _frame(self, way: Way, devices: tuple[str, ...], level: float) -> LampFrame:
        told = self.fixture(way.devices[0]).told(level)
        return LampFrame(devices, told, way.key, way.wire_s, way.unit)

    def _read(self, block: LevelBlock) -> LampRead:
        fixture = self._fixtures[block.devices[0]]
        wire_s = blocks_wire_s(self._bus, fixture.profile, [block.block])
        key = f"{block.address}/{block.block.table}:{block.block.address}+{block.block.count}"
        return LampRead(block.devices, key, wire_s, f"{self._bus.id}/{block.address}")

    def _blocks(self, devices: Sequence[str]) -> Iterator[LevelBlock]:
        units: dict[tuple[int, str], list[tuple[str, ProfilePoint]]] = {}
        for device in devices:
            fixture = self.fixture(device)
            if fixture.shows is not None:
                place = fixture.device.address, fixture.profile.id
                units.setdefault(place, []).append((device, fixture.shows))
        for (address, _), those in units.items():
            limits = self.fixture(those[0][0]).profile.limits
            for block in plan_blocks((point for _, point in those), limits.gap_max, limits.count_max):
                inside = [(device, point) for device, point in those if block.covers(point)]
                names, points = zip(*inside, strict=True)
                yield LevelBlock(address, block, names, points)
