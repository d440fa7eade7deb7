"""When a finding becomes an alarm and when it ends: delays, acknowledgement, bounds. Pure; told the time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from edge.config.alarms import Rule
from edge.core.alarms import Acknowledgement, Alarm, AlarmKind, Finding, Sign, alarm_id
from edge.core.errors import ConfigError
from edge.core.model import Stamp
from edge.core.sayings import say

ENTRIES_MAX = 50_000
"""Most alarms that stand or wait at once; one more is not taken, and counted."""

NOTE_MAX = 200
"""Longest note of an acknowledgement, in characters."""


@dataclass(slots=True)
class _Entry:
    """One thing that is wrong, or seems to be; `due_ns` is when that changes if nothing else is seen."""

    finding: Finding
    alarm: Alarm | None
    due_ns: int | None


class Machine:
    """All alarms of a gateway. Times are nanoseconds of this boot; what changed is returned."""

    def __init__(self, rules: Mapping[AlarmKind, Rule]) -> None:
        self._rules = rules
        self._entries: dict[str, _Entry] = {}
        self.overflowed = 0

    def active(self) -> Sequence[Alarm]:
        """Those that stand, the oldest first."""
        alarms = [entry.alarm for entry in self._entries.values() if entry.alarm is not None]
        return sorted(alarms, key=lambda alarm: alarm.at_ns or 0)

    def get(self, alarm: str) -> Alarm | None:
        """One that stands."""
        entry = self._entries.get(alarm)
        return entry.alarm if entry is not None else None

    def see(self, finding: Finding, mono_ns: int) -> bool:
        """Take a finding in; whether something is to change by it, at `next_ns` or at once."""
        rule = self._rules.get(finding.kind)
        if rule is None:
            return False
        name = alarm_id(finding.kind, finding.device)
        entry = self._entries.get(name)
        if entry is None:
            return finding.sign is Sign.TROUBLE and self._begin(name, finding, mono_ns, rule)
        if entry.alarm is None:
            if finding.sign is Sign.TROUBLE:
                entry.finding = finding
            else:
                del self._entries[name]
            return False
        if finding.sign is not Sign.WELL:
            entry.due_ns = None
            return False
        if entry.due_ns is not None:
            return False
        entry.due_ns = mono_ns + round(rule.clear_s * 1e9)
        return True

    def next_ns(self) -> int | None:
        """When something changes if nothing else is seen."""
        return min((e.due_ns for e in self._entries.values() if e.due_ns is not None), default=None)

    def due(self, now: Stamp) -> list[Alarm]:
        """What is raised or cleared now."""
        changed: list[Alarm] = []
        for name, entry in list(self._entries.items()):
            if entry.due_ns is None or entry.due_ns > now.mono_ns:
                continue
            if entry.alarm is None:
                changed.append(self._raise(name, entry, now))
            else:
                changed.append(self._clear(name, entry.alarm))
        return changed

    def acknowledge(self, name: str, by: str, note: str, now: Stamp) -> Alarm:
        """Note that somebody has seen an alarm. Raises ConfigError where there is none such."""
        entry = self._entries.get(name)
        if entry is None or entry.alarm is None:
            raise ConfigError(say("alarm_gone", alarm=f"{name!r}"))
        said = Acknowledgement(by, note[:NOTE_MAX], now.utc_ns)
        entry.alarm = replace(entry.alarm, acknowledged=said)
        return entry.alarm

    def restore(self, alarms: Iterable[Alarm]) -> list[Alarm]:
        """Take in what stood when the gateway stopped; returns those of which nothing was seen yet."""
        unseen: list[Alarm] = []
        for alarm in alarms:
            entry = self._entries.get(alarm.id)
            if entry is not None:
                entry.alarm, entry.due_ns = alarm, None
                continue
            unseen.append(alarm)
            finding = Finding(alarm.kind, alarm.device, Sign.TROUBLE, alarm.value, alarm.text)
            self._entries[alarm.id] = _Entry(finding, alarm, None)
        return unseen

    def keep(self, rules: Mapping[AlarmKind, Rule], devices: Iterable[str]) -> list[Alarm]:
        """Other rules, other devices: alarms of what is not watched any more are cleared."""
        self._rules = rules
        known = set(devices)
        gone = [
            (name, entry)
            for name, entry in self._entries.items()
            if entry.finding.kind not in rules or entry.finding.device not in known
        ]
        for name, _ in gone:
            del self._entries[name]
        return [replace(entry.alarm, active=False) for _, entry in gone if entry.alarm is not None]

    def _begin(self, name: str, finding: Finding, mono_ns: int, rule: Rule) -> bool:
        if len(self._entries) >= ENTRIES_MAX:
            self.overflowed += 1
            return False
        self._entries[name] = _Entry(finding, None, mono_ns + round(rule.delay_s * 1e9))
        return True

    def _raise(self, name: str, entry: _Entry, now: Stamp) -> Alarm:
        finding = entry.finding
        severity = self._rules[finding.kind].severity
        entry.due_ns = None
        entry.alarm = Alarm(
            name, finding.kind, finding.device, severity, finding.text, now.utc_ns, finding.value
        )
        return entry.alarm

    def _clear(self, name: str, alarm: Alarm) -> Alarm:
        del self._entries[name]
        return replace(alarm, active=False)
