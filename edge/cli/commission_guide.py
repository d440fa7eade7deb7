"""The guide of `gianh commission` in a terminal: asks for what is missing, a question at a time."""

import asyncio
import signal
from collections.abc import Awaitable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from edge.cli import commission_ask as about
from edge.cli import commission_read as read
from edge.cli.commission_found import Unit, units_of, usual_setting
from edge.cli.common import print_text
from edge.cli.dialogue import STOP, UNDO, Stopped, TakenBack, ask, asked, asked_with
from edge.config.commissioning import (
    BusAnswer,
    CommentAnswer,
    DeviceAnswer,
    PowerAnswer,
    SignAnswer,
    TestAnswer,
    TestKind,
)
from edge.config.commissioning_view import DeviceView, DoneView, Step, Todo, View
from edge.config.load import load
from edge.config.schema import Bus
from edge.core.errors import ConfigError, GianhError, TransientError
from provisioning.commission.service import Commissioning

T = TypeVar("T")

SHOWN = 4
"""So many values of a device are shown after its test."""


class Next(StrEnum):
    """What follows upon a test that failed."""

    AGAIN = "again"
    FIX = "fix"
    SKIP = "skip"


NEXT = {"": Next.AGAIN, "fix": Next.FIX, "sửa": Next.FIX, "sua": Next.FIX}
NEXT |= {"skip": Next.SKIP, "bỏ": Next.SKIP, "bo": Next.SKIP}

WHAT_NOW = "Enter: làm lại · again; 'sửa'/'fix': sửa khai báo · correct it; 'bỏ'/'skip': để vậy · leave it so"


