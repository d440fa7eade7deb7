import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.mqtt import link as link_module
from cloud_sync.mqtt.message import Outgoing
from cloud_sync.mqtt.publisher import MqttPublisher
from cloud_sync.mqtt.states import MqttStates
from cloud_sync.mqtt.wire import TakenOver
from edge.core.errors import LinkDown, PermanentError
from edge.core.model import DeviceState, EventKind, Layout, SampleRow, Severity
from tests.cloud_sync.rows import event, sample
from tests.real.gateway import Gateway, Live, going, heard, until
from tests.servers import Mosquitto, Subscriber, certificate, running

SAMPLES = "gianh/v1/gw-a/device/+/sample"
STATUS = "gianh/v1/gw-a/status"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    server = Mosquitto(tmp_path / "mosquitto")
    with running(server):
        yield server


def rows(count: int, device: str = "meter-1", first: int = 0) -> list[SampleRow]:
    layout = Layout(device, "meter", ("supply_voltage", "active_power"), ())
    return [sample(first + n, layout=layout) for n in range(count)]


async def test_a_burst_of_5000_rows_arrives_each_with_its_receipt(broker: Mosquitto) -> None:
    gateway = Gateway(broker)
    async with Subscriber(broker.port, SAMPLES) as subscriber, going(gateway.link):
        delivery = await MqttPublisher(gateway.link, gateway.clock, 1e12).deliver_samples(rows(5000))
        messages = await heard(subscriber, 5000)
    assert delivery.trouble is None
    assert list(delivery.done) == list(range(5000))
    assert [message["seq"] for message in messages] == list(range(5000))
    assert messages[0]["v"] == {"supply_voltage": 230.1, "active_power": 5}


async def test_an_old_sample_is_marked_late(broker: Mosquitto) -> None:
    gateway = Gateway(broker)
    now_ns = gateway.clock.utc_ns()
    two = [sample(1, at_ns=now_ns - 90 * 10**9), sample(2, at_ns=now_ns)]
    async with Subscriber(broker.port, SAMPLES) as subscriber, going(gateway.link):
        await MqttPublisher(gateway.link, gateway.clock, 60).deliver_samples(two)
        first, second = await heard(subscriber, 2)
    assert first["late"] is True
    assert "late" not in second


async def test_events_go_to_the_event_topic(broker: Mosquitto) -> None:
    gateway = Gateway(broker)
    async with Subscriber(broker.port, "gianh/v1/gw-a/event") as subscriber, going(gateway.link):
        delivery = await MqttPublisher(gateway.link, gateway.clock, 60).deliver_events([event(3)])
        (message,) = await heard(subscriber, 1)
    assert list(delivery.done) == [3]
    assert (message["kind"], message["subject"]) == ("device_lost", "meter-1")


