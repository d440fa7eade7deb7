"""Shapes and the port of alarms, shared by the rules, the state machine and those who show them."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from edge.core.model import Severity


class AlarmKind(StrEnum):
    """What an alarm can be about; lamp terms follow TALQ's events."""

    LAMP_FAILURE = "lamp_failure"
    LAMP_UNEXPECTED_ON = "lamp_unexpected_on"
    DIMMING_FAILURE = "dimming_failure"
    CYCLING = "cycling"
    RELAY_FAILURE = "relay_failure"
    SUPPLY_VOLTAGE = "supply_voltage"
    POWER_FACTOR = "power_factor"
    COMMUNICATION_FAILURE = "communication_failure"
    CABINET_DOOR = "cabinet_door"
    PHASE_LOSS = "phase_loss"
    CABINET_POWER = "cabinet_power"
    CABINET_TEMPERATURE = "cabinet_temperature"
    LIMIT_EXCEEDED = "limit_exceeded"
    SENSOR_STUCK = "sensor_stuck"
    SENSOR_DRIFT = "sensor_drift"
    STATION_SILENT = "station_silent"
    ACCESS_POINT_DOWN = "access_point_down"
    CHANNEL_SATURATED = "channel_saturated"
    HOTSPOT_CROWDED = "hotspot_crowded"
    HOTSPOT_SILENT = "hotspot_silent"
    ACCOUNTING_STORM = "accounting_storm"
    AUTHENTICATION_STORM = "authentication_storm"
    UNKNOWN_CLIENT = "unknown_client"
    BUS_LOST = "bus_lost"
    TARGET_LOST = "target_lost"
    TARGET_REFUSES = "target_refuses"
    STORE_TROUBLE = "store_trouble"


ALARM_ID_RULE = "1 to 96 of a-z, 0-9 and -, not beginning with -"
ALARM_ID_MAX = 96


def alarm_id(kind: AlarmKind, device: str) -> str:
    """The alarm's id, one level of an MQTT topic: `lamp-failure-lamp-7`."""
    return f"{kind.value.replace('_', '-')}-{device}"


def is_alarm_id(text: str) -> bool:
    """Whether `text` follows ALARM_ID_RULE."""
    plain = text.replace("-", "a")
    return (
        0 < len(text) <= ALARM_ID_MAX
        and not text.startswith("-")
        and plain.isascii()
        and plain.isalnum()
        and plain == plain.lower()
    )


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has seen an alarm, when, and what they said of it."""

    by: str
    note: str
    at_ns: int | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong now. `device` is a device, station, segment, bus, target or gateway id.

    `at_ns` is when it was raised, None while the clock was never set; `value` is what the rule looked at,
    in the point's own unit, None where there is no number. `active` is false in the last that is said of it.
    """

    id: str
    kind: AlarmKind
    device: str
    severity: Severity
    text: str
    at_ns: int | None
    value: float | None = None
    acknowledged: Acknowledgement | None = None
    active: bool = True


class Sign(StrEnum):
    """What a rule sees: trouble, well, or not to be said (no value, or within the hysteresis)."""

    TROUBLE = "trouble"
    WELL = "well"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one thing now; `value` is what it looked at."""

    kind: AlarmKind
    device: str
    sign: Sign
    value: float | None = None
    text: str = ""


See = Callable[[Finding], None]
"""Takes a finding in; never blocks, never raises."""


class AlarmBoard(Protocol):
    """All alarms that stand now, for whoever shows them."""

    def active(self) -> Sequence[Alarm]:
        """Those that stand, the oldest first."""

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[Alarm]]:
        """Alarms as they change, those that stand first; the last of each has `active` false."""
