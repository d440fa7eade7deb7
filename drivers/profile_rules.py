"""What must hold in a profile beyond the shape of its fields. Pure: gives sentences, raises nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from drivers.access_points.paths import path_fault
from drivers.coded import Coded, Curve, Per, ProfileCommand, ProfilePoint, Table, Type
from drivers.device_model import AP_DRIVERS, DriverKind, Profile, ProfileSample
from edge.core.ids import ID_RULE, is_id
from edge.core.vocabulary import quantity

Faults = Iterator[str]

_BITS = (Table.COIL, Table.DISCRETE)
LAMP_RANGES = ((0, 100), (0, 1))
"""What a lamp's level may be told: percent of light, or on and off."""

_WRITABLE = (Table.COIL, Table.HOLDING)


def profile_faults(profile_id: str, profile: Profile) -> tuple[str, ...]:
    """Every rule that the profile breaks, as `key: sentence`."""
    rules: tuple[Callable[[str, Profile], Faults], ...] = (
        _head,
        _points,
        _commands,
        _lamp,
        _identify,
        _samples,
    )
    return tuple(fault for rule in rules for fault in rule(profile_id, profile))


def _head(profile_id: str, profile: Profile) -> Faults:
    if profile.id != profile_id:
        yield f"id: {profile.id!r} differs from the file's name: rename one of them"
    if not is_id(profile.id):
        yield f"id: {profile.id!r} is not an id: use {ID_RULE}"
    for key, text in (("vi", profile.title.vi), ("en", profile.title.en)):
        if not text.strip():
            yield f"title.{key}: it is empty: name the device"
    if not profile.points:
        yield "points: there is none: add at least one [[points]]"


def _points(_: str, profile: Profile) -> Faults:
    yield from _twice("points", (point.name for point in profile.points))
    for point in profile.points:
        key = f"points {point.name}"
        if quantity(point.name) is None:
            yield f"{key}: it is not in the vocabulary: correct it or add it to edge/core/vocabulary.toml"
        if point.range is not None and point.range[0] >= point.range[1]:
            yield f"{key}: range is empty: give the lower bound first"
        for raw in point.invalid:
            if point.type in (Type.F32, Type.F64, Type.BIT, Type.COIL):
                yield f"{key}: invalid = {raw} has no meaning for {point.type}: remove it"
        yield from _path(key, point, profile)
        yield from _coded(key, point, profile)


def _path(key: str, point: ProfilePoint, profile: Profile) -> Faults:
    told = profile.driver in AP_DRIVERS
    if bool(point.path) != told or (point.table is Table.ANSWER) != told:
        yield f"{key}: path, and no table, is for the drivers of access points and no other: correct it"
    elif told and (fault := path_fault(profile.driver, point.path)):
        yield f"{key}: {fault}"


def _commands(_: str, profile: Profile) -> Faults:
    names = {point.name for point in profile.points}
    yield from _twice("commands", (command.name for command in profile.commands))
    for command in profile.commands:
        key = f"commands {command.name}"
        if command.table not in _WRITABLE:
            yield f"{key}: table {command.table} cannot be written: use coil or holding"
        if command.type is Type.BIT:
            yield f"{key}: one bit of a register cannot be written alone: use the whole register"
        if command.range[0] > command.range[1]:
            yield f"{key}: range is empty: give the lower bound first"
        if command.reads_back is not None and command.reads_back not in names:
            yield f"{key}: reads_back {command.reads_back} is not a point of this profile: correct the name"
        if command.broadcast and command.per is not Per.UNIT:
            yield f"{key}: broadcast reaches whole units: remove it where per is {command.per}"
        yield from _coded(key, command, profile)


def _lamp(_: str, profile: Profile) -> Faults:
    lamp = profile.lamp
    if lamp is None:
        return
    commands = {command.name: command for command in profile.commands}
    level = commands.get(lamp.level)
    for key, name in (("level", lamp.level), ("group", lamp.group), ("line", lamp.line), ("fade", lamp.fade)):
        if name is not None and name not in commands:
            yield f"lamp.{key}: {name} is not a command of this profile: correct the name"
    if lamp.fades and lamp.fade is None:
        yield "lamp.fades: without fade it cannot be told how long: name its command, or set fades = false"
    if level is None:
        return
    if level.range not in LAMP_RANGES:
        yield f"lamp.level: {level.name} has another range than 0 to 100 or 0 to 1: scale it to percent"
    for key, name, places in (
        ("group", lamp.group, (Per.GROUP,)),
        ("line", lamp.line, (Per.UNIT, Per.CHANNEL)),
    ):
        shared = commands.get(name or "")
        if shared is None:
            continue
        if shared.per not in places:
            yield f"lamp.{key}: {name} is per {shared.per}: only per {' or '.join(places)} reaches them all"
        if _written(shared) != _written(level):
            yield f"lamp.{key}: {name} is written otherwise than {level.name}: levels would differ"


