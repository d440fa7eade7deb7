"""Reading a command message: every rule of the contract, and the reason in words when one is broken. Pure."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cloud_sync.mqtt.message import Incoming
from cloud_sync.mqtt.topics import Topics, may_answer_to
from edge.core.alarms import ALARM_ID_RULE, is_alarm_id
from edge.core.ids import ID_RULE, is_id
from edge.core.model import Command, Fields, Scalar, Stamp
from edge.core.sayings import say
from edge.core.times import from_rfc3339

PAYLOAD_MAX = 16_384
"""Largest command, in bytes."""

BUNDLE_MAX = 64_000
"""Largest command that brings a signed configuration, in bytes."""

LIFE_S = 30
"""How long a command without an expiry is good for, from its own `at`."""

AHEAD_S = 30
"""How far ahead of ours a sender's clock may be."""

POINTS_MAX = 256
"""Most points that one `read` may name."""

DURATION_MAX_S = 7 * 86_400
"""Longest `for_s` and `fade_s`."""

MEMBERS_MAX = 1000
"""Most lamps that one `members` may name; the message's own size is usually less."""

TOKEN_MAX = 64
"""Longest token of a second confirmation."""

_COMMAND_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_BY = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_NOTE = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_POINT = re.compile(r"[a-z][a-z0-9_]{0,63}")


class BadRequest(ValueError):
    """The message is not a command that this gateway can take; its text is the reason for the sender."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where answers go, and with which correlation data."""

    topic: str
    correlation: bytes | None


@dataclass(frozen=True, slots=True)
class Request:
    """A message with its answer's address; either a command, or the reason why it is none."""

    id: str
    address: Address
    command: Command | None
    reason: str = ""


def read_request(message: Incoming, topics: Topics, received: Stamp) -> Request:
    """A message as a request; never raises."""
    fields: dict[str, object] = {}
    try:
        is_bundle = message.topic.startswith(f"{topics.base}/command/configure/")
        fields = _object(message.payload, BUNDLE_MAX if is_bundle else PAYLOAD_MAX)
        command = _command(message, fields, topics, received)
    except BadRequest as error:
        return Request(_text(fields.get("id")), _address(message, fields, topics), None, str(error))
    return Request(command.id, _address(message, fields, topics), command)


def _command(message: Incoming, fields: dict[str, object], topics: Topics, received: Stamp) -> Command:
    place = topics.command(message.topic)
    if place is None:
        raise BadRequest(f"{message.topic} is not a command topic: use {topics.base}/command/VERB/TARGET")
    verb, target = place
    command_id = fields.get("id")
    if not isinstance(command_id, str) or not _COMMAND_ID.fullmatch(command_id):
        raise BadRequest("id is missing or not 1 to 64 of letters, digits and . _ : -")
    if message.retain:
        raise BadRequest("a retained command is never obeyed: clear it, and publish without retain")
    if verb not in VERBS:
        raise BadRequest(say("unknown_verb", verb=f"{verb!r}", known=", ".join(VERBS)))
    if not (is_alarm_id(target) if verb == "acknowledge" else is_id(target)):
        rule = ALARM_ID_RULE if verb == "acknowledge" else ID_RULE
        raise BadRequest(f"unknown target {target[:64]!r}: use {rule}")
    by = fields.get("by", "")
    if by != "" and (not isinstance(by, str) or not _BY.fullmatch(by)):
        raise BadRequest("by is not a text of 1 to 64 characters")
    return Command(
        id=command_id,
        verb=verb,
        target=target,
        arguments=_arguments(verb, fields),
        by=str(by),
        source="mqtt",
        received=received,
        deadline_mono_ns=_deadline_ns(message, fields, received),
    )


def _deadline_ns(message: Incoming, fields: Mapping[str, object], received: Stamp) -> int:
    if message.expiry_s is not None:
        return received.mono_ns + message.expiry_s * 1_000_000_000
    at = fields.get("at")
    if not isinstance(at, str):
        raise BadRequest("neither a message expiry nor at is given: a command must say until when it is good")
    if received.utc_ns is None:
        raise BadRequest("the gateway's clock is not set yet: give the command a message expiry")
    try:
        age_ns = received.utc_ns - from_rfc3339(at)
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"at is not a time: {error}") from error
    if age_ns < -AHEAD_S * 1_000_000_000:
        raise BadRequest(f"at {at} lies in the future: check the sender's clock")
    return received.mono_ns + LIFE_S * 1_000_000_000 - max(age_ns, 0)


