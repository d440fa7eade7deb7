"""Telling Home Assistant of devices over a link, showing lights, taking back what was told."""

import json
from typing import Any, cast

from cloud_sync.mqtt.discovery import Discovery, DiscoveryEnd
from cloud_sync.mqtt.ha_payload import HaDevice, HaNames
from cloud_sync.mqtt.payload import DeviceInfo
from edge.core.clock import SystemClock
from edge.core.lighting import LightSource, LightState, TargetState
from tests.cloud_sync.fake_link import FakeLink, Going, settle
from tests.cloud_sync.ha_devices import AIR, GROUP, LAMP, NAMES, point
from tests.real.gateway import Lamp


class Kept:
    """The Memory port, over restarts."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def recall(self, key: str) -> str | None:
        return self.values.get(key)

    def remember(self, key: str, value: str) -> None:
        self.values[key] = value


def discovery(
    link: FakeLink, *devices: HaDevice, memory: Kept | None = None, names: HaNames = NAMES
) -> tuple[Discovery, Lamp]:
    desk = Lamp()
    made = Discovery(
        cast(Any, link),
        names,
        devices,
        desk,
        SystemClock(),
        memory or Kept(),
        chance=lambda: 0.0,
        new_id=lambda: "ha-1",
    )
    return made, desk


CONFIGS = ["homeassistant/device/gw-a/gianh-gw-a/config"] + [
    f"homeassistant/device/gw-a/gianh-gw-a-{device}/config" for device in ("air-1", "lamp-7")
]


async def test_every_device_stands_retained_and_is_cleared_when_it_leaves() -> None:
    link = FakeLink()
    service, _ = discovery(link, LAMP, AIR)
    async with Going(service):
        link.connect()
        service.show(LightState("lamp-7", 40, LightSource.PROGRAM, None, True, None))
        service.show(LightState("air-1", 40, LightSource.PROGRAM, None, True, None))
        service.show(LightState("north", 40, LightSource.PROGRAM, None, True, None))
        await settle()
        assert sorted(link.retained) == ["gianh/v1/gw-a/ha/lamp-7/state", *sorted(CONFIGS)]
        service.update([AIR])
        await settle()
        assert sorted(link.retained) == sorted(CONFIGS[:2])


async def test_a_point_that_went_is_taken_out_by_name_once() -> None:
    link = FakeLink()
    service, _ = discovery(link, AIR)
    fewer = HaDevice(DeviceInfo("air-1", "pms5003", "Bụi", (point("pm2_5"),)))
    async with Going(service):
        link.connect()
        await settle()
        service.update([fewer])
        await settle()
        cmps = json.loads(link.retained[CONFIGS[1]])["cmps"]
        assert cmps["temperature"] == {"p": "sensor"}
        service.update([fewer])
        await settle()
        assert set(json.loads(link.retained[CONFIGS[1]])["cmps"]) == {"pm2_5"}


async def test_a_home_assistant_that_comes_back_is_told_everything_again() -> None:
    link = FakeLink()
    service, _ = discovery(link, LAMP, AIR)
    async with Going(service):
        link.connect()
        await settle()
        link.retained.clear()
        link.arrive("homeassistant/status", b"offline")
        await settle()
        assert link.retained == {}
        link.arrive("homeassistant/status", b"online")
        await settle()
    assert sorted(link.retained) == sorted(CONFIGS)


async def test_a_command_goes_to_the_desk_and_one_that_is_refused_does_not() -> None:
    link = FakeLink()
    service, desk = discovery(link, LAMP)
    async with Going(service):
        link.connect()
        await settle()
        link.arrive("gianh/v1/gw-a/ha/lamp-7/set", b'{"state":"ON","brightness":40}')
        link.arrive("gianh/v1/gw-a/ha/lamp-7/set", b'{"state":"OFF"}', retain=True)
        link.arrive("gianh/v1/gw-a/ha/lamp-7/set", b"nonsense")
        link.arrive("gianh/v1/gw-a/ha/lamp-7/set", b"")
        await settle()
    (command,) = desk.commands
    assert command.arguments == (("level", 40.0),)
    answers = [json.loads(m.payload) for m in link.sent if m.topic == "gianh/v1/gw-a/reply/home-assistant"]
    assert [answer["state"] for answer in answers] == ["accepted", "verified", "failed", "failed"]


async def test_a_group_is_shown_and_commanded_by_its_own_name() -> None:
    link = FakeLink()
    service, desk = discovery(link, GROUP)
    async with Going(service):
        link.connect()
        service.show(
            TargetState("centre", 40, 40, 40, LightSource.PROGRAM, None, True, None, lamps=3, failed=0)
        )
        await settle()
        link.arrive("gianh/v1/gw-a/ha/centre/set", b'{"state":"OFF"}')
        await settle()
    assert link.at("ha/centre/state") == {"state": "ON", "brightness": 40, "color_mode": "brightness"}
    assert [(command.target, command.arguments) for command in desk.commands] == [
        ("centre", (("level", 0.0),))
    ]


async def told(link: FakeLink, memory: Kept) -> None:
    """Tell of two devices, with a light's state, and end."""
    service, _ = discovery(link, LAMP, AIR, memory=memory)
    async with Going(service):
        link.connect()
        service.show(LightState("lamp-7", 40, LightSource.PROGRAM, None, True, None))
        await settle()
    assert len(link.retained) == 4


async def test_where_home_assistant_is_not_told_any_more_everything_is_taken_back_once() -> None:
    link, memory = FakeLink(), Kept()
    await told(link, memory)
    link.break_off()
    ending = DiscoveryEnd(cast(Any, link), "gw-a", memory)
    async with Going(ending):
        assert len(link.retained) == 4
        link.lose_next = True
        link.connect()
        await settle()
        link.connect()
        await settle()
        assert link.retained == {}
    sent = len(link.sent)
    await DiscoveryEnd(cast(Any, link), "gw-a", memory).run()
    assert len(link.sent) == sent


async def test_what_the_last_run_told_of_and_this_one_does_not_is_cleared() -> None:
    link, memory = FakeLink(), Kept()
    await told(link, memory)
    service, _ = discovery(link, AIR, memory=memory)
    async with Going(service):
        await settle()
    assert sorted(link.retained) == sorted(CONFIGS[:2])


async def test_another_prefix_takes_back_what_stood_under_the_old_one() -> None:
    link, memory = FakeLink(), Kept()
    await told(link, memory)
    service, _ = discovery(link, LAMP, AIR, memory=memory, names=HaNames("ha", "gw-a", "0.1.0"))
    async with Going(service):
        await settle()
    configs = [topic.replace("homeassistant/", "ha/", 1) for topic in CONFIGS]
    assert sorted(link.retained) == sorted([*configs, "gianh/v1/gw-a/ha/lamp-7/state"])
