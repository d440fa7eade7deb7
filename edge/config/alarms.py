"""[[alarm]] of gateway.toml: the one table of what is watched. An empty one watches everything."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import Field, model_validator

from edge.config.section import Section
from edge.core.alarms import AlarmKind
from edge.core.model import Severity

Delay = Annotated[float, Field(ge=0, le=86_400)]


class AlarmSetting(Section):
    """[[alarm]]: one rule; what is not given is as RULES says."""

    kind: AlarmKind
    """What is watched."""
    enabled: bool = True
    """Whether it is."""
    delay_s: Delay | None = None
    """How long it must last before it is raised."""
    clear_s: Delay | None = None
    """How long it must be well before it is cleared."""
    threshold: float | None = None
    """Where trouble begins; what it measures is the rule's own, see RULES."""
    upper: float | None = None
    """supply_voltage: the upper end, in V."""
    hysteresis: Annotated[float, Field(ge=0)] | None = None
    """How far back beyond the threshold the value must come to count as well again."""
    severity: Severity | None = None
    """How much it matters: info, warning or alarm."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.upper is not None and self.kind is not AlarmKind.SUPPLY_VOLTAGE:
            raise ValueError(f"upper is for supply_voltage, not for {self.kind.value}: take it out")
        unused = self.kind in WITHOUT_THRESHOLD and (self.threshold, self.hysteresis) != (None, None)
        if unused:
            raise ValueError(
                f"{self.kind.value} is so or not, without threshold and hysteresis: take them out"
            )
        if self.kind is AlarmKind.SUPPLY_VOLTAGE:
            rule = RULES[self.kind]
            low, high = _or(self.threshold, rule.threshold), _or(self.upper, rule.upper)
            if high - low <= 2 * _or(self.hysteresis, rule.hysteresis):
                raise ValueError(f"supply_voltage leaves no room between {low:g} V and {high:g} V: widen it")
        return self


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it holds. `threshold`, `upper` and `hysteresis` are in the rule's own unit."""

    kind: AlarmKind
    delay_s: float
    clear_s: float
    severity: Severity
    threshold: float = 0.0
    upper: float = 0.0
    hysteresis: float = 0.0


_ALARM, _WARNING = Severity.ALARM, Severity.WARNING

