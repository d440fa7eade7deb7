"""The whole gateway, its lamps out of reach, as a broker and Home Assistant see it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from edge.config.schema import Config
from edge.console.api import create_app
from edge.core.clock import SystemClock
from edge.runtime.gateway import Gateway
from edge.wiring import Wiring
from tests.servers import Mosquitto, Subscriber, free_port, need, running

BASE = "gianh/v1/gw-a"
ALARM = f"{BASE}/alarm/bus-lost-cabinet-1"


def config(folder: Path, broker: Mosquitto, *alarms: dict[str, object]) -> Config:
    """A gateway with one lamp on a bus that nobody answers on."""
    return Config.model_validate(
        {
            "gateway": {
                "id": "gw-a",
                "latitude": 17.7556,
                "longitude": 106.4231,
                "data_dir": str(folder),
            },
            "mqtt": {"url": broker.url, "discovery": True},
            "bus": [{"id": "cabinet-1", "kind": "tcp", "host": "127.0.0.1", "port": free_port()}],
            "device": [{"id": "lamp-7", "profile": "intesis-dali", "bus": "cabinet-1", "nominal_w": 80}],
            "alarm": list(alarms),
        }
    )


AT_ONCE: dict[str, object] = {"kind": "bus_lost", "delay_s": 0}
OFF: dict[str, object] = {"kind": "bus_lost", "enabled": False}


@asynccontextmanager
async def gateway(settings: Config) -> AsyncIterator[Gateway]:
    made = Gateway(settings, Wiring(), SystemClock(), lambda: settings, "0.1.0")
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def stands(subscriber: Subscriber, topic: str, right: Callable[[Any], bool] = bool) -> Any:
    """The payload of the next message at this topic that is as wanted; None for an empty one."""
    async with asyncio.timeout(30):
        while True:
            _, where, payload = await subscriber.next(30)
            found = json.loads(payload) if payload else None
            if where == topic and right(found):
                return found


async def publish(broker: Mosquitto, topic: str, body: object, *more: str) -> None:
    program = need("mosquitto_pub", "mosquitto-clients")
    command = [program, "-V", "mqttv5", "-p", str(broker.port), "-q", "1", "-t", topic]
    text = body if isinstance(body, str) else json.dumps(body)
    process = await asyncio.create_subprocess_exec(*command, "-m", text, *more)
    assert await process.wait() == 0


@pytest.fixture
def broker(tmp_path: Path) -> Any:
    server = Mosquitto(tmp_path / "mosquitto")
    with running(server):
        yield server


EXPIRY = ("-D", "publish", "message-expiry-interval", "20")


async def test_an_alarm_is_seen_acknowledged_and_cleared_over_a_restart(
    tmp_path: Path, broker: Mosquitto
) -> None:
    async with Subscriber(broker.port, f"{BASE}/#") as subscriber:
        async with gateway(config(tmp_path / "data", broker, AT_ONCE)):
            alarm = await stands(subscriber, ALARM)
            assert (alarm["kind"], alarm["device"], alarm["severity"]) == ("bus_lost", "cabinet-1", "alarm")
            assert alarm["acknowledged"] is None
            body = {"id": "c1", "by": "hoa", "note": "on my way"}
            await publish(broker, f"{BASE}/command/acknowledge/bus-lost-cabinet-1", body, *EXPIRY)
            seen = await stands(subscriber, ALARM, lambda found: found["acknowledged"] is not None)
            assert seen["acknowledged"]["by"] == "hoa"
            assert seen["acknowledged"]["note"] == "on my way"
        async with gateway(config(tmp_path / "data", broker, AT_ONCE)):
            again = await stands(subscriber, ALARM)
            assert (again["at"], again["acknowledged"]) == (alarm["at"], seen["acknowledged"])
        async with gateway(config(tmp_path / "data", broker, OFF)):
            assert await stands(subscriber, ALARM, lambda found: found is None) is None


async def test_home_assistant_finds_the_lamp_and_its_command_comes_by_the_one_door(
    tmp_path: Path, broker: Mosquitto
) -> None:
    found = Subscriber(broker.port, "homeassistant/device/#")
    events = Subscriber(broker.port, f"{BASE}/event")
    replies = Subscriber(broker.port, f"{BASE}/reply/home-assistant")
    async with found, events, replies, gateway(config(tmp_path / "data", broker)):
        told = await stands(found, "homeassistant/device/gw-a/gianh-gw-a-lamp-7/config")
        light = told["cmps"]["light"]
        assert light["supported_color_modes"] == ["brightness"]
        await publish(broker, light["command_topic"], {"state": "ON", "brightness": 40})
        event = await stands(events, f"{BASE}/event", lambda one: one["kind"] == "command")
        fields = event["fields"]
        assert (fields["verb"], fields["target"], fields["by"]) == ("light", "lamp-7", "home-assistant")
        assert fields["level"] == 40
        await publish(broker, light["command_topic"], {"state": "OFF"}, "-r")
        refused = await stands(replies, f"{BASE}/reply/home-assistant", lambda one: "retained" in str(one))
        assert refused["state"] == "failed"
        await publish(broker, "homeassistant/status", "online")
        assert await stands(found, "homeassistant/device/gw-a/gianh-gw-a-lamp-7/config") == told


async def test_the_api_shows_alarms_and_the_socket_alone_acknowledges(
    tmp_path: Path, broker: Mosquitto
) -> None:
    clock = SystemClock()
    async with gateway(config(tmp_path / "data", broker, AT_ONCE)) as made:
        async with asyncio.timeout(20), made.rooms.alarms.watch() as alarms:  # type: ignore[union-attr]
            await anext(alarms)
        for acts, status in ((False, 404), (True, 200)):
            transport = httpx.ASGITransport(create_app(made, clock, acts))
            async with httpx.AsyncClient(transport=transport, base_url="http://gianh") as client:
                path = "/api/v1/alarms/bus-lost-cabinet-1/acknowledge?by=hoa&note=seen"
                answer = await client.post(path)
                assert answer.status_code == status
                (alarm,) = (await client.get("/api/v1/alarms")).json()
                assert alarm["id"] == "bus-lost-cabinet-1"
                assert (alarm["acknowledged"] is not None) == acts
                lamps = (await client.get("/api/v1/lamps")).json()
                assert [lamp["device"] for lamp in lamps] == ["lamp-7"]
                assert lamps[0]["counted"] == ["operating_hours", "switch_on_counter", "active_energy"]


async def test_a_lamp_that_leaves_the_configuration_leaves_the_broker_and_home_assistant(
    tmp_path: Path, broker: Mosquitto
) -> None:
    before = config(tmp_path / "data", broker)
    after = before.model_copy(update={"device": ()})
    topics = ("homeassistant/device/gw-a/gianh-gw-a-lamp-7/config", f"{BASE}/light/lamp-7/state")
    found, light = Subscriber(broker.port, "homeassistant/#"), Subscriber(broker.port, f"{BASE}/light/#")
    made = Gateway(before, Wiring(), SystemClock(), lambda: after, "0.1.0")
    async with found, light:
        await made.start()
        try:
            assert (await stands(light, topics[1]))["level"] == 100
            await stands(found, topics[0])
            await made.reload()
            assert await stands(found, topics[0], lambda told: told is None) is None
            assert await stands(light, topics[1], lambda told: told is None) is None
        finally:
            await made.stop()


async def test_a_group_and_a_feeder_are_lights_until_home_assistant_is_switched_off_by_reload(
    tmp_path: Path, broker: Mosquitto
) -> None:
    lamp = config(tmp_path / "data", broker).model_dump(mode="json")
    before = Config.model_validate(
        lamp
        | {
            "device": [*lamp["device"], {"id": "relays", "profile": "waveshare-relay-8", "bus": "cabinet-1"}],
            "group": [{"id": "centre", "devices": ["lamp-7", "market"]}],
            "segment": [{"id": "market", "relay": "relays", "point": "relay_4"}],
        }
    )
    assert before.mqtt is not None
    after = before.model_copy(update={"mqtt": before.mqtt.model_copy(update={"discovery": False})})
    names = ("", "-lamp-7", "-relays", "-centre", "-market")
    topics = {f"homeassistant/device/gw-a/gianh-gw-a{name}/config" for name in names}
    found, light = Subscriber(broker.port, "homeassistant/#"), Subscriber(broker.port, f"{BASE}/light/#")
    made = Gateway(before, Wiring(), SystemClock(), lambda: after, "0.1.0")
    async with found, light:
        await made.start()
        try:
            state = await stands(light, f"{BASE}/light/centre/state", lambda told: told["lamps"] == 2)
            assert (state["level"], state["source"], state["verified"]) == (100, "default", False)
            told = [await found.next(30) for _ in topics]
            assert {topic for _, topic, _ in told} == topics
            await made.reload()
            cleared = [await found.next(30) for _ in topics]
            assert {(topic, payload) for _, topic, payload in cleared} == {(topic, "") for topic in topics}
        finally:
            await made.stop()


async def test_the_api_lists_what_stands_for_several_lamps(tmp_path: Path, broker: Mosquitto) -> None:
    async with gateway(config(tmp_path / "data", broker)) as made:
        assert made.rooms.lights is not None
        async with asyncio.timeout(20), made.rooms.lights.targets.watch() as targets:
            await anext(targets)
        transport = httpx.ASGITransport(create_app(made, SystemClock(), acts=False))
        async with httpx.AsyncClient(transport=transport, base_url="http://gianh") as client:
            (target,) = (await client.get("/api/v1/light-targets")).json()
    assert (target["target"], target["level"], target["lamps"], target["failed"]) == ("gw-a", 100, 1, 0)
