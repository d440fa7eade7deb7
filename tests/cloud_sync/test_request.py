import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.mqtt.message import Incoming
from cloud_sync.mqtt.request import PAYLOAD_MAX, Request, read_request
from cloud_sync.mqtt.topics import Topics, may_answer_to
from edge.core.model import Stamp
from edge.core.times import rfc3339
from tests.cloud_sync.rows import AT_NS

TOPICS = Topics("gw-a")
NOW = Stamp(1_000, AT_NS)
SECOND_NS = 10**9


def ask(
    body: object,
    path: str = "light/lamp-1",
    *,
    retain: bool = False,
    expiry_s: int | None = 5,
    response: str | None = None,
    received: Stamp = NOW,
) -> Request:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    topic = f"gianh/v1/gw-a/command/{path}"
    return read_request(Incoming(topic, payload, retain, response, b"c", expiry_s), TOPICS, received)


def refused(request: Request) -> str:
    assert request.command is None
    assert request.reason
    return request.reason


def test_a_light_command_arrives_whole() -> None:
    command = ask({"id": "c1", "level": 40, "for_s": 7200, "fade_s": 3, "by": "Hoa"}).command
    assert command is not None
    assert (command.id, command.verb, command.target, command.by) == ("c1", "light", "lamp-1", "Hoa")
    assert command.arguments == (("level", 40.0), ("for_s", 7200.0), ("fade_s", 3.0))
    assert (command.source, command.received) == ("mqtt", NOW)


def test_the_message_expiry_is_the_deadline() -> None:
    command = ask({"id": "c1", "release": True}, expiry_s=5).command
    assert command is not None
    assert command.deadline_mono_ns == NOW.mono_ns + 5 * SECOND_NS


def test_without_an_expiry_a_command_is_good_for_30_s_from_its_own_time() -> None:
    at = rfc3339(AT_NS - 10 * SECOND_NS)
    command = ask({"id": "c1", "level": 1, "at": at}, expiry_s=None).command
    assert command is not None
    assert abs(command.deadline_mono_ns - (NOW.mono_ns + 20 * SECOND_NS)) < 2_000


def test_an_old_command_is_handed_on_with_a_deadline_that_is_past() -> None:
    command = ask({"id": "c1", "level": 1, "at": rfc3339(AT_NS - 3600 * SECOND_NS)}, expiry_s=None).command
    assert command is not None
    assert command.deadline_mono_ns < NOW.mono_ns


def test_a_clock_that_runs_ahead_does_not_make_a_command_live_longer() -> None:
    command = ask({"id": "c1", "level": 1, "at": rfc3339(AT_NS + 20 * SECOND_NS)}, expiry_s=None).command
    assert command is not None
    assert command.deadline_mono_ns == NOW.mono_ns + 30 * SECOND_NS


def test_a_command_whose_age_cannot_be_known_is_refused() -> None:
    body = {"id": "c1", "level": 1}
    at = {"at": rfc3339(AT_NS)}
    assert "expiry" in refused(ask(body, expiry_s=None))
    assert "clock" in refused(ask(body | at, expiry_s=None, received=Stamp(1, None)))
    assert "future" in refused(ask(body | {"at": rfc3339(AT_NS + 10**12)}, expiry_s=None))
    assert "time zone" in refused(ask(body | {"at": "2026-09-21T14:13:20"}, expiry_s=None))


def test_a_retained_command_is_never_obeyed() -> None:
    assert "retain" in refused(ask({"id": "c1", "level": 1}, retain=True))


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("explode/lamp-1", {"id": "c"}, "unknown verb"),
        ("light/LAMP 1", {"id": "c", "level": 1}, "unknown target"),
        ("light/lamp-1", {"level": 1}, "id"),
        ("light/lamp-1", {"id": "a b", "level": 1}, "id"),
        ("light/lamp-1", {"id": "c"}, "either"),
        ("light/lamp-1", {"id": "c", "level": 1, "release": True}, "either"),
        ("light/lamp-1", {"id": "c", "release": False}, "release"),
        ("light/lamp-1", {"id": "c", "level": 101}, "0 to 100"),
        ("light/lamp-1", {"id": "c", "level": -1}, "0 to 100"),
        ("light/lamp-1", {"id": "c", "level": True}, "0 to 100"),
        ("light/lamp-1", {"id": "c", "level": "40"}, "0 to 100"),
        ("light/lamp-1", {"id": "c", "level": None}, "0 to 100"),
        ("light/lamp-1", {"id": "c", "level": 1, "colour": "red"}, "unknown field 'colour'"),
        ("light/lamp-1", {"id": "c", "level": 1, "by": 7}, "by"),
        ("light/lamp-1", {"id": "c", "level": 1, "for_s": -5}, "for_s"),
        ("reload/gw-a", {"id": "c", "level": 1}, "unknown field"),
        ("read/meter-1", {"id": "c", "points": []}, "points"),
        ("read/meter-1", {"id": "c", "points": ["a", 5]}, "points"),
        ("members/centre", {"id": "c"}, "needs devices"),
        ("members/centre", {"id": "c", "devices": "lamp-1"}, "list"),
        ("members/centre", {"id": "c", "devices": ["lamp-1", "a,b"]}, "no id"),
        ("members/centre", {"id": "c", "devices": [7]}, "no id"),
        ("members/centre", {"id": "c", "devices": ["x"] * 1001}, "at most 1000"),
        ("light/lamp-1", b"", "JSON"),
        ("light/lamp-1", b"\xff\xfe", "JSON"),
        ("light/lamp-1", b"[1]", "object"),
        ("light/lamp-1", b"[" * 16_000, "JSON"),
        ("light/lamp-1", b'{"id":"c","level":NaN}', "number"),
        ("light/lamp-1", b'{"id":"c","level":1e999}', "0 to 100"),
        ("light/lamp-1", b'{"id":"c","level":1,"level":2}', "twice"),
        ("light/lamp-1", b" " * (PAYLOAD_MAX + 1), "longer"),
    ],
)
def test_what_is_wrong_is_refused_with_the_reason(path: str, body: object, word: str) -> None:
    assert word in refused(ask(body, path))