async def test_a_denied_publish_keeps_its_row_and_lets_the_others_go(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite gianh/v1/gw-a/status\ntopic write gianh/v1/gw-a/device/good/sample\n")
    broker = Mosquitto(tmp_path / "mosquitto", f"acl_file {acl}")
    with running(broker):
        gateway = Gateway(broker)
        async with going(gateway.link):
            publisher = MqttPublisher(gateway.link, gateway.clock, 60)
            delivery = await publisher.deliver_samples([*rows(3, "good"), *rows(2, "bad", first=10)])
    assert list(delivery.done) == [0, 1, 2]
    assert delivery.rejected == []
    assert isinstance(delivery.trouble, PermanentError)
    assert not delivery.logged
    assert "gianh/v1/gw-a/device/bad/sample" in str(delivery.trouble)
    assert gateway.link.status().denied == 2


async def test_a_message_too_large_for_the_broker_is_set_aside_and_the_link_stays(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path / "mosquitto", "max_packet_size 2000")
    wide = Layout("wide", "air", tuple(f"point_{n}" for n in range(200)), ())
    with running(broker):
        gateway = Gateway(broker)
        async with going(gateway.link):
            publisher = MqttPublisher(gateway.link, gateway.clock, 60)
            delivery = await publisher.deliver_samples([sample(1), sample(2, *["1.5"] * 200, layout=wide)])
            assert gateway.link.connected
    assert list(delivery.done) == [1]
    assert [rejection.seq for rejection in delivery.rejected] == [2]
    assert delivery.trouble is None


async def test_a_payload_over_the_brokers_limit_is_set_aside_by_its_receipt(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path / "mosquitto", "message_size_limit 500")
    wide = Layout("wide", "air", tuple(f"point_{n}" for n in range(200)), ())
    with running(broker):
        gateway = Gateway(broker)
        async with going(gateway.link):
            publisher = MqttPublisher(gateway.link, gateway.clock, 60)
            delivery = await publisher.deliver_samples([sample(1), sample(2, *["1.5"] * 200, layout=wide)])
    assert list(delivery.done) == [1]
    assert [rejection.seq for rejection in delivery.rejected] == [2]


async def test_nothing_is_lost_when_the_broker_is_killed_in_the_middle(broker: Mosquitto) -> None:
    gateway = Gateway(broker)
    owed = rows(3000)
    arrived: set[object] = set()
    async with going(gateway.link):
        publisher = MqttPublisher(gateway.link, gateway.clock, 60)
        async with Subscriber(broker.port, SAMPLES) as subscriber:
            sending = asyncio.create_task(publisher.deliver_samples(owed))
            arrived |= {message["seq"] for message in await heard(subscriber, 300)}
            broker.kill()
            first = await sending
        assert isinstance(first.trouble, LinkDown)
        assert first.logged
        assert len(first.done) < len(owed)
        broker.start()
        rest = [row for row in owed if row.seq not in set(first.done)]
        async with Subscriber(broker.port, SAMPLES) as subscriber:
            delivery = await publisher.deliver_samples(rest)
            while delivery.trouble is not None:
                delivery = await publisher.deliver_samples(rest)
            again = {message["seq"] for message in await heard(subscriber, len(rest))}
    assert set(first.done) | again == set(range(3000))


async def test_trouble_is_told_once_and_then_waited_out(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path / "mosquitto")
    gateway = Gateway(broker)
    async with going(gateway.link):
        publisher = MqttPublisher(gateway.link, gateway.clock, 60)
        told = await publisher.deliver_samples(rows(1))
        assert isinstance(told.trouble, LinkDown)
        assert told.logged
        assert f"127.0.0.1:{broker.port}" in str(told.trouble)
        waiting = asyncio.create_task(publisher.deliver_samples(rows(1)))
        with running(broker):
            assert list((await waiting).done) == [0]


async def test_status_is_online_then_offline_and_both_are_retained(broker: Mosquitto) -> None:
    gateway = Gateway(broker)
    async with going(gateway.link):
        await gateway.link.until_connected()
        async with Subscriber(broker.port, STATUS) as subscriber:
            retained, _, online = await subscriber.next()
    async with Subscriber(broker.port, STATUS) as subscriber:
        offline = json.loads((await subscriber.next())[2])
    assert retained
    assert json.loads(online)["state"] == "online"
    assert (offline["state"], offline["boot_id"], offline["version"]) == ("offline", "b1", "0.1.0")


async def test_the_will_says_offline_when_the_gateway_vanishes(broker: Mosquitto) -> None:
    gateway = Gateway(broker, boot_id="b7")
    async with going(gateway.link):
        await gateway.link.until_connected()
        async with Subscriber(broker.port, STATUS) as subscriber:
            await subscriber.next()
            wire = gateway.link._wire
            assert wire is not None
            wire._client._sock_close()
            will = json.loads((await subscriber.next())[2])
    assert (will["state"], will["boot_id"]) == ("offline", "b7")


async def test_the_greeting_is_published_retained_on_every_connection(broker: Mosquitto) -> None:
    gateway = Gateway(broker)
    gateway.greeting = [Outgoing("gianh/v1/gw-a/device/meter-1/info", b"{}", retain=True)]
    async with going(gateway.link):
        for connection in (1, 2):
            await until(gateway.link, lambda n=connection: gateway.link.session == n)  # type: ignore[misc]
            async with Subscriber(broker.port, "gianh/v1/gw-a/device/+/info") as subscriber:
                assert (await subscriber.next())[0]
            if connection == 1:
                broker.kill()
                broker.start()


async def test_states_are_retained_and_come_again_on_a_new_connection(broker: Mosquitto) -> None:
    gateway = Gateway(broker)
    live = Live(DeviceState("lamp-1", True, 10**18, (("level", 40.0),)))
    topic = "gianh/v1/gw-a/device/+/state"
    async with going(gateway.link, MqttStates(gateway.link, live, gateway.clock, 1)):
        await gateway.link.until_connected()
        async with Subscriber(broker.port, topic) as subscriber:
            assert (await heard(subscriber, 1))[0]["v"] == {"level": 40.0}
            live.put(DeviceState("lamp-1", True, 2 * 10**18, (("level", 80.0),)))
            assert (await heard(subscriber, 1))[0]["v"] == {"level": 80.0}
        broker.kill()
        await until(gateway.link, lambda: gateway.link.trouble is not None)
        broker.start()
        async with Subscriber(broker.port, topic) as subscriber:
            _, name, payload = await subscriber.next()
    assert name == "gianh/v1/gw-a/device/lamp-1/state"
    assert json.loads(payload)["v"] == {"level": 80.0}


async def test_a_broker_that_falls_silent_is_noticed_within_one_and_a_half_keepalives(
    broker: Mosquitto,
) -> None:
    gateway = Gateway(broker, keepalive_s=5)
    async with going(gateway.link):
        await gateway.link.until_connected()
        broker.pause()
        began_ns = gateway.clock.mono_ns()
        await until(gateway.link, lambda: not gateway.link.connected)
        noticed_s = (gateway.clock.mono_ns() - began_ns) / 1e9
        broker.go_on()
    assert noticed_s <= 7.5 + 0.5


async def test_two_gateways_with_one_id_raise_an_alarm_and_do_not_fight(broker: Mosquitto) -> None:
    first, second = Gateway(broker), Gateway(broker, boot_id="b2")
    async with going(first.link, second.link):
        async with asyncio.timeout(30):
            while not first.events and not second.events:
                await asyncio.wait(
                    [asyncio.create_task(gateway.link.changed()) for gateway in (first, second)],
                    return_when=asyncio.FIRST_COMPLETED,
                )
        loser = first if first.events else second
        assert isinstance(loser.link.trouble, TakenOver)
    alarm = loser.events[0]
    assert (alarm.kind, alarm.severity) == (EventKind.TARGET_REFUSES, Severity.ALARM)
    assert "client_id" in alarm.text
    assert first.link.session + second.link.session <= 2 * link_module.SHORT_MAX
    assert link_module.TAKEN_OVER_RETRY.wait_s(1, lambda: 0.0) >= 15


async def test_a_wrong_password_is_permanent_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    passwords = tmp_path / "passwords"
    passwords.write_text("")
    broker = Mosquitto(tmp_path / "mosquitto", f"allow_anonymous false\npassword_file {passwords}")
    with running(broker):
        gateway = Gateway(broker, username="gw-a", password_file=tmp_path / "secret")
        async with going(gateway.link):
            await until(gateway.link, lambda: gateway.link.trouble is not None)
    assert isinstance(gateway.link.trouble, PermanentError)
    assert "password" in str(gateway.link.trouble)
    assert "hunter2" not in str(gateway.link.trouble)


async def test_over_tls_only_a_trusted_broker_is_spoken_to(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    broker = Mosquitto(tmp_path / "mosquitto", f"certfile {cert}\nkeyfile {key}")
    url = f"mqtts://127.0.0.1:{broker.port}"
    with running(broker):
        trusting, distrusting = Gateway(broker, url=url, ca_file=cert), Gateway(broker, url=url)
        async with going(trusting.link, distrusting.link):
            await trusting.link.until_connected()
            await until(distrusting.link, lambda: distrusting.link.trouble is not None)
            delivery = await MqttPublisher(trusting.link, trusting.clock, 60).deliver_samples(rows(500))
    assert len(delivery.done) == 500
    assert isinstance(distrusting.link.trouble, PermanentError)
    assert "ca_file" in str(distrusting.link.trouble)


async def test_mutual_tls_needs_the_gateways_own_certificate(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    own, own_key = certificate(tmp_path, "gw-a")
    lines = f"certfile {cert}\nkeyfile {key}\ncafile {own}\nrequire_certificate true"
    broker = Mosquitto(tmp_path / "mosquitto", lines)
    tls = {"url": f"mqtts://127.0.0.1:{broker.port}", "ca_file": cert}
    with running(broker):
        known, unknown = Gateway(broker, **tls, cert_file=own, key_file=own_key), Gateway(broker, **tls)
        async with going(known.link, unknown.link):
            await known.link.until_connected()
            await until(unknown.link, lambda: unknown.link.trouble is not None)
            assert not unknown.link.connected


async def test_a_missing_certificate_file_is_named(tmp_path: Path) -> None:
    gateway = Gateway(Mosquitto(tmp_path), url="mqtts://127.0.0.1:1", ca_file=tmp_path / "none.crt")
    async with going(gateway.link):
        await until(gateway.link, lambda: gateway.link.trouble is not None)
    assert isinstance(gateway.link.trouble, PermanentError)
    assert "none.crt" in str(gateway.link.trouble)
