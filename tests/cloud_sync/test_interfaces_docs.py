"""docs/interfaces.md shows messages that are true."""

import json
import re
from typing import Any

import pytest

from cloud_sync.mqtt.message import Incoming
from cloud_sync.mqtt.payload import light_payload, target_payload
from cloud_sync.mqtt.request import VERBS, read_request
from cloud_sync.mqtt.topics import Topics
from edge.core.lighting import LightSource, LightState, TargetState
from edge.core.model import Stamp
from edge.lighting.commands import light_request
from tests.house.tree import ROOT

TEXT = (ROOT / "docs" / "interfaces.md").read_text("utf-8")
SHOWN = re.findall(r"^gianh/v1/gw-ba-don/(\S+) (\{.*\})$", TEXT, re.MULTILINE)
COMMANDS = [(topic, body) for topic, body in SHOWN if topic.startswith("command/")]
LATER_NS = 5
HERE = Topics("gw-ba-don")


def shown(topic: str) -> dict[str, Any]:
    found: dict[str, Any] = next(json.loads(body) for where, body in SHOWN if where == topic)
    return found


@pytest.mark.parametrize(("topic", "body"), COMMANDS)
def test_a_command_that_is_shown_is_taken(topic: str, body: str) -> None:
    message = Incoming(f"{HERE.base}/{topic}", body.encode(), expiry_s=30)
    request = read_request(message, HERE, Stamp(0, None))
    assert request.reason == ""
    assert request.command is not None
    if request.command.verb == "light":
        assert light_request(request.command).target == topic.split("/")[2]


def test_every_field_of_light_and_members_is_shown_once_at_least() -> None:
    for verb in ("light", "members"):
        given = {key for topic, body in COMMANDS if f"/{verb}/" in topic for key in json.loads(body)}
        assert VERBS[verb].keys() <= given


def test_every_answer_that_is_shown_is_to_a_command_that_is_shown() -> None:
    ids = {json.loads(body)["id"] for _, body in COMMANDS}
    answers = [json.loads(body) for topic, body in SHOWN if topic.startswith("reply/")]
    assert len(answers) > 3
    assert {answer["id"] for answer in answers} <= ids


def test_the_states_that_are_shown_have_the_fields_of_the_payloads() -> None:
    lamp = LightState("lamp-07", 40, LightSource.OVERRIDE, LATER_NS, True, 0)
    assert list(shown("light/lamp-07/state")) == list(json.loads(light_payload(lamp)))
    group = TargetState("centre", None, 40, 100, LightSource.OVERRIDE, LATER_NS, False, 0, 12, 1)
    assert list(shown("light/tran-hung-dao/state")) == list(json.loads(target_payload(group)))