RULES: Mapping[AlarmKind, Rule] = MappingProxyType(
    {
        rule.kind: rule
        for rule in (
            # Power in percent of what the level should draw; the delay covers the warm-up and a slow poll.
            Rule(AlarmKind.LAMP_FAILURE, 120, 30, _ALARM, threshold=20, hysteresis=10),
            # Power in W of a lamp that is to be dark; stand-by stays below.
            Rule(AlarmKind.LAMP_UNEXPECTED_ON, 300, 60, _WARNING, threshold=5, hysteresis=1),
            # Deviation in percent of the power (or points of the level) that the level should draw (or be).
            Rule(AlarmKind.DIMMING_FAILURE, 180, 60, _WARNING, threshold=25, hysteresis=5),
            # Restarts within an hour that nobody commanded; more than this is trouble.
            Rule(AlarmKind.CYCLING, 0, 600, _WARNING, threshold=4, hysteresis=2),
            Rule(AlarmKind.RELAY_FAILURE, 30, 10, _ALARM),
            # V: 220 V less 10 % to 230 V and 10 %.
            Rule(AlarmKind.SUPPLY_VOLTAGE, 60, 60, _WARNING, threshold=198, upper=253, hysteresis=3),
            # At half light and more, where the factor of LED gear means something.
            Rule(AlarmKind.POWER_FACTOR, 600, 300, _WARNING, threshold=0.8, hysteresis=0.03),
            Rule(AlarmKind.COMMUNICATION_FAILURE, 30, 10, _WARNING),
            Rule(AlarmKind.CABINET_DOOR, 5, 5, _WARNING),
            # V on one phase while another is there.
            Rule(AlarmKind.PHASE_LOSS, 10, 30, _ALARM, threshold=100, hysteresis=20),
            # V on every phase of a meter that still answers, so that something else feeds it.
            Rule(AlarmKind.CABINET_POWER, 60, 60, _ALARM, threshold=100, hysteresis=20),
            # Degrees Celsius inside: electronics of the usual grade are made for up to 60 or 70.
            Rule(AlarmKind.CABINET_TEMPERATURE, 300, 300, _WARNING, threshold=60, hysteresis=5),
            # Percent of the limit, which brings its own averaging time: nothing to wait for.
            Rule(AlarmKind.LIMIT_EXCEEDED, 0, 0, _ALARM, threshold=100),
            # For how long is the check's own affair ([[check]], kind stuck).
            Rule(AlarmKind.SENSOR_STUCK, 0, 600, _WARNING),
            # Percent off the middle of the neighbours, in daily means of three days.
            Rule(AlarmKind.SENSOR_DRIFT, 0, 0, _WARNING, threshold=30, hysteresis=10),
            # Minutes without a value that counts: more costs the hour, which needs 75 %.
            Rule(AlarmKind.STATION_SILENT, 0, 60, _WARNING, threshold=15, hysteresis=10),
            Rule(AlarmKind.ACCESS_POINT_DOWN, 60, 30, _WARNING),
            # Percent of a channel's time that is in use.
            Rule(AlarmKind.CHANNEL_SATURATED, 300, 300, _WARNING, threshold=80, hysteresis=10),
            # Sessions at once at one access point.
            Rule(AlarmKind.HOTSPOT_CROWDED, 300, 300, _WARNING, threshold=100, hysteresis=10),
            # Silence for how long is the interval of its sender: twice as long.
            Rule(AlarmKind.HOTSPOT_SILENT, 0, 0, _WARNING),
            # Packets of accounting a second from one sender, over a minute.
            Rule(AlarmKind.ACCOUNTING_STORM, 60, 300, _WARNING, threshold=1000, hysteresis=200),
            # Packets with a wrong authenticator in a minute: a wrong secret, or someone who guesses.
            Rule(AlarmKind.AUTHENTICATION_STORM, 0, 600, _ALARM, threshold=10, hysteresis=5),
            # Packets in a minute from addresses that are no client.
            Rule(AlarmKind.UNKNOWN_CLIENT, 0, 600, _WARNING, threshold=0, hysteresis=0),
            Rule(AlarmKind.BUS_LOST, 10, 10, _ALARM),
            Rule(AlarmKind.TARGET_LOST, 300, 10, _WARNING),
            Rule(AlarmKind.TARGET_REFUSES, 0, 10, _ALARM),
            Rule(AlarmKind.STORE_TROUBLE, 0, 10, _ALARM),
        )
    }
)
"""What holds where the configuration says nothing."""


WITHOUT_THRESHOLD = frozenset(
    (
        AlarmKind.RELAY_FAILURE,
        AlarmKind.COMMUNICATION_FAILURE,
        AlarmKind.CABINET_DOOR,
        AlarmKind.SENSOR_STUCK,
        AlarmKind.ACCESS_POINT_DOWN,
        AlarmKind.HOTSPOT_SILENT,
        AlarmKind.BUS_LOST,
        AlarmKind.TARGET_LOST,
        AlarmKind.TARGET_REFUSES,
        AlarmKind.STORE_TROUBLE,
    )
)
"""Kinds that look at something that is so or not."""


def rules_of(settings: Iterable[AlarmSetting]) -> Mapping[AlarmKind, Rule]:
    """The rules in force, without those that are switched off."""
    found = dict(RULES)
    for setting in settings:
        if not setting.enabled:
            found.pop(setting.kind, None)
            continue
        rule = RULES[setting.kind]
        found[setting.kind] = Rule(
            setting.kind,
            _or(setting.delay_s, rule.delay_s),
            _or(setting.clear_s, rule.clear_s),
            setting.severity or rule.severity,
            _or(setting.threshold, rule.threshold),
            _or(setting.upper, rule.upper),
            _or(setting.hysteresis, rule.hysteresis),
        )
    return found


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
