import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.mqtt.commands import MqttCommands
from tests.real.gateway import Gateway, Lamp, going
from tests.servers import Mosquitto, Subscriber, need, running

BASE = "gianh/v1/gw-a/command"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    server = Mosquitto(tmp_path / "mosquitto")
    with running(server):
        yield server


async def tool(name: str, broker: Mosquitto, *arguments: str) -> str:
    program = need(name, "mosquitto-clients")
    process = await asyncio.create_subprocess_exec(
        program, "-V", "mqttv5", "-p", str(broker.port), *arguments, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(20):
        output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()


async def ask(broker: Mosquitto, path: str, body: object, *more: str) -> dict[str, object]:
    """Request and first answer by mosquitto_rr."""
    text = body if isinstance(body, str) else json.dumps(body)
    output = await tool(
        "mosquitto_rr", broker, "-q", "1", "-t", f"{BASE}/{path}", "-e", "town/answers", "-m", text, *more
    )
    found = json.loads(output)
    assert isinstance(found, dict)
    return found


EXPIRY = ("-D", "publish", "message-expiry-interval", "20")


async def test_a_command_reaches_the_desk_and_is_answered_to_who_asked(broker: Mosquitto) -> None:
    gateway, lamp = Gateway(broker), Lamp()
    async with going(gateway.link, MqttCommands(gateway.link, lamp, gateway.clock)):
        await gateway.link.until_connected()
        answer = await ask(broker, "light/lamp-1", {"id": "c1", "level": 40, "by": "hoa"}, *EXPIRY)
    assert answer == {"id": "c1", "state": "accepted"}
    (command,) = lamp.commands
    assert (command.verb, command.target, command.arguments) == ("light", "lamp-1", (("level", 40.0),))
    left_s = (command.deadline_mono_ns - command.received.mono_ns) / 1e9
    assert 15 <= left_s <= 20


async def test_all_answers_come_in_order_with_the_correlation_data(broker: Mosquitto) -> None:
    gateway, lamp = Gateway(broker), Lamp()
    async with (
        Subscriber(broker.port, "town/answers") as subscriber,
        going(gateway.link, MqttCommands(gateway.link, lamp, gateway.clock)),
    ):
        await gateway.link.until_connected()
        properties = ("-D", "publish", "response-topic", "town/answers")
        body = json.dumps({"id": "c1", "level": 40})
        await tool(
            "mosquitto_pub", broker, "-q", "1", "-t", f"{BASE}/light/lamp-1", "-m", body, *properties, *EXPIRY
        )
        states = [json.loads((await subscriber.next())[2])["state"] for _ in range(2)]
    assert states == ["accepted", "verified"]


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("explode/lamp-1", {"id": "c1"}, "unknown verb"),
        ("light/lamp-1", {"id": "c1", "level": 400}, "0 to 100"),
        ("light/lamp-1", "not json", "JSON"),
        ("light/lamp-1", "[" * 10_000, "JSON"),
    ],
)
async def test_what_cannot_be_done_is_answered_failed_and_the_link_stays(
    broker: Mosquitto, path: str, body: object, word: str
) -> None:
    gateway, lamp = Gateway(broker), Lamp()
    commands = MqttCommands(gateway.link, lamp, gateway.clock)
    async with going(gateway.link, commands):
        await gateway.link.until_connected()
        answer = await ask(broker, path, body, *EXPIRY)
        assert gateway.link.connected
        assert gateway.link.session == 1
    assert answer["state"] == "failed"
    assert word in str(answer["reason"])
    assert (lamp.commands, commands.counts.refused) == ([], 1)


async def test_a_retained_command_is_refused_before_and_after_the_gateway_comes(broker: Mosquitto) -> None:
    gateway, lamp = Gateway(broker), Lamp()
    stale = json.dumps({"id": "old", "level": 0, "by": "hoa"})
    fresh = json.dumps({"id": "new", "level": 0, "by": "hoa"})
    send = ("-q", "1", "-t", f"{BASE}/light/lamp-1", *EXPIRY)
    await tool("mosquitto_pub", broker, *send, "-r", "-m", stale)
    async with (
        Subscriber(broker.port, "gianh/v1/gw-a/reply/hoa") as subscriber,
        going(gateway.link, MqttCommands(gateway.link, lamp, gateway.clock)),
    ):
        await gateway.link.until_connected()
        await tool("mosquitto_pub", broker, *send, "-r", "-m", fresh)
        answer = json.loads((await subscriber.next())[2])
    assert (answer["id"], answer["state"]) == ("new", "failed")
    assert "retain" in answer["reason"]
    assert lamp.commands == []


async def test_an_expired_command_never_arrives(broker: Mosquitto) -> None:
    gateway, lamp = Gateway(broker), Lamp()
    async with going(gateway.link, MqttCommands(gateway.link, lamp, gateway.clock)):
        await gateway.link.until_connected()
        old = {"id": "c1", "level": 40, "at": "2026-01-01T00:00:00Z"}
        await ask(broker, "light/lamp-1", old)
    assert all(command.deadline_mono_ns < command.received.mono_ns for command in lamp.commands)