class Guide:
    """Asks at the terminal; `found` is a file that `gianh scan --json` printed.

    Questions are asked outside of the event loop, so that Ctrl-C ends one at once.
    """

    def __init__(self, work: Commissioning, by: str, found: Path | None) -> None:
        self._work, self._by = work, by
        self._found = units_of(found) if found is not None else []
        self._skipped: set[str] = set()
        self._habit = about.Habit()
        self._are_listed = self._is_signed = False

    def run(self) -> View:
        """Go through what is to do, until it is signed or the technician stops; stopping loses nothing."""
        print_text(
            f"Trả lời từng câu. '{UNDO[1]}': lùi một bước; '{STOP[1]}' hay Ctrl-C: dừng, không mất gì."
        )
        print_text(
            f"Answer each question. '{UNDO[0]}': a step back; '{STOP[0]}' or Ctrl-C: stop, nothing is lost."
        )
        try:
            view = self._do(self._work.look())
            while not self._is_signed:
                view = self._next(view)
        except (Stopped, EOFError, KeyboardInterrupt):
            print_text("\nĐã dừng; làm tiếp bằng · stopped, go on with: gianh commission resume")
        return self._do(self._work.look())

    def _do(self, step: Awaitable[T]) -> T:
        return asyncio.run(_interruptible(step))

    def _next(self, view: View) -> View:
        left = [one for one in view.todo if one.device not in self._skipped]
        todo = left[0]
        print_text(f"\n== {todo.vi} · {todo.en}  ({len(left)} left)")
        try:
            return self._step(view, todo)
        except TakenBack:
            return self._back()
        except GianhError as error:
            print_text(f"  {error}")
        try:
            return self._after_trouble(view, todo)
        except TakenBack:
            return self._back()

    def _step(self, view: View, todo: Todo) -> View:
        match todo.step:
            case Step.PLACE:
                return self._do(self._work.place(about.place(), self._by))
            case Step.DEVICE:
                return self._devices(view)
            case Step.WRITE if not self._are_listed:
                return self._devices(view)
            case Step.WRITE:
                return self._write()
            case Step.TEST:
                return self._test(view, todo.device)
            case Step.POWER:
                return self._power(view, todo.device)
            case _:
                return self._sign(view)

    def _back(self) -> View:
        """Take back all since the last step that had a question: that one is asked again."""
        view = self._do(self._work.look())
        if not view.id:
            print_text("  chưa có bước nào · there is no step to take back")
        try:
            was_asked = not view.id
            while not was_asked and view.id:
                last = view.done[-1]
                was_asked = _is_asked(view, last)
                view = self._do(self._work.undo(self._by))
                print_text(f"  đã lùi · taken back: {last.step} {last.about}")
        except GianhError as error:
            print_text(f"  {error}")
        self._are_listed = False
        self._skipped.clear()
        return view

    def _after_trouble(self, view: View, todo: Todo) -> View:
        if todo.step not in (Step.TEST, Step.POWER):
            ask("Enter: làm lại · again")
            return self._do(self._work.look())
        match asked(WHAT_NOW, _next_of):
            case Next.FIX:
                before = _device(view, todo.device).answer
                answer = about.device(before.id, before, before.bus, self._habit, _answers(view))
                return self._do(self._work.device(answer, self._by))
            case Next.SKIP:
                self._skipped.add(todo.device)
        return self._do(self._work.look())

    def _write(self) -> View:
        try:
            view = self._do(self._work.write(self._by))
        except ConfigError:
            self._are_listed = False  # a device or a line is wrong: it can be said anew
            raise
        print_text("  gateway.toml đã ghi, gateway đã nhận · is written, and the gateway took it")
        return view

    def _devices(self, view: View) -> View:
        """Every unit that was found and is not yet said, then whatever else there is."""
        if view.devices:
            print_text(f"  đã có · there are: {', '.join(one.answer.id for one in view.devices)}")
        for unit in self._found:
            view = self._unit(view, unit)
        while True:
            name = ask("Mã thiết bị khác (trống: hết) · Id of another device (empty: no more)")
            if not name:
                break
            view = self._typed(view, name)
        if view.devices:
            self._are_listed = True
        else:
            print_text("  chưa có thiết bị nào · there is no device yet")
        return view

    def _typed(self, view: View, name: str) -> View:
        try:
            read.of_device("id")(name)
        except ConfigError as error:
            print_text(f"  {error}")
            return view
        before = next((one.answer for one in view.devices if one.answer.id == name), None)
        view, bus = self._bus(view, before.bus if before else "")
        answer = about.device(name, before, bus, self._habit, _answers(view))
        return self._do(self._work.device(answer, self._by))

    def _bus(self, view: View, default: str) -> tuple[View, str]:
        known = self._lines(view)
        default = default or (list(known)[-1] if known else "line-1")
        bus = asked_with("Đường truyền · Its line", default, read.of_line("id")) or default
        if bus not in known:
            view = self._do(self._work.bus(about.new_line(bus), self._by))
        return view, bus

    def _unit(self, view: View, unit: Unit) -> View:
        print_text(f"  {unit}")
        if unit.is_garbled:
            print_text(
                "  two devices answer here, or the line is bad: unplug one, `gianh set-address`, scan again"
            )
            return view
        line = self._line_of(view, unit)
        if line is None:
            setting = usual_setting(self._found, unit.line)
            made = about.found_line(unit.line, setting, unit.address is None, len(self._lines(view)) + 1)
            view = self._do(self._work.bus(made, self._by))
            line = made
        said = [one for one in _answers(view) if (one.bus, one.address) == (line.id, unit.address or 1)]
        if not said and (sentence := about.other_setting(unit, line)):
            print_text(f"  {sentence}")
            return view
        while not said or read.places_behind(said[-1].profile):
            known = replace(unit, profile=said[-1].profile) if said else unit
            name = about.name_of(_suggested(known, len(said)), _answers(view))
            if name is None:
                break
            said.append(about.device(name, known, line.id, self._habit, _answers(view)))
            view = self._do(self._work.device(said[-1], self._by))
        return view

    def _line_of(self, view: View, unit: Unit) -> Bus | BusAnswer | None:
        """The line where a unit was found, by its id or its port."""
        for one in self._lines(view).values():
            host = f"{one.host}:{one.port}" if one.port else one.host
            if unit.line in (one.id, one.port, one.host and host, one.host):
                return one
        return None

    def _lines(self, view: View) -> dict[str, Bus | BusAnswer]:
        there: list[Bus | BusAnswer] = [*load(self._work.bench.file).config.bus, *view.buses]
        return {one.id: one for one in there}

    def _test(self, view: View, device: str) -> View:
        answer = _device(view, device).answer
        test = TestAnswer()
        if answer.expected_w is not None:
            seen = None
            while seen is None:
                self._do(self._work.blink(device))
                seen = about.seen_to_blink(answer.pole or "")
            test = TestAnswer(kind=TestKind.BLINK, seen=seen)
        view = self._do(self._work.test(device, test, self._by))
        result = _device(view, device).test
        if result is None or not result.passed:
            raise TransientError(f"{device}: {result.said if result else 'not tested'}")
        good = [f"{name} {value:.5g}" for name, value in result.values if value is not None]
        more = f" (+{len(good) - SHOWN})" if len(good) > SHOWN else ""
        print_text(f"  {device}: {', '.join(good[:SHOWN]) or result.said}{more}")
        return view

    def _power(self, view: View, device: str) -> View:
        lamp = _device(view, device).answer
        meters = [
            one.id for one in _answers(view) if one.expected_w is None and read.measures_power(one.profile)
        ]
        meter = None
        itself = read.measures_power(lamp.profile)
        if not meters and not itself:
            raise ConfigError(f"{device} does not measure power, and no meter was said that could")
        if meters:
            default, hint = ("", "; '-': chính đèn · the lamp itself") if itself else (meters[0], "")
            question = f"Công tơ · Which meter ({', '.join(meters)}{hint})"
            meter = asked_with(question, default, read.one_of(meters, "meter"))
        print_text("  đang đo, đến nửa phút · measuring, up to half a minute")
        view = self._do(self._work.power(device, PowerAnswer(meter=meter), self._by))
        power = _device(view, device).power
        if power is None or not power.passed:
            found = f"{power.measured_w:g} W, not {power.expected_w:g} W" if power else "not measured"
            raise TransientError(f"{device}: {found}")
        print_text(f"  {device}: {power.measured_w:g} W / {power.expected_w:g} W")
        return view

    def _sign(self, view: View) -> View:
        if not view.comments and (text := about.remark()):
            view = self._do(self._work.comment(CommentAnswer(text=text), self._by))
        missing = [one for one in view.todo if one.step is not Step.SIGN]
        why = ""
        while missing and not why:
            print_text(f"  còn thiếu · missing: {'; '.join(one.en for one in missing)}")
            why = asked("Vì sao không làm? · Why is it left?", read.of_signature("exceptions"))
        name = asked("Họ tên kỹ thuật viên, để ký · Your name, to sign", read.of_signature("name"))
        view = self._do(self._work.sign(SignAnswer(name=name, exceptions=why), self._by))
        self._is_signed = True
        return view


async def _interruptible(step: Awaitable[T]) -> T:
    """Ctrl-C ends the step at once, also while the daemon is asked; what it holds is let go before."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return await step


def _device(view: View, device: str) -> DeviceView:
    return next(one for one in view.devices if one.answer.id == device)


def _is_asked(view: View, step: DoneView) -> bool:
    """Whether the guide asked for a step; a device that is only read is tested without a question."""
    if step.step is not Step.TEST:
        return True
    return any(one.answer.id == step.about and one.answer.expected_w is not None for one in view.devices)


def _answers(view: View) -> list[DeviceAnswer]:
    return [one.answer for one in view.devices]


def _suggested(unit: Unit, count: int) -> str:
    """An id for a unit, what it is and its address; for the next ones behind it, their number too."""
    kind = read.kind_of(unit.profile) if unit.profile else "device"
    return f"{kind}-{unit.address or 1}" + (f"-{count}" if count else "")


def _next_of(said: str) -> Next:
    try:
        return NEXT[said.lower()]
    except KeyError as error:
        raise ConfigError("press Enter, or type sửa (fix) or bỏ (skip)") from error
