"""SNMP against Debian's snmpd: a community, a user with signed messages, and who does not get in."""

import socket
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.access_points.driver import AccessPointDriver
from edge.config.schema import Bus, Device, Gateway
from edge.core.clock import SystemClock
from edge.core.errors import LinkDown, NoAnswer, Refused
from tests.servers import Server, need

COMMUNITY, PASSWORD = "hush-hush-town", "signed-by-the-town"
GATEWAY = Gateway(id="g1", latitude=17.75, longitude=106.42)


class Snmpd(Server):
    """net-snmp's agent, up when it answers a datagram; its log goes into the folder."""

    def __init__(self, folder: Path) -> None:
        port = _free_udp_port()
        config = folder / "snmpd.conf"
        config.write_text(
            f"agentaddress udp:127.0.0.1:{port}\nrocommunity {COMMUNITY} 127.0.0.1\n"
            f'createUser watcher SHA-256 "{PASSWORD}"\ncreateUser elder SHA "{PASSWORD}"\n'
            "rouser watcher auth\nrouser elder auth\n"
        )
        command = ["env", f"SNMP_PERSISTENT_DIR={folder}", need("snmpd", "snmpd")]
        command += ["-f", "-LE", "5", "-C", "-c", str(config), "-p", str(folder / "pid")]
        super().__init__(command, folder / "snmpd.log", port)

    def answers(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.2)
            probe.connect(("127.0.0.1", self.port))
            try:
                probe.send(_get_uptime())
                return bool(probe.recv(1500))
            except OSError:
                return False


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _get_uptime() -> bytes:
    """A Get of sysUpTime.0 in SNMPv2c (RFC 3416), by hand."""
    bound = bytes.fromhex("300c06082b060102010103000500")
    pdu = b"\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30" + bytes([len(bound)]) + bound
    body = (
        b"\x02\x01\x01\x04" + bytes([len(COMMUNITY)]) + COMMUNITY.encode() + b"\xa0" + bytes([len(pdu)]) + pdu
    )
    return b"\x30" + bytes([len(body)]) + body


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    server = Snmpd(tmp_path_factory.mktemp("snmpd"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIANH_BUS_AP_COMMUNITY", COMMUNITY)
    monkeypatch.setenv("GIANH_BUS_AP_PASSWORD", PASSWORD)


async def breathe() -> None:
    pass


def made(port: int, interfaces: tuple[str, ...] = ("lo",), **more: object) -> AccessPointDriver:
    given = {"id": "ap", "kind": "snmp", "host": "127.0.0.1", "port": port, "timeout_s": 3}
    device = Device(id="quay", profile="snmp-ap", bus="ap", interfaces=interfaces)
    return AccessPointDriver(Bus.model_validate(given | more), [device], GATEWAY, SystemClock())


async def read(driver: AccessPointDriver) -> dict[str, float | None]:
    reading = await driver.read(driver.polls[0], breathe)
    assert reading.flags == ()
    return dict(zip(driver.polls[0].layout.names, reading.values, strict=True))


@pytest.mark.parametrize(
    "how",
    [{}, {"username": "watcher"}, {"username": "elder", "snmp_hash": "sha1"}],
    ids=["v2c", "v3", "v3 sha1"],
)
async def test_the_octets_of_an_interface_are_those_that_the_system_counts(snmpd: Snmpd, how):
    driver = made(snmpd.port, **how)
    await driver.open()
    values = await read(driver)
    counted = float(Path("/sys/class/net/lo/statistics/rx_bytes").read_text())
    await driver.close()
    assert values["ap_up"] == 1
    assert 0 < values["octets_up"] <= counted
    assert 0 <= values["uptime"] < 3600
    assert values["throughput_up"] is None


async def test_throughput_is_there_from_the_second_poll_on(snmpd: Snmpd):
    driver = made(snmpd.port)
    await driver.open()
    await read(driver)
    second = await read(driver)
    await driver.close()
    assert second["throughput_up"] is not None
    assert second["throughput_up"] >= 0


async def test_an_agent_that_names_no_radio_asks_for_interfaces(snmpd: Snmpd):
    driver = made(snmpd.port, interfaces=())
    await driver.open()
    with pytest.raises(Refused, match="name them in interfaces of the device"):
        await read(driver)
    await driver.close()


async def test_an_interface_that_is_gone_is_off_the_air(snmpd: Snmpd):
    driver = made(snmpd.port, interfaces=("wlan7",))
    await driver.open()
    values = await read(driver)
    await driver.close()
    assert (values["ap_up"], values["octets_up"]) == (0, None)


@pytest.mark.parametrize(
    ("secret", "how", "words"),
    [
        ("GIANH_BUS_AP_COMMUNITY", {"timeout_s": 0.5}, "did not answer within 0.5 s: .* the community"),
        ("GIANH_BUS_AP_PASSWORD", {"username": "watcher"}, "does not let the user of bus ap in"),
        ("GIANH_BUS_AP_PASSWORD", {"username": "stranger"}, "does not let the user of bus ap in"),
        ("GIANH_BUS_AP_PASSWORD", {"username": "elder"}, "does not let the user of bus ap in"),
    ],
    ids=["community", "password", "user", "hash"],
)
async def test_who_does_not_get_in_is_told_what_to_check_and_no_secret(
    snmpd: Snmpd, monkeypatch: pytest.MonkeyPatch, secret: str, how, words: str
):
    monkeypatch.setenv(secret, "wrong-secret")
    driver = made(snmpd.port, **how)
    with pytest.raises(LinkDown, match=words) as caught:
        await driver.open()
    await driver.close()
    said = "".join(traceback.format_exception(caught.value))
    assert "wrong-secret" not in said


async def test_a_password_that_is_too_short_for_snmpv3_is_told(snmpd: Snmpd, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIANH_BUS_AP_PASSWORD", "short")
    driver = made(snmpd.port, username="watcher")
    with pytest.raises(LinkDown, match="too short for SNMPv3"):
        await driver.open()
    await driver.close()


async def test_an_agent_that_falls_silent_is_no_answer_then_a_lost_line_and_comes_back(tmp_path: Path):
    server = Snmpd(tmp_path)
    server.start()
    driver = made(server.port, timeout_s=0.5)
    await driver.open()
    server.pause()
    with pytest.raises(NoAnswer, match=r"did not answer within 0.5 s"):
        await read(driver)
    with pytest.raises(LinkDown):
        await driver.probe(driver.polls[0])
    await driver.close()
    server.go_on()
    await driver.open()
    assert (await read(driver))["ap_up"] == 1
    await driver.close()
    server.stop()


async def test_a_host_that_nobody_knows_is_named(snmpd: Snmpd):
    driver = made(snmpd.port, host="no-such-host.invalid")
    with pytest.raises(LinkDown, match="nobody knows this address: correct host of bus ap"):
        await driver.open()
    await driver.close()
