"""Alarms and the night's sum stand in the same log as commands and plans, and cannot flood it."""

from pathlib import Path
from zoneinfo import ZoneInfo

from edge.config.schema import Config
from edge.core.model import Event, EventKind, Fields, Severity, Stamp
from edge.lighting.diary import ALARMS_MAX, HOUR_NS, Diary
from edge.lighting.history import about, as_line, concerned
from edge.lighting.targets import Targets
from edge.wiring import lamps_of
from simulators.gatewayfile import gateway_config
from simulators.simulation import Simulation
from simulators.town import build_town
from tests.lighting.town import NIGHT, Notes
from tests.virtual import VirtualClock, run_virtual

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def heard(*events: tuple[EventKind, str, Severity, str, Fields], mono_ns: int = 0) -> Notes:
    async def story() -> Notes:
        clock, notes = VirtualClock(), Notes()
        clock.offset_ns = NIGHT
        diary = Diary(notes, clock)
        for kind, subject, severity, text, fields in events:
            diary.heard(Event(Stamp(mono_ns, NIGHT), kind, subject, severity, text, fields))
        return notes

    return run_virtual(story())


DARK = ("alarm", "lamp-failure-lamp-1")


def test_an_alarm_is_told_as_it_is_raised_seen_and_cleared() -> None:
    notes = heard(
        (EventKind.ALARM_RAISED, "lamp-1", Severity.ALARM, "lamp-1 draws 1 %", (DARK,)),
        (EventKind.ALARM_ACKNOWLEDGED, "lamp-1", Severity.INFO, "", (DARK, ("by", "an"), ("note", "I go"))),
        (EventKind.ALARM_CLEARED, "lamp-1", Severity.INFO, "over: lamp-1 draws 1 %", (DARK,)),
        (EventKind.DEVICE_LOST, "lamp-1", Severity.WARNING, "lost", ()),
        (EventKind.NIGHT_ENDED, "gw", Severity.INFO, "the night used 1 kWh", ()),
    )
    assert [as_line(entry, ZONE).split("  ", 1)[1] for entry in notes.entries] == [
        "ALARM lamp-failure-lamp-1: lamp-1 draws 1 %",
        "an has seen lamp-failure-lamp-1: I go",
        "cleared lamp-failure-lamp-1",
        "the night used 1 kWh",
    ]


def test_a_flood_of_alarms_leaves_room_for_commands_and_is_counted() -> None:
    async def story() -> Notes:
        notes = Notes()
        diary = Diary(notes, VirtualClock())
        for number in range(ALARMS_MAX + 7):
            stamp = Stamp(number, NIGHT)
            diary.heard(Event(stamp, EventKind.ALARM_RAISED, "lamp-1", Severity.ALARM, "dark", (DARK,)))
        diary.heard(
            Event(
                Stamp(HOUR_NS, NIGHT), EventKind.ALARM_CLEARED, "lamp-1", Severity.INFO, "over: dark", (DARK,)
            )
        )
        return notes

    notes = run_virtual(story())
    assert notes.kinds() == ["alarm"] * ALARMS_MAX + ["alarms", "alarm"]
    assert notes.entries[ALARMS_MAX]["untold"] == 7


def town(folder: Path) -> Config:
    plan = build_town(1, folder)
    return gateway_config(plan.gateways[0], Simulation(plan, lambda: 0.0).endpoints, folder)


def test_the_history_of_a_street_has_the_alarms_of_its_lamps_bus_and_relay_and_of_no_others(
    tmp_path: Path,
) -> None:
    config = town(tmp_path)
    targets = Targets(config, lamps_of(config))
    subjects = ("lamp-01", "lamp-12", "lamps", "centre", "relays", "meter-main")
    notes = heard(
        *((EventKind.ALARM_RAISED, one, Severity.ALARM, "bad", (("alarm", one),)) for one in subjects)
    )

    def told(target: str | None) -> list[str]:
        names = None if target is None else concerned(config, targets, target)
        return [entry["target"] for entry in about(notes.entries, names, None)]

    assert told("east") == ["lamp-01", "lamps", "relays"]
    assert told("lamp-12") == ["lamp-12", "centre"]
    assert told("market") == ["relays"]
    assert told(None) == list(subjects)
