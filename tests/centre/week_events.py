"""The week's alarms, commands, nights, gaps, and the gateways' own health."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge.config.schema import Config
from edge.core.alarms import Alarm, AlarmKind, alarm_id
from edge.core.lighting import LampAccount
from edge.core.model import DeviceState, Event, EventKind, Fields, Sample, Severity, Stamp
from edge.lighting.account_rows import account_rows
from edge.lighting.power import expected_w
from edge.runtime.bus import BusStatus
from edge.runtime.forward import ForwardStatus
from edge.runtime.health import EVERY_S, Picture, Teller
from edge.runtime.status import OutboxStatus, Status
from edge.wiring.lighting import lamp_tags
from simulators import day
from simulators.models import value
from simulators.nature import Nature

HOUR_S, DAY_S = 3600, 86_400
SELDOM_S, LATE_S = 3600.0, 24.2 * HOUR_S
"""Health is told that seldom until so long before the end; then as often as by gateways."""

SUNRISE_S = 2 * HOUR_S + 1200
"""After the hour at which the week begins."""

ALARM, AWAY_H = Severity.ALARM, 72.0
"""In the week's last evening the database is away for two hours."""


@dataclass(frozen=True)
class Trouble:
    """One alarm of the week, from hours after the faults begin on; None while it stands at the week's end."""

    kind: AlarmKind
    device: str
    text: str
    from_h: float
    until_h: float | None = None
    severity: Severity = Severity.WARNING


TROUBLES = (
    Trouble(AlarmKind.RELAY_FAILURE, "relays", "relay_3 is open", -47, -46.8, ALARM),
    Trouble(AlarmKind.SUPPLY_VOLTAGE, "meter-main", "phase 2 is at 196.4 V", -25, -22),
    Trouble(AlarmKind.PHASE_LOSS, "meter-main", "phase 3 is at 4 V", -22.5, -22.2, ALARM),
    Trouble(AlarmKind.CYCLING, "lamp-19", "lamp-19 started 6 times within an hour", 0, 5.5),
    Trouble(AlarmKind.LAMP_FAILURE, "lamp-04", "lamp-04 should shine and draws 0.5 W", 1, None, ALARM),
    Trouble(AlarmKind.DIMMING_FAILURE, "lamp-08", "lamp-08 should be at 60 % and is at 100 %", 2.5),
    Trouble(AlarmKind.LIMIT_EXCEEDED, "centre-air", "PM2.5 over 24 h: 54 µg/m³, limit 45", 3.3, None, ALARM),
    Trouble(AlarmKind.LAMP_UNEXPECTED_ON, "lamp-16", "lamp-16 burns by day: 80 W", 11),
    Trouble(AlarmKind.SENSOR_STUCK, "street-air", "noise shows 54.0 dB for 3 h", 22),
    Trouble(AlarmKind.COMMUNICATION_FAILURE, "rain", "rain does not answer", 27.5),
    Trouble(AlarmKind.CABINET_POWER, "meter-main", "the cabinet is without power", 33.3, 33.6, ALARM),
    Trouble(AlarmKind.TARGET_LOST, "centre", "InfluxDB centre cannot be reached", AWAY_H, AWAY_H + 2),
)
OTHERS = (
    Trouble(AlarmKind.LAMP_FAILURE, "lamp-13", "lamp-13 should shine and draws 0.5 W", 1.5, None, ALARM),
    Trouble(AlarmKind.CABINET_DOOR, "relays", "the cabinet stands open", 8.3, 8.8),
)


def troubles_of(config: Config) -> tuple[Trouble, ...]:
    """The first gateway has the stations, and most of the trouble."""
    return TROUBLES if config.station else OTHERS


def stamp(at_s: float) -> Stamp:
    return Stamp(round(at_s * 1e9), round(at_s * 1e9))


def gateway_events(config: Config, start_s: float, days: int, fault_s: float) -> Iterator[Event]:
    for one in troubles_of(config):
        yield from _alarm(one, fault_s)
    for number in range(days):
        yield _night(config, start_s + number * DAY_S + SUNRISE_S, number)
    yield from _commands(config, start_s, days)
    if not config.station:
        return
    fields = (("target", "centre"), ("stream", "sample"), ("count", 1200.0), ("reason", "disk cap"))
    lost, text = stamp(fault_s + AWAY_H * HOUR_S + 7000), "the disk cap dropped 1200 samples for centre"
    yield Event(lost, EventKind.GAP, config.gateway.id, ALARM, text, fields)


def _alarm(one: Trouble, fault_s: float) -> Iterator[Event]:
    known: Fields = (("alarm", alarm_id(one.kind, one.device)), ("kind", one.kind.value))
    raised, over = (*known, ("active", True), ("value", 1.0)), (*known, ("active", False), ("value", None))
    began = stamp(fault_s + one.from_h * HOUR_S)
    yield Event(began, EventKind.ALARM_RAISED, one.device, one.severity, one.text, raised)
    if one.until_h is not None:
        ended = stamp(fault_s + one.until_h * HOUR_S)
        yield Event(ended, EventKind.ALARM_CLEARED, one.device, Severity.INFO, f"over: {one.text}", over)


