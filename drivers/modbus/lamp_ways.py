"""Where a lamp's level is written and read: one lamp, a DALI group, a line, or all units of a bus. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import sqrt

from drivers.coded import Curve, Per, ProfileCommand, ProfilePoint
from drivers.device_model import LampModel, Profile
from drivers.modbus.encode import encode
from drivers.modbus.frame import BROADCAST
from drivers.modbus.round import TCP_REQUEST_S
from drivers.modbus.timing import WireTiming
from edge.config.schema import Bus, BusKind, Device
from edge.core.lighting import Lamp

_REQUEST_CHARS = 8
_ANSWER_CHARS = 8
_MANY_CHARS = 3

Configured = Mapping[str, tuple[Device, Profile]]
"""The devices of one bus by id."""

SWITCHED = (0.0, 1.0)
"""The range of a level that knows only on and off."""

FADE_CODE_MAX = 15


@dataclass(frozen=True, slots=True)
class Way:
    """One place to write a level; all of `devices` obey it. `address` 0 reaches every unit of the bus."""

    key: str
    unit: str
    address: int
    command: ProfileCommand
    devices: tuple[str, ...]
    wire_s: float


@dataclass(frozen=True, slots=True)
class Fixture:
    """One lamp of the bus: its own way, the point that shows its level, and its fade command."""

    lamp: Lamp
    device: Device
    profile: Profile
    way: Way
    shows: ProfilePoint | None
    fade: ProfileCommand | None

    def told(self, level: float) -> float:
        """What it is told for a wanted level: all or nothing, or not below the least that it can hold."""
        if level <= 0:
            return 0.0
        return max(level, self.lamp.minimum_level) if self.lamp.dimmable else 100.0

    def words(self, level: float, command: ProfileCommand | None = None) -> tuple[int, ...]:
        """The registers that say `level` (by another command of the same scale, if given)."""
        command = command or self.way.command
        told = self.told(level)
        words = encode(command, told if self.lamp.dimmable else command.range[told > 0])
        if told > 0 and not any(words):
            # Less light than one step of the scale is still light: off is only what was asked for as off.
            step = replace(command, curve=Curve.LINEAR)
            words = encode(step, command.scale / command.divisor + command.offset)
        return words


def fixtures(bus: Bus, devices: Configured) -> dict[str, Fixture]:
    """The lamps among the devices, by id."""
    return {
        device.id: _fixture(bus, device, profile, profile.lamp)
        for device, profile in devices.values()
        if profile.lamp is not None
    }


def _fixture(bus: Bus, device: Device, profile: Profile, model: LampModel) -> Fixture:
    place = device.channel, device.sub_address
    level = profile.command(model.level, *place)
    shows = next((p for p in profile.points_of(*place) if p.name == level.reads_back), None)
    lamp = Lamp(
        device=device.id,
        bus=bus.id,
        dimmable=level.range != SWITCHED,
        readable=shows is not None,
        minimum_level=device.minimum_level,
        nominal_w=device.nominal_w,
        fades=model.fades,
    )
    way = Way(
        f"lamp:{device.id}",
        f"{bus.id}/{device.address}",
        device.address,
        level,
        (device.id,),
        write_s(bus, profile, level),
    )
    fade = profile.command(model.fade, *place) if model.fade else None
    return Fixture(lamp, device, profile, way, shows, fade)


def shared_ways(bus: Bus, lamps: Mapping[str, Fixture], devices: Configured) -> tuple[Way, ...]:
    """All ways that reach several lamps safely, the widest first.

    A line or all units at once only on a bus whose every lamp is a device here; all units at once only
    where nothing but gear of one kind is on the bus. A group by what the devices say of themselves.
    """
    found = [*_groups(bus, lamps)]
    if bus.whole_line:
        found += [*_lines(bus, lamps), *_everywhere(bus, lamps, devices)]
    return tuple(sorted(found, key=lambda way: -len(way.devices)))


def _groups(bus: Bus, lamps: Mapping[str, Fixture]) -> Iterator[Way]:
    members: dict[tuple[int, int, int], list[Fixture]] = {}
    for fixture in lamps.values():
        if fixture.profile.lamp is not None and fixture.profile.lamp.group is not None:
            for group in fixture.device.lamp_groups:
                place = fixture.device.address, fixture.device.channel, group
                members.setdefault(place, []).append(fixture)
    for (address, channel, group), those in members.items():
        model = those[0].profile.lamp
        if len(those) > 1 and model is not None and model.group is not None:
            command = those[0].profile.command(model.group, channel, group=group)
            yield _shared(bus, f"group:{address}/{channel}/{group}", address, command, those)


def _lines(bus: Bus, lamps: Mapping[str, Fixture]) -> Iterator[Way]:
    members: dict[tuple[int, int], list[Fixture]] = {}
    for fixture in lamps.values():
        model = fixture.profile.lamp
        if model is not None and model.line is not None:
            per = fixture.profile.command(model.line).per
            channel = fixture.device.channel if per is Per.CHANNEL else -1
            members.setdefault((fixture.device.address, channel), []).append(fixture)
    for (address, channel), those in members.items():
        model = those[0].profile.lamp
        if len(those) > 1 and model is not None and model.line is not None:
            command = those[0].profile.command(model.line, max(channel, 0))
            yield _shared(bus, f"line:{address}/{max(channel, 0)}", address, command, those)


def _everywhere(bus: Bus, lamps: Mapping[str, Fixture], devices: Configured) -> Iterator[Way]:
    """Unit 0, where the profile calls the level's own or the line's command safe as a broadcast."""
    those = list(lamps.values())
    if len(those) < 2 or len({profile.id for _, profile in devices.values()}) != 1:
        return
    profile = those[0].profile
    for name in (profile.lamp.level, profile.lamp.line) if profile.lamp else ():
        if name is not None and profile.command(name).broadcast:
            yield _shared(bus, "all:0", BROADCAST, profile.command(name), those)
            return


def _shared(bus: Bus, key: str, address: int, command: ProfileCommand, those: list[Fixture]) -> Way:
    wire_s = write_s(bus, those[0].profile, command)
    unit = ""
    if address == BROADCAST:
        wire_s += bus.turnaround_s
    else:
        unit = f"{bus.id}/{address}"
    return Way(key, unit, address, command, tuple(one.device.id for one in those), wire_s)


def write_s(bus: Bus, profile: Profile, command: ProfileCommand) -> float:
    """Seconds that one write takes on the bus: request, turnaround, answer, silence."""
    network_s = 0.0 if bus.kind is BusKind.RTU else TCP_REQUEST_S
    if bus.kind is BusKind.TCP:
        return network_s
    chars = _REQUEST_CHARS + _ANSWER_CHARS
    if command.multiple or command.count > 1:
        chars += _MANY_CHARS + 2 * command.count - 2
    timing = WireTiming.of(bus)
    return network_s + timing.wire_s(chars) + profile.serial.response_s + timing.silence_s + bus.pause_s


def fade_code(fade_s: float) -> int:
    """DALI's code for the fade time nearest to `fade_s`: half a second times the root of 2 to the code.

    0 is as fast as the gear can; from there 1 is 0.7 s and 15 is 90.5 s.
    """
    if fade_s < 0.5 * sqrt(2) / 2:
        return 0
    return min(range(1, FADE_CODE_MAX + 1), key=lambda code: abs(0.5 * sqrt(2**code) - fade_s))
