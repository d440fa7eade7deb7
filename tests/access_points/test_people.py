"""OpenWrt and RouterOS know people; what leaves the driver does not."""

import logging
import traceback

import pytest

from drivers.access_points import web
from edge.core.errors import GianhError
from simulators.radios import SimulatedAccessPoint
from simulators.web import Reply, Request
from tests.access_points.works import breathe, bus, each_kind, made, once, people


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
    server._answer = lambda request: _cut(answer(request), b"mac" if kind == "openwrt" else b"")
    for _ in range(2):
        with pytest.raises(GianhError) as caught:
            await driver.read(driver.polls[0], breathe)
        told += ["".join(traceback.format_exception(caught.value)), repr(_chain(caught.value))]
    await driver.close()
    told.append(caplog.text)
    for station in (station for radio in point.radios for station in radio.stations):
        for secret in (station.mac, station.mac.lower(), station.address, station.user, "only to read"):
            assert [text for text in told if secret in text] == []


def _cut(reply: Reply | None, where: bytes) -> Reply:
    """Broken off in the middle, where it tells of people if it ever does."""
    assert reply is not None
    return Reply(reply.status, reply.body[:-1] if where in reply.body else reply.body)


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


def test_what_an_answer_or_a_question_holds_is_not_in_its_repr():
    answer = web.Answer(200, b"02:00:5E:10:00:01")
    assert "02:00" not in repr(answer)
    assert Request("GET", "/", {}, {}, b"").path == "/"
