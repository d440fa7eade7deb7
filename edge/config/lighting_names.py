"""Names in the lighting sections: used twice, or meaning nothing. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from edge.config.faults import Problem
from edge.config.lines import KeyPath
from edge.config.salvage import NOWHERE
from edge.config.schema import Config
from edge.config.words import suggestion
from edge.core.sayings import say

Written = Mapping[str, Sequence[str]]
"""The ids that stand in the file by section, also those of tables that have faults of their own."""


def problems_of_lighting(config: Config, written: Written) -> list[Problem]:
    """Every name in the lighting sections that nothing has, or that several have."""
    return [
        *_twice(config),
        *_programs(config, written["device"]),
        *_calendars(config, written),
        *_segments(config, written["device"]),
        *_clashes(config, written),
        *_assignments(config, written),
    ]


def _twice(config: Config) -> Iterator[Problem]:
    sections: dict[str, list[str]] = {
        "program": [one.id for one in config.program],
        "calendar": [one.id for one in config.calendar],
        "holiday": [one.id for one in config.holiday],
        "segment": [one.id for one in config.segment],
    }
    for section, names in sections.items():
        for index, name in enumerate(names):
            if name in names[:index]:
                message = f"{section}[{names.index(name)}] has this id already: choose another"
                yield (section, index, "id"), message


def _programs(config: Config, devices: Sequence[str]) -> Iterator[Problem]:
    for index, program in enumerate(config.program):
        for nth, rule in enumerate(program.sensor):
            path: KeyPath = ("program", index, "sensor", nth)
            yield from unknown((*path, "device"), "device", rule.device, devices)
            if (rule.above is None) == (rule.below is None):
                yield path, say("sensor_one_side")


def _calendars(config: Config, written: Written) -> Iterator[Problem]:
    for index, calendar in enumerate(config.calendar):
        path: KeyPath = ("calendar", index)
        yield from unknown((*path, "default"), "program", calendar.default, written["program"])
        for nth, rule in enumerate(calendar.rules):
            here = (*path, "rules", nth)
            yield from unknown((*here, "program"), "program", rule.program, written["program"])
            if rule.holiday is not None:
                yield from unknown((*here, "holiday"), "holiday", rule.holiday, written["holiday"])


def _segments(config: Config, devices: Sequence[str]) -> Iterator[Problem]:
    for index, segment in enumerate(config.segment):
        yield from unknown(("segment", index, "relay"), "device", segment.relay, devices)
        for nth, lamp in enumerate(segment.lamps):
            here = ("segment", index, "lamps", nth)
            yield from unknown(here, "device", lamp, devices)
            if lamp in segment.lamps[:nth]:
                yield here, say("in_segment_already", lamp=lamp)


def _clashes(config: Config, written: Written) -> Iterator[Problem]:
    """A target is named by its id alone, so that no two kinds may share one."""
    for section, others in (("group", ("segment",)), ("segment", ("device",))):
        for index, name in enumerate([one.id for one in getattr(config, section)]):
            for other in others:
                if name in written[other]:
                    message = say("id_taken_by", section=other, id=name)
                    yield (section, index, "id"), message
            if name == config.gateway.id and config.gateway != NOWHERE:
                yield (section, index, "id"), say("id_of_gateway", id=name)


def _assignments(config: Config, written: Written) -> Iterator[Problem]:
    targets = [*written["device"], *written["group"], *written["segment"], config.gateway.id]
    seen: dict[str, int] = {}
    for index, one in enumerate(config.assignment):
        path: KeyPath = ("assignment", index)
        yield from unknown((*path, "calendar"), "calendar", one.calendar, written["calendar"])
        if one.target not in targets and config.gateway != NOWHERE:
            near = suggestion(one.target, targets) or f": name one, or the gateway's id {config.gateway.id}"
            message = f"no device, group or segment has the id '{one.target}', and the gateway neither{near}"
            yield (*path, "target"), message
        first = seen.setdefault(one.target, index)
        if first != index:
            message = f"assignment[{first}] says already what '{one.target}' follows: take one out"
            yield (*path, "target"), message


def unknown(path: KeyPath, section: str, name: str, names: Sequence[str]) -> Iterator[Problem]:
    """A problem where `name` is none of `names`."""
    if name not in names:
        near = suggestion(name, names) or ": add one"
        yield path, f"no [[{section}]] has the id '{name}'{near}"
