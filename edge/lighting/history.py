"""What happened to a target, from the audit log, for a person to read. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from edge.config.schema import Config
from edge.lighting.targets import Targets

Entry = Mapping[str, Any]

EVERYWHERE = frozenset({"started", "torn", "cut", "alarms", "plan_changed"})
"""Kinds of entries that concern every lamp."""


HIDDEN = frozenset({"turned", "access"})
"""Kinds that are the log's own affair, or are about users and not about light."""


def about(entries: Iterable[Entry], names: frozenset[str] | None, since_ns: int | None) -> Iterator[Entry]:
    """The entries that concern any of these names (lamps, the targets that cover them, what they hang on).

    Without names all of them: a gateway's own history. An entry about more lamps than it names is given too:
    they are most lamps of a gateway. Entries without a time were written before the clock was set, and stand
    where they were written.
    """
    for entry in entries:
        at_ns = entry.get("at_ns")
        if since_ns is not None and (at_ns is None or at_ns < since_ns):
            continue
        if entry["kind"] not in HIDDEN and (names is None or _concerns(entry, names)):
            yield entry


def concerned(config: Config, targets: Targets, target: str) -> frozenset[str]:
    """All whose entries tell of a target: its lamps, what covers these, and what they hang on.

    Raises ConfigError where there is no such target.
    """
    lamps = targets.resolve(target)
    names = {target, *lamps}.union(*(targets.covering(lamp) for lamp in lamps))
    names |= {device.bus for device in config.device if device.id in lamps}
    return frozenset(names | {segment.relay for segment in config.segment if segment.id in names})


def _concerns(entry: Entry, names: frozenset[str]) -> bool:
    named = set(str(entry.get("names", "")).split(",")) | {entry.get("target")}
    many = entry["kind"] == "plan" and not entry.get("names")
    return many or entry["kind"] in EVERYWHERE or bool(named & names)


def as_line(entry: Entry, zone: ZoneInfo) -> str:
    """One entry as one line, in local time."""
    return f"{_time(entry.get('at_ns'), zone)}  {_words(entry)}"


def as_object(entry: Entry) -> dict[str, Any]:
    """One entry as programs read it: its time as RFC 3339, without the chain."""
    times = {name: _rfc3339(entry[f"{name}_ns"]) for name in ("at", "until") if f"{name}_ns" in entry}
    hidden = {"at_ns", "until_ns", "mono_ns", "hash", "prev"}
    return times | {key: value for key, value in entry.items() if key not in hidden}


def _rfc3339(at_ns: object) -> str | None:
    if not isinstance(at_ns, int):
        return None
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).isoformat().replace("+00:00", "Z")


def _time(at_ns: object, zone: ZoneInfo) -> str:
    if not isinstance(at_ns, int):
        return "before clock set   "
    return f"{datetime.fromtimestamp(at_ns / 1e9, zone):%Y-%m-%d %H:%M:%S}"


def _words(entry: Entry) -> str:
    say = _KINDS.get(str(entry["kind"]))
    return say(entry) if say is not None else str(entry["kind"])


def _command(entry: Entry) -> str:
    level = entry.get("level")
    did = f"releases {entry['target']}" if level is None else f"sets {entry['target']} to {level:g} %"
    if entry.get("emergency"):
        did = f"EMERGENCY: {did}"
    span = f" for {_span(entry['for_s'])}" if entry.get("for_s") else ""
    span = " for ever" if entry.get("forever") else span
    confirmed = ", confirmed" if entry.get("confirmed") else ""
    return f"{_who(entry)} {did}{span}{confirmed}: {_lamps(entry)}, before {_percent(entry['before'])}"


def _refused(entry: Entry) -> str:
    level = entry.get("level")
    wanted = f"{level:g} %" if isinstance(level, int | float) else "a release"
    return f"refused to {_who(entry)}: {wanted} on {entry['target']}: {entry['reason']}"


def _outcome(entry: Entry) -> str:
    reason = f" ({entry['reason']})" if entry.get("reason") else ""
    after = f": {_percent(entry['after'])}" if entry.get("after") else ""
    return f"{entry['state']}: {entry['target']}, by {_who(entry)}{after}{reason}"


def _plan(entry: Entry) -> str:
    return f"{entry['source']} gives {_lamps(entry)} {entry['level']:g} % ({entry['why']})"


def _expired(entry: Entry) -> str:
    over = f"over: {entry['level']:g} % on {entry['target']}, by {entry['by'] or 'nobody named'}"
    if "then" not in entry:
        return over
    return f"{over}: {_lamps(entry)}, now {entry['then']:g} % ({entry['source']}, {entry['why']})"


def _alarm(entry: Entry) -> str:
    name, reason = entry["alarm"], entry["reason"]
    if entry["said"] == "cleared":
        return f"cleared {name}" if reason.startswith("over: ") else f"cleared {name}: {reason}"
    if entry["said"] == "acknowledged":
        note = f": {entry['note']}" if entry.get("note") else ""
        return f"{entry.get('by') or 'nobody named'} has seen {name}{note}"
    return f"{'ALARM' if entry['severity'] == 'alarm' else entry['severity']} {name}: {reason}"


_KINDS: Mapping[str, Callable[[Entry], str]] = {
    "started": lambda entry: f"lighting starts: {_lamps(entry)}",
    "torn": lambda entry: f"the log's last line was cut off by a power cut ({entry['bytes']} bytes)",
    "cut": lambda _: "the log is not what it was when the gateway stopped: see gianh audit verify",
    "command": _command,
    "refused": _refused,
    "outcome": _outcome,
    "plan": _plan,
    "plan_changed": lambda entry: f"{_who(entry)} changes the plan: {entry['what']}",
    "expired": _expired,
    "members": lambda entry: f"{_who(entry)} changes {entry['target']}: {_lamps(entry)}",
    "alarm": _alarm,
    "alarms": lambda entry: f"{entry['untold']} more changes of alarms within an hour, not written down",
    "night": lambda entry: entry["reason"],
    "failure": lambda entry: f"{entry['target']} does not follow: {entry['reason']}",
    "recovered": lambda entry: f"{entry['target']} follows again",
    "feeder": lambda entry: (
        f"{entry['point']} of {entry['relay']}, which feeds {entry['target']}, was open while lamps on it "
        f"are to shine, and was told to close: {entry['reason']}"
    ),
}


def _who(entry: Entry) -> str:
    return f"{entry.get('by') or 'nobody named'} ({entry.get('source')})"


def _lamps(entry: Entry) -> str:
    number = entry["lamps"]
    names = str(entry.get("names", "")).replace(",", ", ")
    return names if number == 1 and names else f"{number} lamps"


def _percent(text: str) -> str:
    return text if text == "unknown" else f"{text} %"


def _span(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
