import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.mqtt.topics import Topics, matches, may_answer_to

TOPICS = Topics("gw-a")


@pytest.mark.parametrize(
    ("topic_filter", "topic", "fits"),
    [
        ("a/b", "a/b", True),
        ("a/+", "a/b", True),
        ("a/+", "a/", True),
        ("a/+", "a", False),
        ("a/+", "a/b/c", False),
        ("+/b", "a/b", True),
        ("a/b", "a/c", False),
    ],
)
def test_a_topic_is_one_of_a_filters_level_by_level(topic_filter: str, topic: str, fits: bool) -> None:
    assert matches(topic_filter, topic) is fits


LEVEL = st.text(st.characters(exclude_characters="+#/\0", exclude_categories=["Cs"]), max_size=8)


@given(LEVEL)
def test_the_device_of_a_home_assistant_topic_is_found_again(device: str) -> None:
    assert TOPICS.ha_device(TOPICS.ha_set(device)) == (device or None)
    assert matches(TOPICS.ha_set("+"), TOPICS.ha_set(device))


@pytest.mark.parametrize(
    "topic", ["gianh/v1/gw-b/ha/lamp-7/set", "gianh/v1/gw-a/ha/lamp-7/state", "gianh/v1/gw-a/ha/a/b/set", "x"]
)
def test_other_topics_name_no_device(topic: str) -> None:
    assert TOPICS.ha_device(topic) is None


def test_no_answer_becomes_a_command_of_home_assistant() -> None:
    assert not may_answer_to(TOPICS.ha_set("lamp-7"))
    assert may_answer_to("town/answers")
