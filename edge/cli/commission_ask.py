"""The questions of `gianh commission` about a place, a line and a device, and their defaults."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from edge.cli import commission_read as read
from edge.cli.commission_found import Setting, Unit
from edge.cli.common import print_text
from edge.cli.dialogue import NOTHING, ask, asked, asked_with, yes_or_no
from edge.config.commissioning import BusAnswer, DeviceAnswer, Found, PlaceAnswer
from edge.config.schema import Bus
from edge.core.errors import ConfigError
from edge.core.places import REACH_KM, distance_km, nearest, place_named

RIGHT = "Đúng thế? · Is that right? [y/n]"


def place() -> PlaceAnswer:
    """What the cabinet is called and where it stands."""
    title = asked("Tên tủ · Name of the cabinet", read.of_place("title"))
    while True:
        spot = asked(
            "Toạ độ từ điện thoại · Latitude, longitude from the phone (17.7571, 106.4122)", read.spot
        )
        far = read.far_from_all(spot)
        if far and not asked(f"  {far}. {RIGHT}", yes_or_no):
            continue
        commune = _commune(spot)
        is_within = _within(spot, commune)
        if is_within or far or asked(f"  {_nearer(spot, commune)}. {RIGHT}", yes_or_no):
            latitude, longitude = spot
            return PlaceAnswer(
                title=title,
                latitude=latitude,
                longitude=longitude,
                found=Found.PHONE,
                commune=commune,
                sure=not is_within,
            )


def _commune(spot: tuple[float, float]) -> str:
    near, near_km = nearest(*spot)
    known = f"{near.id}: {near.name}, {near_km:.1f} km"
    return asked(f"Phường/xã · Ward or commune [{known}]", lambda said: read.commune(said or near.id))


def _within(spot: tuple[float, float], commune: str) -> bool:
    named = place_named(commune)
    return named is not None and distance_km((named.latitude, named.longitude), spot) <= REACH_KM


def _nearer(spot: tuple[float, float], commune: str) -> str:
    near, near_km = nearest(*spot)
    far = f"the centre of {commune} is over {REACH_KM:g} km away"
    return f"{far}, that of {near.name} ({near.id}) {near_km:.1f} km"


@dataclass(slots=True)
class Habit:
    """What was said of the device before, offered for the next one: a street has one circuit and one lamp."""

    circuit: str = ""
    expected_w: str = ""


def device(
    name: str, known: DeviceAnswer | Unit | None, bus: str, habit: Habit, taken: Sequence[DeviceAnswer]
) -> DeviceAnswer:
    """All about one device; `known` is what a scan found or what was said before, offered as default."""
    before = known if isinstance(known, DeviceAnswer) else None
    profile = _must(f"Kiểu · Profile of {name}", known.profile if known else "", read.profile)
    said: dict[str, Any] = {"id": name, "profile": profile, "bus": bus}
    if isinstance(known, Unit):
        said |= {"address": known.address or 1, "score": known.score if profile == known.profile else None}
    else:
        said["address"] = _address(before, bus, taken, name)
    said |= _behind(profile, before, [one for one in taken if one.address == said["address"]])
    said["pole"] = asked_with("Số cột · Pole", _text(before and before.pole), read.of_device("pole"))
    circuit = _text(before and before.circuit) or habit.circuit
    said["circuit"] = asked_with("Lộ · Circuit", circuit, read.of_device("circuit"))
    habit.circuit = said["circuit"] or ""
    if read.is_lamp(profile):
        watts = _text(before and before.expected_w) or habit.expected_w
        question = "Công suất đèn ghi trên nhãn, W · Power of the lamp by its plate, W"
        said["expected_w"] = asked_with(question, watts, read.of_device("expected_w"))
        habit.expected_w = _text(said["expected_w"])
    return DeviceAnswer(**{key: value for key, value in said.items() if value is not None})


def _behind(profile: str, before: DeviceAnswer | None, beside: Sequence[DeviceAnswer]) -> dict[str, Any]:
    """Where a lamp is behind its DALI gateway; nothing for what is reached by its unit id alone."""
    places = read.places_behind(profile)
    said: dict[str, Any] = {}
    if "channel" in places:
        default = _text(before and before.channel) or "0"
        said["channel"] = asked_with("Kênh DALI · DALI line", default, read.of_device("channel"))
    if "sub_address" in places:
        free = max((one.sub_address or 0 for one in beside), default=-1) + 1
        default = _text(before and before.sub_address) or str(free)
        question = "Địa chỉ DALI · DALI short address"
        said["sub_address"] = asked_with(question, default, read.of_device("sub_address"))
    return said


def _address(before: DeviceAnswer | None, bus: str, taken: Sequence[DeviceAnswer], name: str) -> int | None:
    others = [one for one in taken if one.bus == bus and one.id != name]
    used = {one.address: one.id for one in others if one.sub_address is None}
    default = before.address if before else min(set(range(1, 248)) - set(used), default=1)

    def judged(said: str) -> int:
        address: int = read.of_device("address")(said)
        if address in used:
            print_text(f"  {used[address]} has address {address} on {bus} too")
        return address

    return asked_with("Địa chỉ · Address", str(default), judged)


def _must(question: str, default: str, judge: Callable[[str], str]) -> str:
    while True:
        said = asked_with(question, default, judge)
        if said is not None:
            return said


def _text(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def name_of(default: str, taken: Sequence[DeviceAnswer]) -> str | None:
    """The id of a device that was not said yet; None leaves it out."""

    def judged(said: str) -> str:
        name: str = read.of_device("id")(said)
        if any(one.id == name for one in taken):
            raise ConfigError(f"{name} is another device already: choose another id")
        return name

    return asked_with("Mã thiết bị ('-': bỏ qua) · Its id ('-': leave it out)", default, judged)


def new_line(name: str) -> BusAnswer:
    """Where a line is."""
    return asked("Cổng · Its port: /dev/serial/by-id/..., HOST or HOST:PORT", read.line_at(name))


def found_line(line: str, setting: Setting | None, is_talker: bool, number: int) -> BusAnswer:
    """A line that a scan found and gateway.toml lacks: only its name is asked."""
    print_text(f"  {line} is not in gateway.toml yet")
    name = asked_with("Đặt tên đường truyền · Name this line", f"line-{number}", read.of_line("id"))
    where = read.line_at(name or f"line-{number}")(line)
    speed = {} if setting is None else {
        "baudrate": setting.baudrate, "parity": setting.parity, "stop_bits": setting.stop_bits
    }  # fmt: skip
    return where.model_copy(update=speed | ({"kind": "serial"} if is_talker else {}))


def other_setting(unit: Unit, bus: Bus | BusAnswer) -> str:
    """A sentence if a unit does not talk as its line does, else nothing."""
    if unit.setting is None or bus.baudrate is None:
        return ""
    line = Setting(bus.baudrate, bus.parity or "N", bus.stop_bits or 1)
    if line == unit.setting:
        return ""
    return (
        f"{bus.id} runs at {line} and this one at {unit.setting}: set it to {line} by its manual "
        "and scan again, or give it a line of its own; it is left out"
    )


def seen_to_blink(pole: str) -> bool | None:
    """Whether the right lamp blinked; None to see it once more."""

    def judged(said: str) -> bool | None:
        return None if not said else yes_or_no(said)

    where = f" cột {pole}" if pole else ""
    return asked(
        f"Đèn{where} có nháy không? · Did the right lamp blink? [y/n, Enter: nháy lại · once more]", judged
    )


def remark() -> str:
    """A remark for the record, or nothing."""
    said = ask("Ghi chú cho biên bản (trống: không) · A remark for the record (empty: none)")
    return "" if said == NOTHING else said
