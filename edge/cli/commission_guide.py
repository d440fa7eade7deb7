"""The guide of `gianh commission` in a terminal: asks for what is missing, a question at a time."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.cli.common import print_text
from edge.config.commissioning import (
    BusAnswer,
    DeviceAnswer,
    PlaceAnswer,
    PowerAnswer,
    SignAnswer,
    TestAnswer,
    TestKind,
)
from edge.config.commissioning_view import Step, Todo, View
from edge.config.load import load, section_from
from edge.core.errors import ConfigError, GianhError
from edge.core.places import nearest
from provisioning.commission.service import Commissioning

STOP = "stop"
YES = ("y", "yes", "c", "co", "có", "")


class Stopped(Exception):
    """The technician wants to go on later."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a scan found at one address; `profile` is empty where nothing fits."""

    bus: str
    address: int
    profile: str
    line: str


class Guide:
    """Asks at the terminal; `found` is a file that `gianh scan --json` printed."""

    def __init__(self, work: Commissioning, by: str, found: Path | None) -> None:
        self._work, self._by = work, by
        self._found = units_of(found) if found is not None else []

    async def run(self) -> View:
        """Go through what is to do, until it is signed or the technician stops; stopping loses nothing."""
        print_text(f"Trả lời từng câu; '{STOP}' để dừng, làm tiếp sau bằng `gianh commission resume`.")
        print_text(f"Answer each question; '{STOP}' ends, `gianh commission resume` goes on later.")
        view = await self._work.look()
        signed = len(view.records)
        try:
            while len(view.records) == signed:
                view = await self._next(view)
        except (Stopped, EOFError, KeyboardInterrupt):
            print_text("stopped; all that was answered is kept")
        return await self._work.look()

    async def _next(self, view: View) -> View:
        todo = view.todo[0]
        print_text(f"\n== {todo.vi} · {todo.en}")
        try:
            return await self._ask(view, todo)
        except GianhError as error:
            print_text(f"  {error}")
            return await self._after_trouble(view, todo)

    async def _ask(self, view: View, todo: Todo) -> View:
        match todo.step:
            case Step.PLACE:
                return await self._place()
            case Step.DEVICE:
                return await self._devices(view)
            case Step.WRITE:
                return await self._work.write(self._by)
            case Step.TEST:
                return await self._test(view, todo.device)
            case Step.POWER:
                return await self._power(view, todo.device)
            case _:
                return await self._sign()

    async def _after_trouble(self, view: View, todo: Todo) -> View:
        """Again, or sign with the reason why not."""
        if todo.step in (Step.TEST, Step.POWER):
            if ask("Làm lại? · Again? [Y/n]").lower() in YES:
                return await self._work.look()
            return await self._sign(exceptions=ask("Vì sao không? · Why not?"))
        ask("Enter: làm lại · again")
        return await self._work.look()

    async def _place(self) -> View:
        title = ask("Tên tủ · Name of the cabinet")
        spot = ask("Toạ độ từ điện thoại · Latitude, longitude (such as 17.757, 106.412)")
        latitude, _, longitude = spot.replace(",", " ").partition(" ")
        given = {"title": title, "latitude": latitude, "longitude": longitude.strip(), "found": "phone"}
        answer = section_from(given, PlaceAnswer, "place")
        near, near_km = nearest(answer.latitude, answer.longitude)
        commune = ask(f"Phường/xã · Commune [{near.id}: {near.name}, {near_km:.1f} km]") or near.id
        return await self._work.place(answer.model_copy(update={"commune": commune}), self._by)

    async def _devices(self, view: View) -> View:
        for unit in self._found:
            print_text(f"  {unit.line}")
            name = ask("Mã thiết bị (trống: bỏ qua) · Its id (empty: leave out)")
            if name:
                view = await self._device(view, name, unit.profile, unit.bus, str(unit.address))
        if self._found:
            return view
        while True:
            name = ask("Mã thiết bị (trống: hết) · Id of a device (empty: no more)")
            if not name:
                return view
            view = await self._device(view, name, "", await self._bus(view), "")

    async def _bus(self, view: View) -> str:
        known = [*(bus.id for bus in load(self._work.bench.file).config.bus), *(one.id for one in view.buses)]
        bus = ask(f"Đường truyền · Its line [{known[-1] if known else 'line-1'}]")
        bus = bus or (known[-1] if known else "line-1")
        if bus not in known:
            port = ask("Cổng · Its port, such as /dev/serial/by-id/..., or HOST:PORT")
            await self._work.bus(bus_of(bus, port), self._by)
        return bus

    async def _device(self, view: View, name: str, profile: str, bus: str, address: str) -> View:
        del view
        given = {
            "id": name,
            "profile": ask(f"Kiểu · Profile [{profile}]") or profile,
            "bus": bus,
            "address": address or ask("Địa chỉ · Address [1]") or "1",
            "pole": ask("Số cột · Pole"),
            "circuit": ask("Lộ · Circuit"),
            "expected_w": ask(
                "Công suất đèn, W (trống: không phải đèn) · Power of the lamp (empty: no lamp)"
            ),
        }
        said = {key: value for key, value in given.items() if value}
        return await self._work.device(section_from(said, DeviceAnswer, name), self._by)

    async def _test(self, view: View, device: str) -> View:
        answer = next(one.answer for one in view.devices if one.answer.id == device)
        if answer.expected_w is not None:
            await self._work.blink(device)
            seen = ask(f"Đèn cột {answer.pole or '?'} có nháy không? · Did the right lamp blink? [Y/n]")
            view = await self._work.test(
                device, TestAnswer(kind=TestKind.BLINK, seen=seen.lower() in YES), self._by
            )
        else:
            view = await self._work.test(device, TestAnswer(), self._by)
        test = next(one.test for one in view.devices if one.answer.id == device)
        if test is None or not test.passed:
            raise ConfigError(f"{device}: {test.said if test else 'not tested'}")
        shown = ", ".join(f"{name} {value:g}" for name, value in test.values[:4] if value is not None)
        print_text(f"  {device}: {shown or test.said}")
        return view

    async def _power(self, view: View, device: str) -> View:
        meters = [one.answer.id for one in view.devices if one.answer.expected_w is None]
        meter = ask(f"Công tơ (trống: chính đèn) · Meter (empty: the lamp itself) [{', '.join(meters)}]")
        view = await self._work.power(device, PowerAnswer(meter=meter or None), self._by)
        power = next(one.power for one in view.devices if one.answer.id == device)
        if power is None or not power.passed:
            raise ConfigError(f"{device}: {power.measured_w if power else '?'} W is not what was expected")
        print_text(f"  {device}: {power.measured_w:g} W / {power.expected_w:g} W")
        return view

    async def _sign(self, exceptions: str = "") -> View:
        name = ask("Họ tên kỹ thuật viên · Your name")
        given = {"name": name, "exceptions": exceptions}
        return await self._work.sign(section_from(given, SignAnswer, "sign"), self._by)


def ask(question: str) -> str:
    """A line from the terminal; raises Stopped where the technician has enough."""
    said = input(f"{question}: ").strip()
    if said.lower() == STOP:
        raise Stopped
    return said


def bus_of(name: str, port: str) -> BusAnswer:
    """A line by its port: a device file, or HOST:PORT."""
    if port.startswith("/"):
        return section_from({"id": name, "kind": "rtu", "port": port}, BusAnswer, name)
    host, _, number = port.partition(":")
    said: dict[str, Any] = {"id": name, "kind": "tcp", "host": host}
    return section_from(said | ({"port": int(number)} if number.isdecimal() else {}), BusAnswer, name)


def units_of(file: Path) -> list[Unit]:
    """What `gianh scan --json` or `identify --json` found; raises ConfigError if the file is neither."""
    try:
        rows = json.loads(file.read_text("utf-8"))
        return [
            Unit(row["bus"], int(row["unit"]), row.get("profile") or "", json.dumps(row, ensure_ascii=False))
            for row in rows
        ]
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror}): name what a scan printed") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{file} is not what `gianh scan --json` prints: scan again") from error
