"""What is written into the audit log, entry by entry; it names devices, and who gave a command."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from edge.config.lighting import Segment
from edge.core.lighting import LampReport
from edge.core.model import Command, CommandState, Event, EventKind, Fields, Outcome
from edge.core.ports import Clock
from edge.lighting.audit import AuditLog
from edge.lighting.commands import LightRequest
from edge.lighting.desired import Hold, Wanted

NAMES_MAX = 32
"""Most lamps that an entry names; of more it gives the number."""

REASON_MAX = 400

ALARMS_MAX = 500
"""So many entries about alarms are written within one hour."""

HOUR_NS = 3600 * 1_000_000_000

_ALARMS: Mapping[EventKind, str] = MappingProxyType(
    {
        EventKind.ALARM_RAISED: "raised",
        EventKind.ALARM_CLEARED: "cleared",
        EventKind.ALARM_ACKNOWLEDGED: "acknowledged",
    }
)


class Diary:
    """Writes entries with their time; `at_ns` is UTC, null while the clock is not set."""

    def __init__(self, audit: AuditLog, clock: Clock) -> None:
        self._audit, self._clock = audit, clock
        self._lost: set[str] = set()
        self._hour = self._alarms = 0

    def started(self, lamps: int) -> None:
        """The gateway's lighting started."""
        self._write("started", (("lamps", lamps),))

    def asked(self, command: Command, request: LightRequest, lamps: Sequence[str], before: str) -> None:
        """A command was taken; `before` are the levels that its lamps had."""
        asked: Fields = (
            ("level", request.level),
            ("for_s", request.for_s),
            ("forever", request.forever),
            ("emergency", request.emergency),
            ("confirmed", bool(request.confirm)),
        )
        self._write("command", (*_who(command), *asked, *_lamps(lamps), ("before", before)))

    def refused(self, command: Command, why: str) -> None:
        """A command was refused."""
        level = dict(command.arguments).get("level")
        self._write("refused", (*_who(command), ("level", level), ("reason", why[:REASON_MAX])))

    def ended(self, command: Command, outcome: Outcome, after: str) -> None:
        """A command ended; `after` are the levels that its lamps have."""
        said: Fields = (("state", outcome.state.value), ("reason", outcome.reason[:REASON_MAX]))
        self._write("outcome", (*_who(command), *said, ("after", after)))

    def stopped(self, command: Command) -> None:
        """The gateway stopped while a command was under way."""
        self._write("outcome", (*_who(command), ("state", CommandState.UNKNOWN.value), ("reason", "stopped")))

    def expired(self, hold: Hold, wanted: Wanted | None, lamps: Sequence[str]) -> None:
        """A command's hold on lamps came to its end; `wanted` is what these have now."""
        about: Fields = (
            ("target", hold.target),
            ("level", hold.level),
            ("by", hold.by),
            ("id", hold.command),
            ("until_ns", hold.until_ns),
        )
        then: Fields = ()
        if wanted is not None:
            then = (("then", wanted.level), ("source", wanted.source.value), ("why", wanted.why))
        self._write("expired", (*about, *then, *_lamps(lamps)))

    def planned(self, wanted: Wanted, lamps: Sequence[str]) -> None:
        """The plan, a sensor or the default gave lamps another level."""
        about: Fields = (("level", wanted.level), ("source", wanted.source.value), ("why", wanted.why))
        self._write("plan", (*about, *_lamps(lamps)))

    def members(self, command: Command, devices: Sequence[str]) -> None:
        """The membership of a group was changed."""
        self._write("members", (*_who(command), *_lamps(devices)))

    def followed(self, lamp: str, trouble: str, given_up: bool) -> None:
        """A lamp does not follow after all attempts, or does again: once each."""
        if given_up and lamp not in self._lost:
            self._lost.add(lamp)
            self._write("failure", (("target", lamp), ("reason", trouble[:REASON_MAX])))
        elif lamp in self._lost and not trouble:
            self._lost.discard(lamp)
            self._write("recovered", (("target", lamp),))

    def fed(self, segment: Segment, report: LampReport) -> None:
        """The relay of a segment was found open while a lamp on it is to shine, and was told to close."""
        said = "closed" if report.verified else str(report.error or "it stays open")
        relay: Fields = (("target", segment.id), ("relay", segment.relay), ("point", segment.point))
        self._write("feeder", (*relay, ("reason", said[:REASON_MAX]), *_lamps(segment.lamps)))

    def heard(self, event: Event) -> None:
        """An alarm was raised, cleared or seen by somebody, a night ended, somebody logged in or users were
        changed; all else is passed over.

        Commands must not be pushed out of the log by alarms: of more than ALARMS_MAX an hour the number alone
        is written.
        """
        if event.kind is EventKind.NIGHT_ENDED:
            self._write("night", (("target", event.subject), ("reason", event.text[:REASON_MAX])))
        if event.kind is EventKind.ACCESS:
            self._write("access", (("target", event.subject), *event.fields))
        if (said := _ALARMS.get(event.kind)) is None:
            return
        hour = event.stamp.mono_ns // HOUR_NS
        if hour != self._hour:
            if self._alarms > ALARMS_MAX:
                self._write("alarms", (("untold", self._alarms - ALARMS_MAX),))
            self._hour, self._alarms = hour, 0
        self._alarms += 1
        if self._alarms <= ALARMS_MAX:
            fields = {name: value for name, value in event.fields if name in ("alarm", "by", "note")}
            about: Fields = (("target", event.subject), ("said", said), ("severity", event.severity.value))
            self._write("alarm", (*about, *fields.items(), ("reason", event.text[:REASON_MAX])))

    def _write(self, kind: str, fields: Fields) -> None:
        now = self._clock.stamp()
        self._audit.write(kind, (("at_ns", now.utc_ns), ("mono_ns", now.mono_ns), *fields))


def _who(command: Command) -> Fields:
    return (
        ("id", command.id),
        ("target", command.target),
        ("by", command.by),
        ("source", command.source),
    )


def _lamps(lamps: Sequence[str]) -> Fields:
    names = ",".join(lamps) if len(lamps) <= NAMES_MAX else ""
    return ("lamps", len(lamps)), ("names", names)
