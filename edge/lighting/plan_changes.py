"""What is different between two plans, in words for the audit log and for whoever is about to save. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from edge.config.lighting import Calendar, CalendarRule, Holiday, Operation, Program, Step
from edge.config.schema import Config

BOUNDS = {Operation.SET: "", Operation.MAX: "at least ", Operation.MIN: "at most "}


def plan_changes(old: Config, new: Config) -> list[str]:
    """`program main-street: 22:00 60 % -> 22:00 40 %`: one for each table that is different."""
    found = [
        *_between("program", old.program, new.program, _program),
        *_between("calendar", old.calendar, new.calendar, _calendar),
        *_between("holiday", old.holiday, new.holiday, _holiday),
    ]
    before = {one.target: one.calendar for one in old.assignment}
    after = {one.target: one.calendar for one in new.assignment}
    for target in dict.fromkeys([*before, *after]):
        was, now = before.get(target), after.get(target)
        if was != now:
            found.append(f"{target} follows {f'calendar {now}' if now else 'no calendar of its own'}")
    if old.lighting.fade_s != new.lighting.fade_s:
        found.append(f"fade {old.lighting.fade_s:g} s -> {new.lighting.fade_s:g} s")
    return found


def _between(
    section: str, old: Sequence[Any], new: Sequence[Any], said: Callable[[Any], list[str]]
) -> Iterator[str]:
    before, after = {one.id: one for one in old}, {one.id: one for one in new}
    yield from (f"{section} {name} removed" for name in before if name not in after)
    for name, one in after.items():
        if name not in before:
            yield f"{section} {name} added: {', '.join(said(one))}"
        elif one != before[name]:
            was, now = said(before[name]), said(one)
            gone = ", ".join(text for text in was if text not in now)
            come = ", ".join(text for text in now if text not in was)
            yield f"{section} {name}: {_change(gone, come)}"


def _change(gone: str, come: str) -> str:
    if gone and come:
        return f"{gone} -> {come}"
    if gone or come:
        return f"{'takes out' if gone else 'adds'} {gone or come}"
    return "title or order changed"


def _program(program: Program) -> list[str]:
    sensors = [f"sensor {one.device} {one.point} {one.level:g} %" for one in program.sensor]
    return [*map(_step, program.steps), *sensors]


def _step(step: Step) -> str:
    fade = "" if step.fade_s is None else f" within {step.fade_s:g} s"
    return f"{step.at} {BOUNDS[step.operation]}{step.level:g} %{fade}"


def _calendar(calendar: Calendar) -> list[str]:
    return [*map(_rule, calendar.rules), f"else {calendar.default}"]


def _rule(rule: CalendarRule) -> str:
    days = [rule.dates or "", " ".join(rule.weekdays), rule.holiday or ""]
    return f"{' and '.join(one for one in days if one)} {rule.program}"


def _holiday(holiday: Holiday) -> list[str]:
    return list(holiday.dates)
