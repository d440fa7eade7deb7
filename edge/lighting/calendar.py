"""Calendars: which program a night follows, by date, weekday and holiday. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from edge.config.lighting import Calendar, CalendarRule, Holiday
from edge.config.lines import KeyPath
from edge.core.errors import ConfigError
from edge.core.sayings import say

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = re.compile(r"(?:(\d{4})-)?(\d{2})-(\d{2})")
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both in it, as (year, month, day); year 0 stands for every year.

    A yearly span may run over the new year: `12-20..01-05`.
    """

    first: tuple[int, int, int]
    last: tuple[int, int, int]

    def has(self, day: date) -> bool:
        """Whether `day` is in the span."""
        yearly = self.first[0] == 0
        key = (0 if yearly else day.year, day.month, day.day)
        if self.first <= self.last:
            return self.first <= key <= self.last
        return key >= self.first or key <= self.last

    def may_have(self, day: date) -> bool:
        """Whether the span has this month and day in some year."""
        years = self.last[0] - self.first[0]
        first, last = (0, *self.first[1:]), (0, *self.last[1:])
        if years > 1 or (years == 1 and first <= last):
            return True
        return Span(first, last).has(day)


def parsed_span(text: str) -> Span:
    """`2026-02-17`, `02-17`, or two of one kind as `from..to`. Raises ConfigError for anything else."""
    first, dots, last = (part.strip() for part in text.partition(".."))
    span = Span(_day(first, text), _day(last if dots else first, text))
    if (span.first[0] == 0) != (span.last[0] == 0):
        raise ConfigError(say("year_on_one_side", text=text))
    if span.first[0] and span.first > span.last:
        raise ConfigError(say("ends_before", text=text))
    return span


def _day(text: str, whole: str) -> tuple[int, int, int]:
    found = _DAY.fullmatch(text)
    if found is None:
        raise ConfigError(say("no_day", text=whole))
    year, month, day = int(found[1] or 0), int(found[2]), int(found[3])
    try:
        date(year or _LEAP_YEAR, month, day)
    except ValueError as error:
        raise ConfigError(say("no_such_day", text=text)) from error
    return year, month, day


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its days understood; an empty condition holds always."""

    program: str
    spans: tuple[Span, ...]
    weekdays: frozenset[int]
    holidays: tuple[Span, ...] | None

    def fits(self, day: date) -> bool:
        """Whether all its conditions hold on the night that begins on `day`."""
        return (
            (not self.spans or _any(self.spans, day))
            and (not self.weekdays or day.weekday() in self.weekdays)
            and (self.holidays is None or _any(self.holidays, day))
        )

    def may_fit(self, day: date) -> bool:
        """Whether it could fit this month and day in some year, whatever the weekday."""
        return all(
            not spans or any(span.may_have(day) for span in spans) for spans in (self.spans, self.holidays)
        )


@dataclass(frozen=True, slots=True)
class Almanac:
    """A calendar ready to be asked."""

    id: str
    rules: tuple[Rule, ...]
    default: str

    def program_on(self, day: date) -> str:
        """The program of the night that begins on `day`: the first rule that fits, else the default."""
        return next((rule.program for rule in self.rules if rule.fits(day)), self.default)

    def may_follow(self, program: str, day: date) -> bool:
        """Whether the night of this month and day could follow a program in some year."""
        return program == self.default or any(
            rule.program == program and rule.may_fit(day) for rule in self.rules
        )

    @property
    def programs(self) -> tuple[str, ...]:
        """Every program that some night may follow, each once."""
        return tuple(dict.fromkeys([self.default, *(rule.program for rule in self.rules)]))


def almanac(calendar: Calendar, holidays: Sequence[Holiday]) -> Almanac:
    """The calendar with its days understood; a rule that cannot be read fits no night."""
    days = {holiday.id: holiday.dates for holiday in holidays}
    rules = [found for rule in calendar.rules if (found := _rule(rule, days)) is not None]
    return Almanac(calendar.id, tuple(rules), calendar.default)


def problems_of_calendar(calendar: Calendar) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong with a calendar's days; keys are below the calendar's own."""
    for index, rule in enumerate(calendar.rules):
        if rule.dates is not None:
            for message in _unreadable(rule.dates):
                yield ("rules", index, "dates"), message
        if rule.dates is None and not rule.weekdays and rule.holiday is None:
            message = say("fits_every_night")
            yield ("rules", index), message


def problems_of_holiday(holiday: Holiday) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong with a holiday's days; keys are below the holiday's own."""
    if not holiday.dates:
        yield ("dates",), say("never_holiday")
    for index, text in enumerate(holiday.dates):
        for message in _unreadable(text):
            yield ("dates", index), message


def _unreadable(text: str) -> Iterator[str]:
    try:
        parsed_span(text)
    except ConfigError as error:
        yield str(error)


def _rule(rule: CalendarRule, days: Mapping[str, Sequence[str]]) -> Rule | None:
    if rule.holiday is not None and rule.holiday not in days:
        return None
    try:
        return Rule(
            program=rule.program,
            spans=() if rule.dates is None else (parsed_span(rule.dates),),
            weekdays=frozenset(WEEKDAYS.index(name) for name in rule.weekdays),
            holidays=None if rule.holiday is None else tuple(map(parsed_span, days[rule.holiday])),
        )
    except ConfigError:
        return None


def _any(spans: Sequence[Span], day: date) -> bool:
    return any(span.has(day) for span in spans)
