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
"""So many entries about alarms, and so many about acts, are written within one hour."""

OWN_ENTRIES = frozenset({"light", "members", "acknowledge"})
"""Verbs of which more is written than that they were asked."""

COMMAND_FIELDS = ("id", "verb", "target", "by", "source", "state", "reason", "note")

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
        self._told: dict[str, tuple[int, int]] = {}

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
        """An alarm was raised, cleared or seen by somebody, a night ended, the plan or users were changed,
        somebody logged in, or a command was given that has no entry of its own; all else is passed over.

        Commands must not be pushed out of the log by alarms: of more than ALARMS_MAX an hour the number alone
        is written.
        """
        if event.kind is EventKind.NIGHT_ENDED:
            self._write("night", (("target", event.subject), ("reason", event.text[:REASON_MAX])))
        if event.kind is EventKind.PLAN_CHANGED:
            self._write("plan_changed", (("target", event.subject), *event.fields))
        if event.kind is EventKind.ACCESS:
            self._write("access", (("target", event.subject), *event.fields))
        if event.kind is EventKind.COMMAND and (act := command_of(event)):
            self._some("acts", event.stamp.mono_ns, "act", act)
        if (said := _ALARMS.get(event.kind)) is not None:
            fields = {name: value for name, value in event.fields if name in ("alarm", "by", "note")}
            about: Fields = (
                ("target", event.subject),
                ("said", said),
                ("severity", event.severity.value),
            )
            words = (*about, *fields.items(), ("reason", event.text[:REASON_MAX]))
            self._some("alarms", event.stamp.mono_ns, "alarm", words)

    def _some(self, what: str, mono_ns: int, kind: str, fields: Fields) -> None:
        """Write an entry of which there may be ALARMS_MAX within an hour; of more the number is written."""
        hour, told = self._told.get(what, (0, 0))
        if mono_ns // HOUR_NS != hour:
            if told > ALARMS_MAX:
                self._write(what, (("untold", told - ALARMS_MAX),))
            hour, told = mono_ns // HOUR_NS, 0
        self._told[what] = hour, told + 1
        if told < ALARMS_MAX:
            self._write(kind, fields)

    def _write(self, kind: str, fields: Fields) -> None:
        now = self._clock.stamp()
        self._audit.write(kind, (("at_ns", now.utc_ns), ("mono_ns", now.mono_ns), *fields))


def command_of(event: Event) -> Fields:
    """What is written of a command's event; nothing where its verb has entries of its own."""
    fields = dict(event.fields)
    if fields.get("verb") in OWN_ENTRIES:
        return ()
    said = tuple((name, fields[name]) for name in COMMAND_FIELDS if fields.get(name) not in (None, ""))
    return tuple((name, value[:REASON_MAX] if isinstance(value, str) else value) for name, value in said)


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
