"""OpenWrt and RouterOS through the whole driver, against simulated ones that tell of people too."""

import logging
import ssl
import traceback
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from drivers.access_points import web
from drivers.access_points.driver import AccessPointDriver
from edge.config.schema import Bus, Device, Gateway
from edge.core.clock import SystemClock
from edge.core.errors import ConfigError, GianhError, LinkDown, NoAnswer, ProtocolError, Refused
from edge.core.model import Reading, Stamp
from simulators.access_points import OpenWrtServer, RouterOsServer
from simulators.radios import SimulatedAccessPoint, SimulatedRadio, Station
from simulators.routeros import Reply
from simulators.web import Request, WebServer
from tests.servers import certificate

GATEWAY = Gateway(id="g1", latitude=17.75, longitude=106.42)
KINDS = ["openwrt", "mikrotik"]
each_kind = pytest.mark.parametrize("kind", KINDS)


class HalfMinutes(SystemClock):
    """A clock on which every poll comes 30 s after the one before."""

    polls = 0

    def stamp(self) -> Stamp:
        self.polls += 1
        return Stamp(self.polls * 30_000_000_000, None)


async def breathe() -> None:
    pass


def people(count: int, first: int = 100) -> list[Station]:
    each = range(first, first + count)
    return [Station(f"02:00:5E:10:00:{at:02X}", f"10.5.50.{at}", f"visitor-{at}") for at in each]


@pytest.fixture
def point() -> SimulatedAccessPoint:
    return SimulatedAccessPoint(
        [
            SimulatedRadio("wifi2", 2437, stations=people(6), received=1000, sent=50_000, busy=0.4),
            SimulatedRadio("wifi1", 5260, stations=people(8, 106), received=500, sent=4000, busy=0.2),
        ]
    )


@pytest.fixture
def now() -> Callable[[], float]:
    return lambda: 86_400.0


Serve = Callable[[str], "WebServer"]


@pytest.fixture
async def serve(
    point: SimulatedAccessPoint, now: Callable[[], float]
) -> AsyncIterator[Callable[..., "object"]]:
    running: list[WebServer] = []

    async def started(kind: str, tls: ssl.SSLContext | None = None, **how: bool) -> WebServer:
        server = (
            OpenWrtServer(point, now, tls=tls)
            if kind == "openwrt"
            else RouterOsServer(point, now, tls=tls, **how)
        )
        await server.start()
        running.append(server)
        return server

    yield started
    for server in running:
        await server.stop()


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIANH_BUS_AP_1_PASSWORD", "only to read")


def bus(kind: str, port: int, **more: object) -> Bus:
    given = {
        "id": "ap-1",
        "kind": kind,
        "host": "127.0.0.1",
        "port": port,
        "username": "gianh",
        "timeout_s": 5,
    }
    return Bus.model_validate({"https": False, **given, **more})


def made(line: Bus, clock: object = None, **more: object) -> AccessPointDriver:
    device = Device(id="quay", profile=f"{line.kind}-ap", bus=line.id, **more)
    return AccessPointDriver(line, [device], GATEWAY, clock or SystemClock())


async def once(driver: AccessPointDriver) -> dict[str, float | None]:
    await driver.open()
    try:
        return named(driver, await driver.read(driver.polls[0], breathe))
    finally:
        await driver.close()


def named(driver: AccessPointDriver, reading: Reading) -> dict[str, float | None]:
    assert reading.flags == ()
    return dict(zip(driver.polls[0].layout.names, reading.values, strict=True))


@each_kind
async def test_state_and_load_come_out_as_the_access_point_has_them(kind: str, serve):
    server = await serve(kind)
    values = await once(made(bus(kind, server.port)))
    told = {
        "ap_up": 1,
        "clients": 14,
        "clients_2g": 6,
        "clients_5g": 8,
        "octets_up": 1500,
        "octets_down": 54_000,
        "throughput_up": None,
        "throughput_down": None,
        "uptime": 86_400,
    }
    own = {"channel_utilisation_2g": 40, "channel_utilisation_5g": 20}
    assert values == told | (own if kind == "openwrt" else {"hotspot_clients": 14})


@each_kind
async def test_samples_belong_to_the_class_of_access_points(kind: str, serve):
    server = await serve(kind)
    layout = made(bus(kind, server.port), commune="ba-don").polls[0].layout
    assert layout.measurement == "wifi_ap"
    assert layout.tags == (("commune", "ba-don"), ("device", "quay"), ("gateway", "g1"))


@each_kind
async def test_throughput_is_the_increase_between_two_polls(kind: str, serve, point: SimulatedAccessPoint):
    server = await serve(kind)
    driver = made(bus(kind, server.port), HalfMinutes())
    await driver.open()
    rates = []
    for received in (1000, 4000, 10):
        point.radios[0].received = received
        values = named(driver, await driver.read(driver.polls[0], breathe))
        rates.append(values["throughput_up"])
    await driver.close()
    assert rates == [None, 3000 * 8 / 30, None], "a counter that began anew has no rate"


@each_kind
async def test_a_radio_off_the_air_is_told_while_the_access_point_answers(
    kind: str, serve, point: SimulatedAccessPoint
):
    server = await serve(kind)
    for radio in point.radios:
        radio.on_air, radio.stations = False, []
    values = await once(made(bus(kind, server.port)))
    assert (values["ap_up"], values["clients"]) == (0, 0)


