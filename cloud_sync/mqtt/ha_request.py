"""A light command in Home Assistant's own JSON, as a command of ours. Pure.

Home Assistant sends neither an id nor a time: it is good for LIFE_S from its coming, and never when retained.
"""

import json

from cloud_sync.mqtt.message import Incoming
from cloud_sync.mqtt.request import LIFE_S, PAYLOAD_MAX, BadRequest
from cloud_sync.mqtt.topics import Topics
from edge.core.ids import ID_RULE, is_id
from edge.core.lighting import HOME_ASSISTANT
from edge.core.model import Command, Scalar, Stamp

BY = HOME_ASSISTANT

TRANSITION_MAX_S = 600.0
"""Longest `transition`."""

KNOWN = frozenset({"state", "brightness", "transition"})


def ha_command(message: Incoming, topics: Topics, received: Stamp, command_id: str) -> Command:
    """The message as a light command. Raises BadRequest with the reason where it is none."""
    device = topics.ha_device(message.topic)
    if message.retain:
        raise BadRequest("a retained command is never obeyed: clear it, and publish without retain")
    if device is None or not is_id(device):
        raise BadRequest(f"unknown light in {message.topic}: use {ID_RULE}")
    fields = _object(message.payload)
    arguments: list[tuple[str, Scalar]] = [("level", _level(fields))]
    if "transition" in fields:
        arguments.append(("fade_s", _number("transition", fields["transition"], TRANSITION_MAX_S)))
    life_s = LIFE_S if message.expiry_s is None else min(LIFE_S, message.expiry_s)
    return Command(
        id=command_id,
        verb="light",
        target=device,
        arguments=tuple(arguments),
        by=BY,
        source=HOME_ASSISTANT,
        received=received,
        deadline_mono_ns=received.mono_ns + life_s * 1_000_000_000,
    )


def _level(fields: dict[str, object]) -> float:
    state = fields.get("state")
    if state == "OFF":
        return 0.0
    if state != "ON":
        raise BadRequest("state is neither ON nor OFF")
    level = _number("brightness", fields.get("brightness", 100), 100)
    if level == 0:
        raise BadRequest("brightness is 0 with state ON: send state OFF")
    return level


def _number(name: str, value: object, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
        raise BadRequest(f"{name} is not a number from 0 to {high:g}")
    return float(value)


def _object(payload: bytes) -> dict[str, object]:
    if len(payload) > PAYLOAD_MAX:
        raise BadRequest(f"the command is longer than {PAYLOAD_MAX} bytes")
    try:
        found = json.loads(payload.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadRequest("the command is not a JSON object in UTF-8") from error
    if not isinstance(found, dict):
        raise BadRequest("the command is not a JSON object")
    if unknown := sorted(found.keys() - KNOWN):
        raise BadRequest(f"unknown field {unknown[0][:64]!r}; a light here knows {', '.join(sorted(KNOWN))}")
    return found