def _night(config: Config, sunrise_s: float, number: int) -> Event:
    watts = sum(device.nominal_w or 0.0 for device in config.device)
    full, hours = watts * 11.6 / 1000, {100: 5.6 - number * 0.1, 60: 6.0 + number * 0.1}
    used = sum(expected_w(watts, level) * lit_h / 1000 for level, lit_h in hours.items())
    fields: Fields = (
        ("used_kwh", used),
        ("full_kwh", full),
        ("saved_kwh", full - used),
        ("saved_percent", 100 * (full - used) / full),
        ("lamps", 22.0),
        ("measured", 12.0),
        ("estimate", True),
    )
    return Event(stamp(sunrise_s), EventKind.NIGHT_ENDED, config.gateway.id, Severity.INFO, "night", fields)


def _commands(config: Config, start_s: float, days: int) -> Iterator[Event]:
    people = ("hoa", "minh", "home-assistant", "an")
    for number in range(days * 3):
        target = f"lamp-{1 + number * 5 % 22:02d}" if number % 4 else config.gateway.id
        at_s = start_s + number * 28_000 + 900
        fields: Fields = (
            ("id", f"n-{number}"),
            ("verb", "light"),
            ("target", target),
            ("by", people[number % 4]),
            ("source", "console"),
            ("level", float(number * 20 % 120 % 101)),
            ("for_s", 7200.0),
        )
        ended = ("failed", f"{target} does not answer") if number % 7 == 4 else ("verified", "")
        for later_s, (state, reason) in ((0.0, ("accepted", "")), (1.5, ended)):
            told = (*fields, ("state", state), ("reason", reason))
            yield Event(stamp(at_s + later_s), EventKind.COMMAND, target, Severity.INFO, "", told)


def health_samples(config: Config, start_s: float, end_s: float, fault_s: float) -> Iterator[Sample]:
    teller, place = Teller(), (("commune", config.gateway.commune or ""),)
    busy = dict.fromkeys((bus.id for bus in config.bus), 0.0)
    at_s = start_s
    while at_s < end_s:
        passed_s = EVERY_S if at_s >= end_s - LATE_S else SELDOM_S
        at_s += passed_s
        for bus in config.bus:
            share = {"lamps": 0.55, "centre": 0.31}.get(bus.id, 0.12)
            busy[bus.id] += passed_s * min(0.97, share + 0.1 * day.wobble(3, bus.id, at_s, HOUR_S))
        standing = [
            Alarm(alarm_id(one.kind, one.device), one.kind, one.device, one.severity, one.text, None)
            for one in troubles_of(config)
            if one.from_h <= (at_s - fault_s) / HOUR_S < (one.until_h or 1e9)
        ]
        status = _status(config, at_s, start_s, fault_s, busy)
        yield from teller.samples(Picture(status, standing, place), stamp(at_s))
    yield from _accounts(config, start_s, end_s)


def _status(config: Config, at_s: float, start_s: float, fault_s: float, busy: dict[str, float]) -> Status:
    up_s, gone_s, is_first = at_s - start_s, at_s - fault_s - AWAY_H * HOUR_S, bool(config.station)
    away = is_first and 0 <= gone_s < 2 * HOUR_S
    silent = "rain" if is_first and at_s > fault_s + 27.5 * HOUR_S else ""
    waiting = round(gone_s * 5) if away else 12
    devices = tuple(DeviceState(device.id, device.id != silent, None, ()) for device in config.device)
    buses = tuple(
        BusStatus(
            id=bus.id,
            open=True,
            trouble="",
            utilisation=0.1,
            busy_s=busy[bus.id],
            requests=round(busy[bus.id] * 8),
            errors=round(up_s / 9000),
            timeouts=round(up_s / 1700),
            skipped=0,
            silent=("weather/5",) if silent and bus.id == "weather" else (),
            silent_share=0.0,
        )
        for bus in config.bus
    )
    targets = (
        ForwardStatus("mqtt", "", False, round(up_s * 5), 0, None),
        ForwardStatus("centre", "away" if away else "", False, round(up_s * 5) - waiting, 3, None),
    )
    dropped = 1200 if is_first and gone_s > 7000 else 0
    pending, written = {"mqtt": 4, "centre": waiting}, round(up_s * 900)
    outbox = OutboxStatus(90_000, pending, dropped, 3, 0, 64_000_000, written, round(up_s * 40), "")
    return Status(config.gateway.id, "0.1.0", up_s + 5e5, True, devices, buses, targets, outbox, ())


def _accounts(config: Config, start_s: float, end_s: float) -> Iterator[Sample]:
    lamps, tags = [device.id for device in config.device if device.nominal_w], lamp_tags(config)
    for number in range(int((end_s - start_s) // DAY_S)):
        at_s = start_s + number * DAY_S + SUNRISE_S
        accounts = []
        for at, lamp in enumerate(lamps):
            hours = value(Nature(100 + at, is_lamp=True), "operating_hours", at_s) + 2500 * at
            accounts.append(LampAccount(lamp, hours, hours / 5, hours * 0.06, ()))
        yield from account_rows(accounts, tags, stamp(at_s))