@each_kind
async def test_only_the_named_interfaces_count(kind: str, serve):
    server = await serve(kind)
    values = await once(made(bus(kind, server.port), interfaces=("wifi1",)))
    assert (values["clients"], values["clients_2g"], values["clients_5g"]) == (8, 0, 8)
    assert values["octets_up"] == 500


@each_kind
async def test_a_few_people_have_no_number_and_neither_has_their_traffic(
    kind: str, serve, point: SimulatedAccessPoint
):
    server = await serve(kind)
    point.radios[0].stations, point.radios[1].stations = people(1), people(3, 101)
    values = await once(made(bus(kind, server.port)))
    hidden = {name for name, value in values.items() if value is None}
    assert {"clients", "clients_2g", "clients_5g", "octets_up", "octets_down"} <= hidden
    assert values["ap_up"] == 1


@each_kind
async def test_a_band_with_a_few_is_not_told_through_the_other(kind: str, serve, point: SimulatedAccessPoint):
    server = await serve(kind)
    point.radios[0].stations = people(2)
    values = await once(made(bus(kind, server.port)))
    assert (values["clients"], values["clients_2g"], values["clients_5g"]) == (10, None, None)


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


@each_kind
async def test_no_address_or_name_of_anybody_is_in_logs_errors_or_what_is_kept(
    kind: str, serve, point: SimulatedAccessPoint, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    server = await serve(kind)
    driver = made(bus(kind, server.port))
    await driver.open()
    reading = await driver.read(driver.polls[0], breathe)
    told = [caplog.text, repr(reading), repr(driver.source.__dict__)]
    answer = server._answer
    server._answer = lambda request: _cut(answer(request))
    for _ in range(2):
        with pytest.raises(GianhError) as caught:
            await driver.read(driver.polls[0], breathe)
        told += ["".join(traceback.format_exception(caught.value)), repr(_chain(caught.value))]
    await driver.close()
    told.append(caplog.text)
    for station in (station for radio in point.radios for station in radio.stations):
        for secret in (station.mac, station.mac.lower(), station.address, station.user, "only to read"):
            assert [text for text in told if secret in text] == []


def _cut(reply: Reply | None) -> Reply:
    assert reply is not None
    return Reply(reply.status, reply.body[:-1])


def _chain(error: BaseException | None) -> list[dict[str, object]]:
    chain = []
    while error is not None:
        chain.append({"args": error.args, **error.__dict__, "doc": getattr(error, "doc", "")})
        error = error.__cause__ or error.__context__
    return chain


async def test_routeros_is_never_asked_for_people(serve):
    server = await serve("mikrotik")
    await once(made(bus("mikrotik", server.port)))
    columns = {column for _, asked in server.routeros.asked for column in asked.split(",")}
    assert columns == {
        *("uptime", "name", "disabled", "inactive", "channel.band"),
        *("rx-byte", "tx-byte", "interface", "band", ".id"),
    }


async def test_routeros_with_the_older_driver_is_asked_by_its_own_menu(serve):
    server = await serve("mikrotik", wireless=True)
    values = await once(made(bus("mikrotik", server.port)))
    assert (values["clients_2g"], values["clients_5g"]) == (6, 8)


async def test_an_ended_session_is_begun_anew(serve):
    server = await serve("openwrt")
    driver = made(bus("openwrt", server.port))
    await driver.open()
    server.ubus.end_session()
    assert named(driver, await driver.read(driver.polls[0], breathe))["clients"] == 14
    await driver.close()
    assert server.ubus.logins == 2


async def test_hostapd_tells_how_many_where_iwinfo_lists_nobody(serve, monkeypatch: pytest.MonkeyPatch):
    server = await serve("openwrt")
    monkeypatch.setattr("simulators.ubus._assoclist", lambda radio: {})
    values = await once(made(bus("openwrt", server.port)))
    assert (values["clients_2g"], values["clients_5g"]) == (6, 8)


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


async def test_what_hostapd_may_not_tell_is_missing_and_not_bad(serve):
    server = await serve("openwrt")
    server.ubus.forbidden |= {"hostapd.wifi1", "hostapd.wifi2"}
    values = await once(made(bus("openwrt", server.port)))
    assert values["channel_utilisation_2g"] is None
    assert values["clients"] == 14


async def test_a_successor_goes_on_with_the_open_session(serve):
    server = await serve("openwrt")
    line = bus("openwrt", server.port)
    driver = made(line)
    await driver.open()
    device = Device(id="quay", profile="openwrt-ap", bus=line.id, points=("clients",))
    successor = AccessPointDriver(line, [device], GATEWAY, SystemClock(), driver.source)
    assert named(successor, await successor.read(successor.polls[0], breathe)) == {"clients": 14}
    await successor.close()
    assert server.ubus.logins == 1


async def test_access_points_take_no_commands_and_need_their_own_bus():
    driver = made(bus("openwrt", 1))
    with pytest.raises(Refused, match="quay is an access point and cannot be told level"):
        await driver.write("quay", "level", 1, breathe)
    with pytest.raises(ConfigError, match="profile snmp-ap needs a bus of kind snmp"):
        AccessPointDriver(
            bus("openwrt", 1), [Device(id="a", profile="snmp-ap", bus="ap-1")], GATEWAY, SystemClock()
        )


def test_what_an_answer_or_a_question_holds_is_not_in_its_repr():
    answer = web.Answer(200, b"02:00:5E:10:00:01")
    assert "02:00" not in repr(answer)
    assert Request("GET", "/", {}, {}, b"").path == "/"
