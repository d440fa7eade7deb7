"""OpenWrt and RouterOS through the whole driver: what goes wrong, and what is said of it."""

import ssl
import traceback
from pathlib import Path

import pytest

from drivers.access_points import web
from drivers.access_points.driver import AccessPointDriver
from edge.config.schema import Device
from edge.core.clock import SystemClock
from edge.core.errors import ConfigError, LinkDown, NoAnswer, ProtocolError, Refused
from simulators.web import Reply, WebServer
from tests.access_points.works import GATEWAY, breathe, bus, each_kind, made, once
from tests.servers import certificate


@each_kind
async def test_a_wrong_password_is_told_without_it(kind: str, serve, monkeypatch: pytest.MonkeyPatch):
    server = await serve(kind)
    monkeypatch.setenv("GIANH_BUS_AP_1_PASSWORD", "hunter2")
    driver = made(bus(kind, server.port))
    with pytest.raises(LinkDown, match="does not let the user of bus ap-1 in: check username") as caught:
        await driver.open()
    await driver.close()
    assert "hunter2" not in str(caught.value)


@each_kind
async def test_a_missing_password_is_told_with_its_remedy(kind: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GIANH_BUS_AP_1_PASSWORD")
    driver = made(bus(kind, 1))
    with pytest.raises(LinkDown, match="no password: give password_file, or GIANH_BUS_AP_1_PASSWORD"):
        await driver.open()
    await driver.close()


@each_kind
async def test_an_access_point_that_is_not_there_is_a_lost_line(kind: str, serve):
    server = await serve(kind)
    driver = made(bus(kind, server.port))
    await driver.open()
    await server.stop()
    with pytest.raises((LinkDown, NoAnswer)):
        await driver.read(driver.polls[0], breathe)
    with pytest.raises(LinkDown, match="cannot be reached"):
        await driver.probe(driver.polls[0])
    await driver.close()


@each_kind
async def test_silence_is_no_answer_and_takes_no_longer_than_its_deadline(kind: str, serve):
    server = WebServer(lambda request: None)
    await server.start()
    driver = made(bus(kind, server.port, timeout_s=0.1))
    driver.source._web.open()
    with pytest.raises(NoAnswer, match=r"did not answer within 0.1 s"):
        await driver.read(driver.polls[0], breathe)
    with pytest.raises(LinkDown, match=r"did not answer within 0.1 s"):
        await driver.probe(driver.polls[0])
    await driver.close()
    await server.stop()


@each_kind
@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>Log in</html>", "text/html"),
        Reply(200, b"[" * 100_000),
        Reply(200, b'"02:00:5E:10:00:01"'),
        Reply(200, b"x" * 100),
        Reply(500, b"{}"),
        Reply(302, b""),
        Reply(200, b"\xff\xfe"),
    ],
    ids=["html", "deep", "text", "long", "broken", "elsewhere", "no text"],
)
async def test_nonsense_is_no_reading(kind: str, reply: Reply, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(web, "BODY_BYTES_MAX", 99 if reply.body.startswith(b"x") else 1_000_000)
    server = WebServer(lambda request: reply)
    await server.start()
    driver = made(bus(kind, server.port))
    driver.source._web.open()
    with pytest.raises((ProtocolError, Refused)) as caught:
        await driver.read(driver.polls[0], breathe)
    assert "02:00" not in "".join(traceback.format_exception(caught.value))
    await driver.close()
    await server.stop()


@each_kind
async def test_its_own_certificate_is_the_only_one_that_is_believed(kind: str, serve, tmp_path: Path):
    own, key = certificate(tmp_path, "own")
    other, _ = certificate(tmp_path, "other")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(own, key)
    server = await serve(kind, tls)
    for files in ({"certificate_file": own}, {"ca_file": own}):
        values = await once(made(bus(kind, server.port, https=True, **files)))
        assert values["clients"] == 14
    asked = server.requests
    for files in ({"certificate_file": other}, {"ca_file": other}, {}):
        driver = made(bus(kind, server.port, https=True, **files))
        with pytest.raises(LinkDown, match="certificate that is not believed"):
            await driver.open()
        await driver.close()
    assert server.requests == asked, "nothing is said to who is not believed"


async def test_a_certificate_file_that_is_none_is_named(tmp_path: Path):
    file = tmp_path / "ap.pem"
    file.write_text("nothing")
    driver = made(bus("openwrt", 1, https=True, certificate_file=file))
    with pytest.raises(LinkDown, match=r"ap.pem of bus ap-1 holds no readable certificate"):
        await driver.open()
    await driver.close()


@pytest.mark.parametrize(
    ("forbidden", "words"),
    [
        ({"iwinfo", "system"}, r"lets the user in but tells them nothing: let them read iwinfo, hostapd"),
        ({"iwinfo"}, "does not tell of its radios"),
    ],
)
async def test_an_account_that_may_read_nothing_is_told_what_it_needs(serve, forbidden: set[str], words: str):
    server = await serve("openwrt")
    server.ubus.forbidden |= forbidden
    driver = made(bus("openwrt", server.port))
    await driver.open()
    with pytest.raises(Refused, match=words):
        await driver.read(driver.polls[0], breathe)
    await driver.close()


async def test_access_points_take_no_commands_and_need_their_own_bus():
    driver = made(bus("openwrt", 1))
    with pytest.raises(Refused, match="quay is an access point and cannot be told level"):
        await driver.write("quay", "level", 1, breathe)
    with pytest.raises(ConfigError, match="profile snmp-ap needs a bus of kind snmp"):
        AccessPointDriver(
            bus("openwrt", 1), [Device(id="a", profile="snmp-ap", bus="ap-1")], GATEWAY, SystemClock()
        )