def _object(payload: bytes, bytes_max: int) -> dict[str, object]:
    if len(payload) > bytes_max:
        raise BadRequest(f"the command is longer than {bytes_max} bytes")
    try:
        found = json.loads(payload.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except BadRequest:
        raise
    except (ValueError, RecursionError) as error:
        raise BadRequest("the command is not a JSON object in UTF-8") from error
    if not isinstance(found, dict):
        raise BadRequest("the command is not a JSON object")
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadRequest("the command names a field twice")
    return found


def _no_constant(text: str) -> object:
    raise BadRequest(f"{text} is not a number")


def _address(message: Incoming, fields: Mapping[str, object], topics: Topics) -> Address:
    asked = message.response_topic
    if asked is not None and may_answer_to(asked):
        return Address(asked, message.correlation)
    return Address(topics.reply(_text(fields.get("by"))), message.correlation)


def _text(value: object) -> str:
    return value[:64] if isinstance(value, str) else ""


def _number(name: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise BadRequest(f"{name} is not a number from {low:g} to {high:g}")
    return float(value)


def _level(value: object) -> Scalar:
    return _number("level", value, 0, 100)


def _for_s(value: object) -> Scalar:
    return _number("for_s", value, 0, DURATION_MAX_S)


def _fade_s(value: object) -> Scalar:
    return _number("fade_s", value, 0, DURATION_MAX_S)


def _release(value: object) -> Scalar:
    if value is not True:
        raise BadRequest("release can only be true")
    return True


def _forever(value: object) -> Scalar:
    if value is not True:
        raise BadRequest("forever can only be true")
    return True


def _confirm(value: object) -> Scalar:
    if not isinstance(value, str) or not 0 < len(value) <= TOKEN_MAX:
        raise BadRequest(f"confirm is not a token of 1 to {TOKEN_MAX} characters")
    return value


def _points(value: object) -> Scalar:
    names = value if isinstance(value, list) else []
    if not 0 < len(names) <= POINTS_MAX or not all(_is_point(name) for name in names):
        raise BadRequest(f"points is not a list of 1 to {POINTS_MAX} point names")
    return ",".join(names)


def _devices(value: object) -> Scalar:
    if not isinstance(value, list) or len(value) > MEMBERS_MAX:
        raise BadRequest(f"devices is not a list of at most {MEMBERS_MAX} lamps")
    if not all(isinstance(name, str) and is_id(name) for name in value):
        raise BadRequest(f"devices names something that is no id: use {ID_RULE}")
    return ",".join(value)


def _note(value: object) -> Scalar:
    if not isinstance(value, str) or not _NOTE.fullmatch(value):
        raise BadRequest("note is not a text of 1 to 200 characters on one line")
    return value


def _signed(value: object) -> Scalar:
    if not isinstance(value, str) or not value:
        raise BadRequest("configure needs bundle and signature, as `gianh fleet push` makes them")
    return value


def _is_point(name: object) -> bool:
    return isinstance(name, str) and _POINT.fullmatch(name) is not None


Check = Callable[[object], Scalar]

VERBS: Final[Mapping[str, Mapping[str, Check]]] = MappingProxyType(
    {
        "light": {
            "level": _level,
            "for_s": _for_s,
            "forever": _forever,
            "fade_s": _fade_s,
            "release": _release,
            "confirm": _confirm,
        },
        "members": {"devices": _devices},
        "read": {"points": _points},
        "identify": {"for_s": _for_s},
        "reload": {},
        "acknowledge": {"note": _note},
        "serviced": {"note": _note},
        "calibrate": {"for_s": _for_s, "release": _release},
        "configure": {"bundle": _signed, "signature": _signed},
    }
)
"""Each verb with its own fields; `id`, `by` and `at` go with all. Lists travel on joined by commas."""

_COMMON = frozenset({"id", "by", "at"})


def _arguments(verb: str, fields: Mapping[str, object]) -> Fields:
    checks = VERBS[verb]
    unknown = sorted(set(fields) - set(checks) - _COMMON)
    if unknown:
        known = ", ".join((*checks, *sorted(_COMMON)))
        raise BadRequest(f"unknown field {unknown[0][:64]!r}; {verb} knows {known}")
    if verb == "light" and ("level" in fields) == ("release" in fields):
        raise BadRequest("light needs either level or release")
    if "release" in fields and "for_s" in fields:
        raise BadRequest("release takes no for_s: it holds until the next override")
    if verb == "members" and "devices" not in fields:
        raise BadRequest("members needs devices: all lamps of the group from now on, an empty list for none")
    return tuple((name, check(fields[name])) for name, check in checks.items() if name in fields)
