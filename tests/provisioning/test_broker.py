import asyncio
import datetime as dt
import json
import os
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from cloud_sync.mqtt.message import Outgoing
from cloud_sync.mqtt.publisher import MqttPublisher
from edge.core.errors import ConfigError, TransientError
from provisioning.broker.acl import access_rules
from provisioning.broker.setup import BrokerSetup, Wish, reload_broker
from provisioning.ca.give import issue_role
from provisioning.ca.keys import new_key
from provisioning.ca.profiles import Kind, Role
from tests.cloud_sync.rows import sample
from tests.provisioning.mosquitto import Client, TownBroker, publish
from tests.provisioning.town import Calendar, authority, gateway, settings
from tests.real.gateway import Gateway, going, until
from tests.servers import Subscriber, certificate, free_port, need, running

DENIED = "135"
"""Not authorized (MQTT 5 §3.4.2.1)."""

TOO_LARGE = "149"
NOBODY_LISTENS = 16
"""Taken, and there is no subscriber: a success."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownBroker]:
    """One broker for all tests that change nothing of it."""
    folder = tmp_path_factory.mktemp("town")
    ca = authority(folder / "ca", settings(mqtt_port=free_port()))
    town = TownBroker(ca, folder)
    town.members = {  # type: ignore[attr-defined]
        name: town.client(name) for name in ("gw-a", "gw-b", *(f"centre@{role}" for role in Role))
    }
    with running(town):
        yield town


def member(broker: TownBroker, name: str) -> Client:
    return broker.members[name]  # type: ignore[attr-defined,no-any-return]


def link(broker: TownBroker, client: Client) -> Gateway:
    """Our own client, as gw-a."""
    return Gateway(
        broker,  # type: ignore[arg-type]
        ca_file=client.root,
        cert_file=client.cert,
        key_file=client.key,
    )


CONSOLE, OPERATOR, READER, FLEET, HOME = (f"centre@{role}" for role in Role)
WHO = ("gw-a", CONSOLE, OPERATOR, READER, FLEET, HOME)
RIGHTS = {
    "gianh/v1/gw-a/status": ("gw-a",),
    "gianh/v1/gw-a/device/meter-1/sample": ("gw-a",),
    "gianh/v1/gw-b/status": (),
    "gianh/v1/gw-a-2/status": (),
    "gianh/v1/gw-b/command/light/lamp-1": (CONSOLE, OPERATOR),
    "gianh/v1/gw-b/command/configure/gw-b": (FLEET,),
    "gianh/v1/gw-b/command": (),
    "gianh/v1/gw-b/alarm/door": (),
    "gianh/v1/status": (),
    "elsewhere": (),
    "homeassistant/device/gw-a/gianh-gw-a-lamp-7/config": ("gw-a",),
    "homeassistant/device/gw-a/lamp-7": (),
    "homeassistant/device/gw-b/gianh-gw-a-lamp-7/config": (),
    "homeassistant/device/gianh-gw-a-lamp-7/config": (),
    "homeassistant/light/gw-a/lamp-7/config": (),
    "homeassistant/status": (HOME,),
    "gianh/v1/gw-b/ha/lamp-1/set": (HOME,),
    "gianh/v1/gw-b/ha/lamp-1/state": (),
    "$SYS/broker/uptime": (),
}
"""Who may publish what; the tests expect a refusal of everybody else."""


@pytest.mark.parametrize("who", WHO)
def test_everybody_publishes_what_is_theirs_and_nothing_else(broker: TownBroker, who: str) -> None:
    client = member(broker, who)
    answers = {topic: publish(broker.port, client, topic) for topic in RIGHTS}
    wanted = {topic: "0" if who in allowed else DENIED for topic, allowed in RIGHTS.items()}
    # Whatever is published to $SYS is for the broker alone: it takes it in silence.
    assert {topic: code for topic, code in answers.items() if topic[0] != "$"} == {
        topic: code for topic, code in wanted.items() if topic[0] != "$"
    }


async def hears(broker: TownBroker, who: str, topic: str, *senders: tuple[str, str]) -> list[str]:
    """What somebody hears of what others send one after the other; the last is heard by all who are asked."""
    async with Subscriber(broker.port, topic, *member(broker, who).options) as subscriber:
        for sender, to in senders:
            await asyncio.to_thread(publish, broker.port, member(broker, sender), to)
        heard: list[str] = []
        while not heard or heard[-1] != senders[-1][1]:
            retained, name, _ = await subscriber.next()
            if not retained:
                heard.append(name)
        return heard


async def test_a_gateway_hears_its_own_commands_and_nothing_of_others(broker: TownBroker) -> None:
    sent = (
        ("gw-b", "gianh/v1/gw-b/device/meter-1/sample"),
        (OPERATOR, "gianh/v1/gw-b/command/read/meter-1"),
        (FLEET, "gianh/v1/gw-a/command/configure/gw-a"),
        (CONSOLE, "gianh/v1/gw-a/command/read/meter-1"),
    )
    assert await hears(broker, "gw-a", "#", *sent) == [sent[2][1], sent[3][1]]


async def test_the_centre_hears_what_is_its_own(broker: TownBroker) -> None:
    sent = (
        (OPERATOR, "gianh/v1/gw-b/command/read/meter-1"),
        (FLEET, "gianh/v1/gw-b/command/configure/gw-b"),
        ("gw-b", "gianh/v1/gw-b/device/meter-1/sample"),
        ("gw-b", "gianh/v1/gw-b/config"),
        ("gw-b", "gianh/v1/gw-b/status"),
    )
    command, configure, taken, config, status = (topic for _, topic in sent)
    everything = "gianh/v1/gw-b/#"
    assert await hears(broker, READER, everything, *sent) == [taken, config, status]
    assert await hears(broker, CONSOLE, everything, *sent) == [command, taken, config, status]
    assert await hears(broker, FLEET, everything, *sent) == [config, status]
    assert configure


async def test_the_brokers_own_figures_are_for_console_and_reader(broker: TownBroker) -> None:
    for who in (CONSOLE, READER):
        options = member(broker, who).options
        async with Subscriber(broker.port, "$SYS/broker/version", *options) as subscriber:
            assert (await subscriber.next())[1] == "$SYS/broker/version"
    sent = (CONSOLE, "gianh/v1/gw-a/command/read/meter-1")
    options = ["-t", "gianh/v1/gw-a/command/#", *member(broker, "gw-a").options]
    async with Subscriber(broker.port, "$SYS/broker/version", *options) as subscriber:
        await asyncio.to_thread(publish, broker.port, member(broker, sent[0]), sent[1])
        assert (await subscriber.next())[1] == sent[1]


async def test_a_will_for_another_gateways_topic_is_not_delivered(broker: TownBroker) -> None:
    will = ("--will-topic", "gianh/v1/gw-b/status", "--will-payload", "no")
    thief = [*member(broker, "gw-a").options, "-i", "thief", *will]
    async with Subscriber(broker.port, "gianh/v1/gw-b/status", *member(broker, READER).options) as heard:
        victim = await Subscriber(broker.port, "gianh/v1/gw-a/#", *thief).__aenter__()
        assert victim._process is not None
        victim._process.kill()
        await victim._process.communicate()
        # How it ends depends on what TLS was about: "closed its connection", or "Protocol error".
        await broker.until_said("Client thief ")
        await asyncio.to_thread(publish, broker.port, member(broker, "gw-b"), "gianh/v1/gw-b/status")
        retained, _, payload = await heard.next()
        while retained:
            retained, _, payload = await heard.next()
    assert payload == "x"


async def test_our_link_works_with_its_certificate_and_a_backlog_arrives_whole(broker: TownBroker) -> None:
    mine = link(broker, member(broker, "gw-a"))
    topic, options = "gianh/v1/gw-a/device/+/sample", member(broker, READER).options
    async with Subscriber(broker.port, topic, *options) as subscriber, going(mine.link):
        await until(mine.link, lambda: mine.link.connected)
        rows = [sample(number) for number in range(5_000)]
        delivery = await MqttPublisher(mine.link, mine.clock, 1e12).deliver_samples(rows)
        assert len(delivery.done) == 5_000
        heard = [json.loads((await subscriber.next())[2])["seq"] for _ in range(5_000)]
    assert heard == list(range(5_000))


async def test_a_message_over_the_limit_is_refused_by_its_receipt(broker: TownBroker, tmp_path: Path) -> None:
    mine = link(broker, member(broker, "gw-a"))
    async with going(mine.link):
        await until(mine.link, lambda: mine.link.connected)
        topic = mine.link.topics.event
        reasons = await mine.link.publish([Outgoing(topic, b"x" * 262_145), Outgoing(topic, b"x" * 200_000)])
    assert reasons == [int(TOO_LARGE), NOBODY_LISTENS]


def _strangers(broker: TownBroker, folder: Path) -> dict[str, Client | None]:
    ca = broker.ca
    calendar = Calendar()
    calendar.ahead = dt.timedelta(days=-100)
    old_key, old = gateway(authority(ca.place.folder, ca.town, calendar), "gw-old")
    foreign = authority(folder / "other" / "ca")
    other_key, other = gateway(foreign)
    other_files = TownBroker.files_of(_Elsewhere(foreign, folder), other, other_key)  # type: ignore[arg-type]
    own_cert, own_key = certificate(folder, "gw-a")
    server_key = new_key()
    server = ca.sign(Kind.SERVER, "localhost@server", server_key.public_key(), ["localhost"])
    mine = member(broker, "gw-a")
    return {
        "expired": broker.files_of(old, old_key),
        "another authority": Client(other_files.cert, other_files.key, ca.place.root),
        "signed by itself": Client(own_cert, own_key, ca.place.root),
        "a server's": broker.files_of(server, server_key),
        "key of another": Client(mine.cert, member(broker, "gw-b").key, ca.place.root),
    }


class _Elsewhere:
    def __init__(self, ca: object, folder: Path) -> None:
        self.ca, self._folder = ca, folder


def test_whoever_has_no_certificate_of_this_town_is_not_let_in(broker: TownBroker, tmp_path: Path) -> None:
    answers = {
        name: publish(broker.port, client, "gianh/v1/gw-a/status")
        for name, client in _strangers(broker, tmp_path).items()
    }
    assert not [name for name, answer in answers.items() if answer.isdigit()]
    assert not publish(broker.port, None, "gianh/v1/gw-a/status").isdigit()
    only_root = ["--cafile", str(broker.ca.place.root)]
    assert not publish(broker.port, None, "gianh/v1/gw-a/status", *only_root).isdigit()
    assert publish(broker.port, member(broker, "gw-a"), "gianh/v1/gw-a/status") == "0"


def test_a_gateway_that_trusts_another_authority_does_not_talk_to_this_broker(
    broker: TownBroker, tmp_path: Path
) -> None:
    other = authority(tmp_path / "ca")
    mine = member(broker, "gw-a")
    wrong = Client(mine.cert, mine.key, other.place.root)
    assert (
        "TLS" in publish(broker.port, wrong, "gianh/v1/gw-a/status")
        or not publish(broker.port, wrong, "gianh/v1/gw-a/status").isdigit()
    )


@pytest.mark.parametrize(("version", "works"), [("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)])
def test_old_tls_is_not_spoken(broker: TownBroker, version: str, works: bool) -> None:
    mine = member(broker, "gw-a")
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{broker.port}", version, "-cipher", "ALL:@SECLEVEL=0",
         "-CAfile", str(mine.root), "-cert", str(mine.cert), "-key", str(mine.key),
         "-verify_return_error", "-verify_hostname", "localhost"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False,
    )  # fmt: skip
    assert (b"Verify return code: 0 (ok)" in done.stdout and b"Cipher is (NONE)" not in done.stdout) is works


@pytest.fixture
def own(tmp_path: Path) -> Iterator[TownBroker]:
    """A broker to change."""
    town = TownBroker(authority(tmp_path / "ca", settings(mqtt_port=free_port())), tmp_path)
    yield town
    town.stop()


async def test_a_revoked_gateway_is_deaf_and_mute_at_once_and_cut_by_a_restart(own: TownBroker) -> None:
    stolen, reader, other = own.client("gw-a"), own.client("centre@reader"), own.client("gw-b")
    own.start()
    mine = link(own, stolen)
    async with going(mine.link):
        await until(mine.link, lambda: mine.link.connected)
        topic = mine.link.topics.event
        assert await mine.link.publish([Outgoing(topic, b"before")]) == [NOBODY_LISTENS]
        own.ca.revoke("gw-a", x509.ReasonFlags.key_compromise)
        assert own.setup.apply() == [own.setup.files.acl, own.setup.files.crl]
        reload_broker(own.setup.files)
        await own.until_said("Reloading config")
        async with Subscriber(own.port, "gianh/v1/#", *reader.options) as heard:
            # Its session is still open, as Mosquitto leaves it; nothing goes through it.
            assert mine.link.connected
            assert await mine.link.publish([Outgoing(topic, b"after")]) == [int(DENIED)]
            assert await asyncio.to_thread(publish, own.port, other, "gianh/v1/gw-b/event") == "0"
            names = [(await heard.next())[1]]
            while names[-1] != "gianh/v1/gw-b/event":
                names.append((await heard.next())[1])
            assert topic not in names
        refused = await asyncio.to_thread(publish, own.port, stolen, topic)
        assert not refused.isdigit()
        own.stop()
        own.start()
        await until(mine.link, lambda: "is that revoked" in str(mine.link.trouble))
        assert not (await asyncio.to_thread(publish, own.port, stolen, topic)).isdigit()
        assert not mine.link.connected
    assert await asyncio.to_thread(publish, own.port, other, "gianh/v1/gw-b/event") == "0"


async def test_a_renewed_broker_certificate_is_taken_without_a_restart(own: TownBroker) -> None:
    mine = own.client("gw-a")
    own.start()

    def shown() -> bytes:
        context = ssl.create_default_context(cafile=own.ca.place.root)
        context.load_cert_chain(mine.cert, mine.key)
        return ssl.get_server_certificate(("127.0.0.1", own.port)).encode()

    before = await asyncio.to_thread(shown)
    own.setup.files.server.unlink()
    assert own.setup.apply() == [own.setup.files.server]
    reload_broker(own.setup.files)
    await own.until_said("Reloading config")
    assert await asyncio.to_thread(shown) != before
    assert await asyncio.to_thread(publish, own.port, mine, "gianh/v1/gw-a/event") == "0"


async def test_what_stands_retained_and_what_waits_for_a_session_outlives_a_restart(own: TownBroker) -> None:
    mine, reader = own.client("gw-a"), own.client("centre@reader")
    own.start()
    session = [*reader.options, "-i", "bridge", "-c", "-x", "1000"]
    topic = "gianh/v1/gw-a/#"
    async with Subscriber(own.port, topic, *session):
        pass
    status = ("gianh/v1/gw-a/status", "-r")
    assert await asyncio.to_thread(publish, own.port, mine, *status) == "0"
    for number in range(3):
        assert await asyncio.to_thread(publish, own.port, mine, f"gianh/v1/gw-a/event/{number}") == "0"
    own.stop()
    own.start()
    async with Subscriber(own.port, "gianh/v1/+/status", *reader.options) as fresh:
        assert (await fresh.next())[:2] == (True, "gianh/v1/gw-a/status")
    program = [need("mosquitto_sub", "mosquitto-clients"), "-V", "mqttv5", "-p", str(own.port), *session]
    waited = await asyncio.create_subprocess_exec(
        *program, "-q", "1", "-t", topic, "-C", "4", "-W", "20", "-F", "%t", stdout=asyncio.subprocess.PIPE
    )
    names = (await waited.communicate())[0].decode().split()
    assert {f"gianh/v1/gw-a/event/{number}" for number in range(3)} <= set(names)


def test_the_setup_shows_what_it_would_change_and_changes_nothing_twice(tmp_path: Path) -> None:
    ca = authority(tmp_path / "ca")
    wish = Wish(tmp_path / "broker", "root")
    shown = BrokerSetup(ca, wish).differences()
    assert "+require_certificate true" in shown
    assert "-----" not in shown
    assert "revoked certificates: 0" in shown
    assert not wish.folder.exists()
    made = BrokerSetup(ca, wish).apply()
    assert len(made) == 5
    assert BrokerSetup(ca, wish).differences() == ""
    assert BrokerSetup(ca, wish).apply() == []
    ca.sign(Kind.ROLE, "hoa@operator", new_key().public_key())
    assert BrokerSetup(ca, wish).differences().count("\n+") == 6
    assert [path.name for path in BrokerSetup(ca, wish).apply()] == ["acl"]
    modes = {path.name: path.stat().st_mode & 0o077 for path in wish.folder.iterdir()}
    assert set(modes.values()) == {0}


def test_a_role_that_was_revoked_is_in_no_rule(tmp_path: Path) -> None:
    ca = authority(tmp_path / "ca")
    ca.sign(Kind.ROLE, "hoa@operator", new_key().public_key())
    ca.revoke("hoa@operator", x509.ReasonFlags.key_compromise)
    setup = BrokerSetup(ca, Wish(tmp_path / "broker", "root"))
    setup.apply()
    assert "hoa" not in setup.files.acl.read_text()
    assert "hoa" not in access_rules(["hoa@operator"], ["hoa@operator"])
    with pytest.raises(ConfigError, match="--again"):
        issue_role(ca, Role.OPERATOR, "hoa", tmp_path / "out")
    issue_role(ca, Role.OPERATOR, "hoa", tmp_path / "out", again=True)
    setup.apply()
    assert "user hoa@operator" in setup.files.acl.read_text()


def test_a_process_that_is_no_broker_gets_no_signal(tmp_path: Path) -> None:
    setup = BrokerSetup(authority(tmp_path / "ca"), Wish(tmp_path / "broker", "root"))
    setup.apply()
    with pytest.raises(TransientError, match="no broker runs"):
        reload_broker(setup.files)
    setup.files.pid.write_text(str(os.getpid()))
    with pytest.raises(TransientError, match="no broker runs"):
        reload_broker(setup.files)