def _written(coded: ProfileCommand) -> tuple[object, ...]:
    return (coded.type, coded.word_order, coded.scale, coded.divisor, coded.offset, coded.curve, coded.range)


def _coded(key: str, coded: Coded, profile: Profile) -> Faults:
    if coded.scale == 0:
        yield f"{key}: scale 0 loses the value: give the factor"
    if (coded.type is Type.BIT) != (coded.bit is not None):
        yield f"{key}: type bit and key bit go together: give both or neither"
    if (coded.type is Type.COIL) != (coded.table in _BITS):
        yield f"{key}: type coil and table coil or discrete go together: correct one of them"
    if (coded.table is Table.FRAME) != (profile.driver not in (DriverKind.MODBUS, *AP_DRIVERS)):
        yield f"{key}: table frame is for raw serial drivers and no other: correct table or driver"
    if coded.curve is Curve.DALI and (
        coded.type is not Type.U16 or (coded.scale, coded.divisor, coded.offset) != (1, 1, 0)
    ):
        yield f"{key}: curve dali is for u16 without scale and offset: correct the type or the curve"
    if coded.count > profile.limits.count_max:
        yield f"{key}: it takes {coded.count} registers but limits.count_max is less: raise that"
    if _last(coded, profile) > 0x10000:
        yield f"{key}: its address goes beyond 65535 for the last device behind the unit: correct the strides"
    yield from _strides(key, coded, profile)


def _strides(key: str, coded: Coded, profile: Profile) -> Faults:
    spaces = profile.addressing
    needed = {
        Per.SUB_ADDRESS: ("sub_address", spaces.sub_address_stride),
        Per.GROUP: ("group", spaces.group_stride),
        Per.CHANNEL: ("channel", spaces.channel_stride or coded.channel_stride or 0),
    }.get(coded.per)
    if needed is not None and not needed[1]:
        yield f"{key}: per = {coded.per} needs addressing.{needed[0]}_stride: add it"


def _last(coded: Coded, profile: Profile) -> int:
    """One behind the highest address that the value can have."""
    spaces = profile.addressing
    own = coded.channel_stride
    channels = spaces.channel_max * (spaces.channel_stride if own is None else own)
    steps = {
        Per.UNIT: 0,
        Per.CHANNEL: channels,
        Per.SUB_ADDRESS: channels + spaces.sub_address_max * spaces.sub_address_stride,
        Per.GROUP: channels + spaces.group_max * spaces.group_stride,
    }
    return coded.end + steps[coded.per]


def _identify(_: str, profile: Profile) -> Faults:
    identify = profile.identify
    if identify is None:
        return
    names = {point.name for point in profile.points}
    for name, (low, high) in identify.plausible:
        if name not in names:
            yield f"identify.plausible: {name} is not a point of this profile: correct the name"
        if low > high:
            yield f"identify.plausible: the range of {name} is empty: give the lower bound first"
    if identify.equals and len(identify.equals) != identify.count:
        yield f"identify.equals: give one number for each of the {identify.count} registers"


def _samples(_: str, profile: Profile) -> Faults:
    names = {point.name for point in profile.points}
    if not profile.samples:
        yield "samples: there is none: add one, it is the only witness of the profile"
    for index, sample in enumerate(profile.samples, 1):
        key = f"samples[{index}]"
        told = [name for name, _ in sample.values] + list(sample.bad)
        yield from _twice(key, told)
        for name in told:
            if name not in names:
                yield f"{key}: {name} is not a point of this profile: correct the name"
        yield from _hexadecimal(key, sample)
    witnessed = {name for sample in profile.samples for name, _ in sample.values}
    for name in sorted(names - witnessed):
        yield f"samples: none has a value of {name}: add it to one, with the bytes it comes from"


def _hexadecimal(key: str, sample: ProfileSample) -> Faults:
    for block in sample.blocks:
        try:
            data = block.data
        except ValueError:
            yield f"{key}: {block.hex!r} is not hexadecimal: give pairs of 0-9 and a-f"
            continue
        if block.table in (Table.HOLDING, Table.INPUT) and len(data) % 2:
            yield f"{key}: {block.hex!r} ends in the middle of a register: give whole words"


def _twice(key: str, names: Iterable[str]) -> Faults:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{key}: {name} is there {count} times: remove all but one"
