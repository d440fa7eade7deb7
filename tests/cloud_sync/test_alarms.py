from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, cast

from cloud_sync.mqtt.alarms import MqttAlarms
from edge.core.alarms import Acknowledgement, Alarm, AlarmKind
from edge.core.model import Severity
from edge.core.watchers import Watchers
from tests.cloud_sync.fake_link import FakeLink, Going, settle
from tests.cloud_sync.rows import AT_NS

DARK = Alarm(
    "lamp-failure-lamp-7", AlarmKind.LAMP_FAILURE, "lamp-7", Severity.ALARM, "lamp-7 is dark", AT_NS, 3.0
)
TOPIC = "gianh/v1/gw-a/alarm/lamp-failure-lamp-7"


class Board:
    def __init__(self, *alarms: Alarm) -> None:
        self.of = {alarm.id: alarm for alarm in alarms}
        self.watchers: Watchers[Alarm] = Watchers(self.of.get)

    def active(self) -> list[Alarm]:
        return [alarm for alarm in self.of.values() if alarm.active]

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[Alarm]]:
        return self.watchers.watch([alarm.id for alarm in self.active()])

    async def say(self, alarm: Alarm) -> None:
        self.of[alarm.id] = alarm
        self.watchers.tell(alarm.id)
        await settle()


def service(link: FakeLink, board: Board) -> MqttAlarms:
    return MqttAlarms(cast(Any, link), board)


async def test_an_alarm_stands_retained_while_it_lasts_and_is_cleared_by_an_empty_message() -> None:
    link, board = FakeLink(), Board()
    async with Going(service(link, board)):
        link.connect()
        await board.say(DARK)
        assert link.at("alarm/lamp-failure-lamp-7") == {
            "at": "2026-09-21T14:13:20.123456789Z",
            "kind": "lamp_failure",
            "device": "lamp-7",
            "severity": "alarm",
            "value": 3.0,
            "acknowledged": None,
            "text": "lamp-7 is dark",
        }
        await board.say(replace(DARK, acknowledged=Acknowledgement("hoa", "seen", None)))
        seen = link.at("alarm/lamp-failure-lamp-7")["acknowledged"]
        assert seen == {"by": "hoa", "note": "seen", "at": None}
        await board.say(replace(DARK, active=False))
        assert link.retained == {}
        assert (link.sent[-1].topic, link.sent[-1].payload, link.sent[-1].retain) == (TOPIC, b"", True)


async def test_a_new_connection_brings_what_stands_and_clears_what_ended_meanwhile() -> None:
    link, board = FakeLink(), Board(DARK)
    other = replace(DARK, id="lamp-failure-lamp-8", device="lamp-8")
    async with Going(service(link, board)):
        link.connect()
        await settle()
        await board.say(other)
        link.break_off()
        await board.say(replace(other, active=False))
        link.connect()
        await settle()
        assert list(link.retained) == [TOPIC]
        link.break_off()
        link.retained.clear()
        link.connect()
        await settle()
        assert list(link.retained) == [TOPIC]


async def test_an_alarm_that_an_earlier_run_left_behind_is_cleared() -> None:
    link = FakeLink()
    elsewhere = "gianh/v1/gw-b/alarm/x"
    link.retained = dict.fromkeys(("gianh/v1/gw-a/alarm/bus-lost-bus-9", TOPIC, elsewhere), b"{}")
    async with Going(service(link, Board(DARK))):
        link.connect()
        await settle()
    assert set(link.retained) == {TOPIC, elsewhere}
    assert link.at("alarm/lamp-failure-lamp-7")["device"] == "lamp-7"


async def test_what_was_lost_with_the_connection_is_sent_again_unless_something_newer_stands() -> None:
    link, board = FakeLink(), Board()
    async with Going(service(link, board)):
        link.connect()
        await settle()
        link.lose_next = True
        await board.say(DARK)
        assert link.retained == {}
        await board.say(replace(DARK, value=9.0))
        link.connect()
        await settle()
    assert link.at("alarm/lamp-failure-lamp-7")["value"] == 9.0
