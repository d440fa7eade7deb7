"""Judging a profile: whether it loads, its samples decode as they must, and what one round costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drivers.access_points.samples import sample_values
from drivers.coded import ProfilePoint, Table
from drivers.device_model import AP_DRIVERS, DriverKind, Profile, ProfileSample
from drivers.modbus.decode import Decoder
from drivers.modbus.plan import Block, plan_blocks, wire_time_s
from drivers.modbus.timing import WireTiming
from drivers.profile import load_profile
from drivers.serial.sensors import SENSORS
from edge.config.schema import Bus, BusKind
from edge.core.errors import ConfigError, GianhError
from edge.core.model import Quality


@dataclass(frozen=True, slots=True)
class Round:
    """What reading the points of one interval costs on a serial line with the factory's settings."""

    interval_s: float
    points: int
    requests: int
    registers: int
    wire_s: float


def check_profile(profile_id: str) -> list[str]:
    """Everything that is wrong with a profile, a sentence each; empty where nothing is."""
    try:
        profile = load_profile(profile_id)
    except ConfigError as error:
        return str(error).splitlines()
    return [
        f"{profile_id}.toml: samples[{index}]: {problem}"
        for index, sample in enumerate(profile.samples, 1)
        for problem in sample_problems(profile, sample)
    ]


def sample_problems(profile: Profile, sample: ProfileSample) -> list[str]:
    """Where a sample does not decode to what it says; a sentence each."""
    if profile.driver in AP_DRIVERS:
        return _answer_problems(profile, sample)
    sensor = SENSORS.get(profile.driver)
    if sensor is None:
        blocks = [sample_block(block.table, block.address, block.data) for block in sample.blocks]
        data = [block.data for block in sample.blocks]
    else:
        frame = sensor.last(sensor.parser().feed(b"".join(block.data for block in sample.blocks)))
        if frame is None:
            return ["its bytes are no whole frame: correct them, the checksum too"]
        blocks, data = [Block(Table.FRAME, 0, len(frame.data))], [frame.data]
    points = profile.points_of()
    values, flags = Decoder(points, blocks).decode(data)
    found = {point.name: value for point, value in zip(points, values, strict=True)}
    bad = {points[i].name for i, quality in flags if quality is Quality.BAD}
    problems = _differing(sample, found)
    for name in sample.bad:
        if found[name] is not None or name not in bad:
            problems.append(f"{name} is {_said(found[name])} instead of bad: correct its range or invalid")
        elif sensor is None and not _covered(name, points, blocks):
            problems.append(f"{name} is not in the sample's bytes: add them")
    return problems


def _answer_problems(profile: Profile, sample: ProfileSample) -> list[str]:
    """The same for the answers of an access point."""
    try:
        values, flags = sample_values(profile, [block.text for block in sample.blocks])
    except GianhError as error:
        return [str(error)]
    found = {point.name: value for point, value in zip(profile.points, values, strict=True)}
    bad = {profile.points[at].name for at, _ in flags}
    wrong = [f"{name} is {_said(found[name])} instead of bad" for name in sample.bad if name not in bad]
    return _differing(sample, found) + wrong


def _differing(sample: ProfileSample, found: Mapping[str, float | None]) -> list[str]:
    return [
        f"{name} is {_said(found[name])} instead of {wanted:g}: correct the point or the sample"
        for name, wanted in sample.values
        if found[name] != wanted
    ]


def sample_block(table: Table, address: int, data: bytes) -> Block:
    """The request that these bytes answer; coils come in whole bytes."""
    per_unit = {Table.COIL: 8.0, Table.DISCRETE: 8.0}.get(table, 0.5)
    return Block(table, address, int(len(data) * per_unit))


def profile_rounds(profile: Profile) -> tuple[Round, ...]:
    """What each interval's round costs, shortest first; none for sensors that send by themselves."""
    if profile.driver is not DriverKind.MODBUS:
        return ()
    intervals = sorted({profile.interval_of_s(point) for point in profile.points})
    return tuple(_round(profile, interval_s) for interval_s in intervals)


def describe_rounds(profile: Profile) -> list[str]:
    """The rounds in words, a line each."""
    line = f"{profile.serial.baudrate} 8{profile.serial.parity}{profile.serial.stop_bits}"
    return [
        f"every {cost.interval_s:g} s: {cost.points} points by {_counted(cost.requests, 'request')}, "
        f"{_counted(cost.registers, 'register')}, {cost.wire_s * 1000:.0f} ms on the wire at {line}"
        for cost in profile_rounds(profile)
    ]


def _round(profile: Profile, interval_s: float) -> Round:
    points = [point for point in profile.points_of() if profile.interval_of_s(point) == interval_s]
    blocks = plan_blocks(points, profile.limits.gap_max, profile.limits.count_max)
    serial = profile.serial
    line = Bus(
        id="check",
        kind=BusKind.RTU,
        port="",
        baudrate=serial.baudrate,
        parity=serial.parity,
        stop_bits=serial.stop_bits,
    )
    wire_s = sum(wire_time_s(block, WireTiming.of(line), serial.response_s) for block in blocks)
    return Round(interval_s, len(points), len(blocks), sum(block.count for block in blocks), wire_s)


def _covered(name: str, points: Iterable[ProfilePoint], blocks: Iterable[Block]) -> bool:
    point = next(point for point in points if point.name == name)
    return any(block.covers(point) for block in blocks)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _said(value: float | None) -> str:
    return "no value" if value is None else repr(value)
