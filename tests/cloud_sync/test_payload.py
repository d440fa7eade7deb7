import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.mqtt.payload import (
    DeviceInfo,
    PointInfo,
    SamplePayloads,
    event_payload,
    info_payload,
    outcome_payload,
    sample_payload,
    state_payload,
    status_payload,
)
from cloud_sync.mqtt.topics import Topics
from edge.core.model import CommandState, DeviceState, Layout, Outcome, Quality, SampleRow
from edge.core.times import from_rfc3339, rfc3339
from tests.cloud_sync.rows import AT_NS, event, sample

AT = "2026-09-21T14:13:20.123456789Z"
number = st.floats(allow_nan=False, allow_infinity=False)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def test_a_sample_says_when_and_what() -> None:
    assert sample_payload(sample(0, "230.1", "5"), late=False) == (
        f'{{"at":"{AT}","seq":0,"v":{{"supply_voltage":230.1,"active_power":5}}}}'.encode()
    )


def test_a_sample_goes_to_its_devices_topic() -> None:
    assert SamplePayloads(Topics("gw-a")).message(sample(0), late=False)[0] == (
        "gianh/v1/gw-a/device/meter-1/sample"
    )


def test_a_late_sample_says_so() -> None:
    assert json.loads(sample_payload(sample(0), late=True))["late"] is True


@given(
    values=st.dictionaries(st.text(min_size=1, max_size=10), st.none() | number, max_size=6),
    late=st.booleans(),
    data=st.data(),
)
def test_every_sample_is_json_with_the_values_that_are_there(
    values: dict[str, float | None], late: bool, data: st.DataObject
) -> None:
    layout = Layout("d", "m", tuple(values), ())
    texts = tuple("" if value is None else repr(value) for value in values.values())
    at = data.draw(st.lists(st.integers(0, len(values) - 1), unique=True)) if values else []
    row = SampleRow(7, AT_NS, layout, texts, tuple((index, Quality.SUSPECT) for index in at))
    found = json.loads(sample_payload(row, late))
    assert found["v"] == {name: value for name, value in values.items() if value is not None}
    assert found.get("q", {}) == {layout.names[index]: "suspect" for index in at}
    assert (found["at"], found["seq"], found.get("late", False)) == (AT, 7, late)


def test_a_state_gives_the_last_known_good_and_what_is_not_known_as_null() -> None:
    known = DeviceState("meter-1", True, AT_NS, (("active_power", 5.0),), (("active_power", Quality.BAD),))
    assert json.loads(state_payload(known)) == {
        "at": AT,
        "online": True,
        "v": {"active_power": 5.0},
        "q": {"active_power": "bad"},
    }
    unknown = DeviceState("meter-1", None, None, (("active_power", float("nan")),))
    assert json.loads(state_payload(unknown)) == {"at": None, "online": None, "v": {}}


def test_info_tells_all_that_is_needed_to_read_samples() -> None:
    point = PointInfo("active_power", "W", "W", "gauge", "Active power", "Công suất")
    info = DeviceInfo("meter-1", "eastron-sdm630", "Tủ 1", (point,), (("commune", "quang-long"),), "meter")
    assert json.loads(info_payload(info)) == {
        "profile": "eastron-sdm630",
        "class": "meter",
        "title": "Tủ 1",
        "place": {"commune": "quang-long"},
        "points": {
            "active_power": {
                "unit": "W",
                "display": "W",
                "kind": "gauge",
                "label": {"en": "Active power", "vi": "Công suất"},
            }
        },
    }


@given(words=text, value=st.floats())
def test_events_and_outcomes_are_json_whatever_they_say(words: str, value: float) -> None:
    assert json.loads(event_payload(event(text=words, value=value)))["text"] == words
    outcome = Outcome("c1", CommandState.FAILED, words, (("level", value),))
    found = json.loads(outcome_payload(outcome))
    assert (found["id"], found["state"], found.get("reason", "")) == ("c1", "failed", words)


def test_what_a_command_brought_never_hides_what_became_of_it() -> None:
    outcome = Outcome("c1", CommandState.VERIFIED, "", (("state", "bogus"), ("level", 40.0)))
    assert json.loads(outcome_payload(outcome)) == {"id": "c1", "state": "verified", "level": 40.0}


def test_status_says_which_run_it_speaks_of() -> None:
    assert json.loads(status_payload(False, None, "0.1.0", "b1")) == {
        "state": "offline",
        "at": None,
        "version": "0.1.0",
        "boot_id": "b1",
    }


@given(at_ns=st.integers(0, 4_000_000_000 * 10**9))
def test_time_comes_back_to_the_microsecond(at_ns: int) -> None:
    assert from_rfc3339(rfc3339(at_ns)) == at_ns // 1000 * 1000


@given(moment=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_time_is_what_the_standard_library_reads(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    ns = round(moment.timestamp()) * 10**9
    assert datetime.fromisoformat(rfc3339(ns)).timestamp() == round(moment.timestamp())