def test_points_to_read_travel_joined_by_commas() -> None:
    command = ask({"id": "c", "points": ["level", "phase1_supply_voltage"]}, "read/meter-1").command
    assert command is not None
    assert command.arguments == (("points", "level,phase1_supply_voltage"),)


@pytest.mark.parametrize(("devices", "joined"), [(["lamp-1", "lamp-7"], "lamp-1,lamp-7"), ([], "")])
def test_members_of_a_group_travel_joined_by_commas(devices: list[str], joined: str) -> None:
    command = ask({"id": "c", "devices": devices}, "members/centre").command
    assert command is not None
    assert (command.verb, command.target, command.arguments) == ("members", "centre", (("devices", joined),))


def test_an_answer_goes_where_it_was_asked_for_and_else_to_the_default() -> None:
    body = {"id": "c", "level": 1, "by": "console-1"}
    asked = ask(body, response="town/answers/7").address
    assert (asked.topic, asked.correlation) == ("town/answers/7", b"c")
    assert ask(body).address.topic == "gianh/v1/gw-a/reply/console-1"
    assert ask({"id": "c", "level": 1, "by": "Cô Hoa/+"}).address.topic == "gianh/v1/gw-a/reply/unknown"


@pytest.mark.parametrize(
    "topic", ["gianh/v1/gw-b/command/light/all", "a/+/b", "a/#", "$SYS/broker", "", "x" * 600, "a\0b"]
)
def test_an_answer_never_becomes_a_command_nor_goes_to_an_impossible_topic(topic: str) -> None:
    assert not may_answer_to(topic)
    answer = ask({"id": "c", "level": 1}, response=topic).address.topic
    assert answer == "gianh/v1/gw-a/reply/unknown"


def test_a_refused_command_is_answered_with_its_id() -> None:
    request = ask({"id": "c77", "level": 500}, response="a/b")
    assert (request.id, request.address.topic) == ("c77", "a/b")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
fields = st.dictionaries(st.sampled_from(["id", "level", "by", "at", "for_s", "points"]), json_values)


@given(
    payload=st.binary(max_size=200) | (fields | json_values).map(lambda value: json.dumps(value).encode()),
    topic=st.text(max_size=40)
    | st.sampled_from(["light/a", "read/b", "x"]).map(f"{TOPICS.base}/command/".__add__),
    retain=st.booleans(),
    response=st.none() | st.text(max_size=30),
    expiry_s=st.none() | st.integers(0, 2**32 - 1),
)
def test_no_message_whatever_breaks_the_reader(
    payload: bytes, topic: str, retain: bool, response: str | None, expiry_s: int | None
) -> None:
    request = read_request(Incoming(topic, payload, retain, response, None, expiry_s), TOPICS, NOW)
    assert (request.command is None) == bool(request.reason)
    assert may_answer_to(request.address.topic)
    assert not (retain and request.command)


def test_an_alarm_is_acknowledged_by_its_own_id_with_a_note() -> None:
    alarm = "communication-failure-" + "x" * 32
    command = ask({"id": "c1", "by": "Hoa", "note": "on my way"}, f"acknowledge/{alarm}").command
    assert command is not None
    assert (command.verb, command.target, command.by) == ("acknowledge", alarm, "Hoa")
    assert command.arguments == (("note", "on my way"),)


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("acknowledge/Lamp", {"id": "c1"}, "unknown target"),
        ("acknowledge/" + "a" * 97, {"id": "c1"}, "unknown target"),
        ("acknowledge/a", {"id": "c1", "note": ""}, "note"),
        ("acknowledge/a", {"id": "c1", "note": "a\nb"}, "note"),
        ("acknowledge/a", {"id": "c1", "note": "x" * 201}, "note"),
        ("acknowledge/a", {"id": "c1", "note": 7}, "note"),
        ("acknowledge/a", {"id": "c1", "level": 7}, "unknown field"),
        ("light/communication-failure-lamp-quang-long-01", {"id": "c1", "level": 7}, "unknown target"),
    ],
)
def test_what_acknowledges_nothing_is_refused_with_the_reason(
    path: str, body: dict[str, object], word: str
) -> None:
    assert word in refused(ask(body, path))
