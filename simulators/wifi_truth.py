"""The exact truth of what access points told: sessions, bytes, distinct devices, most at once. Pure.

A session belongs to the local day of its first message, each part of its volume to the day on which it was
told. It holds numbers alone, no device and no name.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from simulators import day
from simulators.wifi_plan import Message, Session, Status

EVERYWHERE = "all"


@dataclass(frozen=True, slots=True)
class PlaceTruth:
    """One place, or all of them, on one day; `peak` is the most sessions at one instant."""

    sessions: int
    bytes_up: int
    bytes_down: int
    devices: int
    peak: int


@dataclass(slots=True)
class _Sum:
    sessions: int = 0
    bytes_up: int = 0
    bytes_down: int = 0


Truth = dict[str, dict[str, PlaceTruth]]
"""By local day (2026-07-18), then by access point; EVERYWHERE is all of them."""


def truth_of(told: Iterable[Message]) -> Truth:
    """What is true of these messages, each told at least once, in whatever order."""
    sums: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    devices: dict[tuple[str, str], set[bytes]] = defaultdict(set)
    spans: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for session, messages in _by_session(told).items():
        for place in (session.point, EVERYWHERE):
            _add_volume(sums, place, messages)
            first = (_day(messages[0].at_s), place)
            sums[first].sessions += 1
            spans[first].append((session.begin_s, session.end_s))
            for message in messages:
                devices[_day(message.at_s), place].add(session.guest.address)
    truth: Truth = defaultdict(dict)
    for (when, place), total in sorted(sums.items()):
        key = (when, place)
        truth[when][place] = PlaceTruth(
            total.sessions, total.bytes_up, total.bytes_down, len(devices[key]), _peak(spans[key])
        )
    return dict(truth)


def _by_session(told: Iterable[Message]) -> dict[Session, list[Message]]:
    found: dict[str, list[Message]] = defaultdict(list)
    for message in told:
        if message.session is not None:
            found[f"{message.nas}/{message.session.id}"].append(message)
    grouped: dict[Session, list[Message]] = {}
    for messages in found.values():
        messages.sort(key=lambda one: (one.at_s, one.status is Status.STOP))
        session = messages[0].session
        assert session is not None
        grouped[session] = messages
    return grouped


def _add_volume(sums: dict[tuple[str, str], _Sum], place: str, messages: Iterable[Message]) -> None:
    up = down = 0
    for message in messages:
        total = sums[_day(message.at_s), place]
        total.bytes_up += message.up - up
        total.bytes_down += message.down - down
        up, down = message.up, message.down


def _peak(spans: Iterable[tuple[float, float]]) -> int:
    steps = sorted(step for begin_s, end_s in spans for step in ((begin_s, 1), (end_s, -1)))
    now = most = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most


def _day(utc_s: float) -> str:
    return date.fromordinal(day.local(utc_s)[0]).isoformat()


def truth_json(truth: Truth) -> dict[str, dict[str, dict[str, int]]]:
    """The truth as JSON has it."""
    return {when: {place: asdict(one) for place, one in places.items()} for when, places in truth.items()}
