"""The alarms of a gateway: fed by findings and events, kept over restarts, told to whoever watches."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from edge.alarms.from_events import FROM_EVENTS, findings_of
from edge.alarms.keeping import bucket_of, keep, kept
from edge.alarms.machine import Machine
from edge.alarms.pace import paced
from edge.config.alarms import Rule
from edge.core.alarms import Alarm, AlarmKind, Finding, Sign
from edge.core.model import Command, CommandState, Event, EventKind, Fields, Outcome, Severity
from edge.core.ports import Clock, Memory, Report
from edge.core.sayings import say
from edge.core.watchers import Watchers

log = logging.getLogger(__name__)

ENDED_MAX = 5_000
"""So many ended alarms a slow watcher can still be told of."""


class Alarms:
    """Implements Service and AlarmBoard. Once it runs it knows what stood at the last stop.

    `devices` are all whose alarms may stand: devices, buses, targets and the gateway itself.
    """

    name = "alarms"

    def __init__(
        self,
        rules: Mapping[AlarmKind, Rule],
        devices: Iterable[str],
        memory: Memory,
        report: Report,
        clock: Clock,
    ) -> None:
        self._rules, self._devices = paced(rules, clock.rate), frozenset(devices)
        self._machine = Machine(self._rules)
        self._memory, self._report, self._clock = memory, report, clock
        self._fresh, self._restored = asyncio.Event(), False
        self._ended: dict[str, Alarm] = {}
        self._buckets: dict[int, dict[str, Alarm]] = {}
        self._watchers: Watchers[Alarm] = Watchers(self._newest)

    def active(self) -> Sequence[Alarm]:
        """Those that stand, the oldest first."""
        return self._machine.active()

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[Alarm]]:
        """Alarms as they change, those that stand first; the last of each has `active` false."""
        return self._watchers.watch([alarm.id for alarm in self.active()])

    def see(self, finding: Finding) -> None:
        """Take a finding in."""
        if self._machine.see(finding, self._clock.mono_ns()):
            self._fresh.set()

    def heard(self, event: Event) -> None:
        """Take an event in."""
        for finding in findings_of(event):
            self.see(finding)

    def keep(self, rules: Mapping[AlarmKind, Rule], devices: Iterable[str]) -> None:
        """Other rules or other devices, by a changed configuration."""
        self._rules, self._devices = paced(rules, self._clock.rate), frozenset(devices)
        if self._restored:
            self._keep_known()

    def _keep_known(self) -> None:
        for alarm in self._machine.keep(self._rules, self._devices):
            self._changed(alarm, EventKind.ALARM_CLEARED, say("not_watched", device=alarm.device))
        self._fresh.set()

    async def acknowledge(self, command: Command) -> AsyncIterator[Outcome]:
        """The verb `acknowledge`; raises ConfigError where no such alarm stands."""
        note = dict(command.arguments).get("note")
        by = command.by or "nobody named"
        text = note if isinstance(note, str) else ""
        alarm = self._machine.acknowledge(command.target, by, text, self._clock.stamp())
        self._changed(alarm, EventKind.ALARM_ACKNOWLEDGED, say("seen_by", person=by, why=alarm.text))
        yield Outcome(command.id, CommandState.VERIFIED)

    async def run(self) -> None:
        """Run until cancelled."""
        if not self._restored:
            self._restore()
        while True:
            now = self._clock.stamp()
            for alarm in self._machine.due(now):
                if alarm.active:
                    self._changed(alarm, EventKind.ALARM_RAISED, alarm.text)
                else:
                    self._changed(alarm, EventKind.ALARM_CLEARED, f"over: {alarm.text}")
            self._fresh.clear()
            await self._until(self._machine.next_ns())

    def _restore(self) -> None:
        self._restored = True
        alarms = kept(self._memory)
        unseen = self._machine.restore(alarms)
        for alarm in alarms:
            self._buckets.setdefault(bucket_of(alarm.id), {})[alarm.id] = alarm
            self._watchers.tell(alarm.id)
        self._keep_known()
        for alarm in unseen:
            if alarm.kind in FROM_EVENTS:
                self.see(Finding(alarm.kind, alarm.device, Sign.WELL))

    async def _until(self, due_ns: int | None) -> None:
        if due_ns is None:
            await self._fresh.wait()
            return
        waits = [
            asyncio.ensure_future(self._fresh.wait()),
            asyncio.ensure_future(self._clock.sleep(max(0, due_ns - self._clock.mono_ns()) / 1e9)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _changed(self, alarm: Alarm, kind: EventKind, text: str) -> None:
        bucket = bucket_of(alarm.id)
        alarms = self._buckets.setdefault(bucket, {})
        alarms.pop(alarm.id, None)
        self._ended.pop(alarm.id, None)
        if alarm.active:
            alarms[alarm.id] = alarm
        else:
            self._ended[alarm.id] = alarm
            while len(self._ended) > ENDED_MAX:
                del self._ended[next(iter(self._ended))]
        keep(self._memory, bucket, alarms.values())
        self._tell(alarm, kind, text)
        self._watchers.tell(alarm.id)

    def _tell(self, alarm: Alarm, kind: EventKind, text: str) -> None:
        severity = alarm.severity if kind is EventKind.ALARM_RAISED else Severity.INFO
        log.log(
            logging.INFO if severity is Severity.INFO else logging.WARNING, "%s %s: %s", kind, alarm.id, text
        )
        fields: Fields = (
            ("alarm", alarm.id),
            ("kind", alarm.kind.value),
            ("active", alarm.active),
            ("value", alarm.value),
        )
        said = alarm.acknowledged
        if kind is EventKind.ALARM_ACKNOWLEDGED and said is not None:
            fields += (("by", said.by), ("note", said.note))
        self._report(Event(self._clock.stamp(), kind, alarm.device, severity, text, fields))

    def _newest(self, name: str) -> Alarm | None:
        return self._machine.get(name) or self._ended.get(name)
