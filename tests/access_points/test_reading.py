"""OpenWrt and RouterOS through the whole driver: what is read."""

import pytest

from drivers.access_points.driver import AccessPointDriver
from edge.config.schema import Device
from edge.core.clock import SystemClock
from simulators.radios import SimulatedAccessPoint
from tests.access_points.works import GATEWAY, HalfMinutes, breathe, bus, each_kind, made, named, once


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
