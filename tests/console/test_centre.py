"""The console at the centre against a real Mosquitto, gateways as they are on the wire, and nonsense."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.mqtt.message import Incoming, Outgoing
from cloud_sync.mqtt.payload import alarm_payload, status_payload
from edge.config.console import Console, ConsoleConfig, History
from edge.config.console_load import load_console
from edge.config.faults import ConfigErrors
from edge.config.http import Http
from edge.config.schema import Mqtt
from edge.console.access.roles import Role
from edge.console.centre.app import Centre, centre
from edge.console.centre.feed import Feed
from edge.console.centre.history import query_of
from edge.console.centre.influx import found_in
from edge.console.town.picture import Picture
from edge.console.town.sight import Span
from edge.console.town.things import GatewayRow, Mode, Thing
from edge.core.alarms import Alarm, AlarmKind
from edge.core.clock import SystemClock
from edge.core.errors import PermanentError, TransientError
from edge.core.model import Severity
from simulators.mqtt_town import MqttTown, gateways_of
from tests.console.asking import PASSWORD, Browser
from tests.servers import Mosquitto, running

DEADLINE_S = 20.0


@dataclass
class Running:
    centre: Centre
    town: MqttTown
    broker: Mosquitto

    def browser(self, user: str) -> Browser:
        accounts = self.centre.front.accounts
        assert self.centre.front.web is not None
        browser = Browser(self.centre.front.web._app, "127.0.0.1", "http", "127.0.0.1")
        browser.cookies["gianh-centre"] = accounts.sessions.open(user)
        return browser


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for what a message brings about."""
    async with asyncio.timeout(DEADLINE_S):
        while not is_so():  # noqa: ASYNC110 - what changes is a picture, which tells nobody
            await asyncio.sleep(0.01)


@asynccontextmanager
async def at_the_centre(
    folder: Path, gateways: int = 3, lamps: int = 4, influx: History | None = None
) -> AsyncIterator[Running]:
    broker = Mosquitto(folder / "mosquitto")
    with running(broker):
        settings = Mqtt(url=broker.url)
        town = MqttTown(settings, gateways_of(gateways, lamps))
        await town.open()
        answering = asyncio.ensure_future(town.answer())
        (folder / "data").mkdir()
        config = ConsoleConfig(
            console=Console(data_dir=folder / "data"),
            mqtt=settings,
            http=Http(port=0, login=True),
            influx=influx,
        )
        try:
            async with centre(config, SystemClock()) as made:
                accounts = made.front.accounts
                for role in (Role.VIEWER, Role.OPERATOR):
                    code = await accounts.add(role.value, role.value, role, "test")
                    await accounts.redeem(code, role.value, "", PASSWORD, "127.0.0.1")
                await until(lambda: len(made.sight.picture.things) == gateways * lamps)
                yield Running(made, town, broker)
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)
            await town.close()


async def ended(browser: Browser, order: str) -> dict[str, dict[str, Any]]:
    async with asyncio.timeout(DEADLINE_S):
        found = await browser.ask("GET", f"/api/v1/town/commands/{order}")
        while not found.json["ended"]:
            await asyncio.sleep(0.02)
            found = await browser.ask("GET", f"/api/v1/town/commands/{order}")
    return {one["target"]: one for one in found.json["targets"]}


def table(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row[0]: dict(zip(found["columns"], row, strict=True)) for row in found["rows"]}


async def test_what_stands_at_the_broker_is_the_picture_from_the_start(tmp_path: Path) -> None:
    async with at_the_centre(tmp_path) as run:
        whole = (await run.browser("viewer").ask("GET", "/api/v1/town")).json
        assert whole["mode"] == "centre"
        lamp = table(whole["things"])["sim-0000/lamp-01"]
        assert (lamp["class"], lamp["street"], lamp["pole"]) == ("lamp", "Hùng Vương", "0000/01")
        assert (lamp["groups"], lamp["level"], lamp["verified"]) == (["street"], 40.0, True)
        street = table(whole["targets"])["sim-0000/street"]
        assert (street["title"], street["lamps"], street["level"]) == ("Hùng Vương", 4, 40.0)
        assert table(whole["gateways"])["sim-0002"]["state"] == "online"


async def test_a_command_goes_by_mqtt_in_the_users_name_and_its_end_comes_back(tmp_path: Path) -> None:
    async with at_the_centre(tmp_path) as run:
        browser = run.browser("operator")
        asked = {"targets": ["sim-0000/street", "sim-0001/lamp-02", "sim-0001/nobody"], "level": 70}
        targets = await ended(browser, (await browser.ask("POST", "/api/v1/town/light", asked)).json["id"])
        assert (targets["sim-0000/street"]["state"], targets["sim-0000/street"]["verified"]) == (
            "verified",
            4,
        )
        assert targets["sim-0001/lamp-02"]["state"] == "verified"
        assert targets["sim-0001/nobody"]["state"] == "failed"
        things = run.centre.sight.picture.things
        await until(lambda: getattr(things["sim-0000/lamp-04"].light, "level", 0) == 70.0)


async def test_a_gateway_that_is_away_is_silent_with_since_when_and_is_not_asked(tmp_path: Path) -> None:
    async with at_the_centre(tmp_path) as run:
        began_ns = 1_795_485_600_000_000_000  # when its connection began: a Will knows no other time
        heard_ns = max(thing.last_ns or 0 for thing in run.centre.sight.picture.things_of("sim-0001"))
        status = status_payload(False, began_ns, "0.1.0", "x")
        await run.town.say([Outgoing("gianh/v1/sim-0001/status", status, retain=True)])
        picture = run.centre.sight.picture
        await until(lambda: picture.things["sim-0001/lamp-01"].answers is False)
        assert picture.things["sim-0001/lamp-01"].silent_since_ns == heard_ns > began_ns
        browser = run.browser("operator")
        asked = {"targets": ["sim-0001/lamp-01"], "level": 70}
        targets = await ended(browser, (await browser.ask("POST", "/api/v1/town/light", asked)).json["id"])
        assert "is away since" in targets["sim-0001/lamp-01"]["reason"]


async def test_an_alarm_comes_is_silenced_here_and_goes(tmp_path: Path) -> None:
    async with at_the_centre(tmp_path) as run:
        picture, topic = run.centre.sight.picture, "gianh/v1/sim-0000/alarm/lamp-failure-lamp-01"
        alarm = Alarm("lamp-failure-lamp-01", AlarmKind.LAMP_FAILURE, "lamp-01", Severity.ALARM, "dark", None)
        await run.town.say([Outgoing(topic, alarm_payload(alarm), retain=True)])
        await until(lambda: picture.things["sim-0000/lamp-01"].alarm == "alarm")
        browser, name = run.browser("operator"), "sim-0000/lamp-failure-lamp-01"
        silence = await browser.ask("PUT", f"/api/v1/town/alarms/{name}/silence", {"for_s": 600})
        assert table(silence.json)[name]["silenced_until"]
        await run.town.say([Outgoing(topic, b"", retain=True)])
        await until(lambda: name not in picture.alarms)
        assert picture.things["sim-0000/lamp-01"].alarm == ""


async def test_the_broker_goes_and_comes_back_and_what_went_meanwhile_is_gone(tmp_path: Path) -> None:
    async with at_the_centre(tmp_path, gateways=1) as run:
        watcher, picture = run.centre.sight.watcher, run.centre.sight.picture
        run.broker.stop()
        await until(lambda: not watcher.connected)
        answer = await run.browser("viewer").ask("GET", "/readyz")
        assert answer.status == 503
        assert "127.0.0.1" in answer.json["reasons"][0]
        await until(lambda: "127.0.0.1" in picture.link.trouble)
        assert picture.take_changes().link == picture.link
        link = (await run.browser("viewer").ask("GET", "/api/v1/town")).json["link"]
        assert "127.0.0.1" in link["trouble"]
        assert link["since"]
        await run.town.close()
        run.broker.start()
        run.town = MqttTown(Mqtt(url=run.broker.url), gateways_of(1, 2))
        await run.town.open()
        await until(lambda: watcher.connected and len(picture.things) == 2)
        await until(lambda: not picture.link.trouble)


async def test_a_first_start_has_a_code_and_no_default_password(tmp_path: Path) -> None:
    async with at_the_centre(tmp_path, gateways=1, lamps=1) as run:
        stranger = run.browser("viewer")
        stranger.cookies.clear()
        for path in ("/api/v1/town", "/api/v1/town/live", "/api/v1/town/audit", "/metrics"):
            assert (await stranger.ask("GET", path)).status == 401
        assert (await run.browser("viewer").ask("POST", "/api/v1/town/light", {})).status == 403


TOPICS = (
    "status", "info", "device/lamp-1/info", "device/lamp-1/state", "device/lamp-1/mean/1h", "device/",
    "light/lamp-1/state", "light/x", "alarm/x", "alarm/", "event", "reply/centre", "reply", "nonsense/x",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ("at", "v", "q", "online", "level", "lamps", "state", "points", "place", "targets", "id", "kind",
         "fields", "source", "severity", "device", "members", "acknowledged", "latitude", "title", "class")
    ) | st.text(), inner, max_size=6),
    max_leaves=12,
)  # fmt: skip


@given(st.sampled_from(TOPICS), st.binary(max_size=64) | JSON.map(lambda found: json.dumps(found).encode()))
def test_nothing_that_a_gateway_sends_breaks_the_picture(topic: str, payload: bytes) -> None:
    picture = Picture(Mode.CENTRE)
    feed = Feed(picture, lambda _gateway, _id, _found: None)
    picture.gateway("gw-1")
    feed.heard(Incoming(f"gianh/v1/gw-1/{topic}", payload))
    assert len(picture.things) <= 1


def test_a_message_that_cannot_be_read_is_counted_with_its_gateway() -> None:
    picture = Picture(Mode.CENTRE)
    feed = Feed(picture, lambda _gateway, _id, _found: None)
    picture.gateway("gw-1")
    for payload in (b"{", b"[]", b'{"online":true}', b'{"online":true,"at":"soon","v":{}}', b"\xff"):
        feed.heard(Incoming("gianh/v1/gw-1/device/lamp-1/state", payload))
    assert (feed.malformed, picture.gateways["gw-1"].malformed) == (5, 5)
    assert picture.things == {}


def test_history_is_asked_by_names_that_cannot_say_anything_else() -> None:
    thing = Thing(GatewayRow("gw-1"), "lamp-1")
    thing.classed = "lamp"
    query = query_of(thing, "active_power", Span(0, 60_000_000_000, 60))
    assert query.startswith('SELECT mean("active_power")')
    thing.classed = 'lamp" WHERE 1=1 --'
    with pytest.raises(PermanentError):
        query_of(thing, "active_power", Span(0, 1, 1))
    answers: list[Any] = [{}, {"results": [{"error": "no database"}]}, [], {"results": []}]
    for answer in answers:
        with pytest.raises(TransientError):
            found_in(answer)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('[http]\nhost = "0.0.0.0"\nlogin = false', "needs a login"),
        ('[http]\nhost = "0.0.0.0"\ntls = false', "needs TLS"),
        ('[influx]\nurl = "influx"\ndatabase = "town"', "is not http"),
        ("[console]\nname = 1", "name"),
    ],
)
def test_a_wrong_console_toml_is_told_in_words(tmp_path: Path, more: str, words: str) -> None:
    file = tmp_path / "console.toml"
    file.write_text(f'{more}\n[mqtt]\nurl = "mqtt://127.0.0.1"\n', "utf-8")
    with pytest.raises(ConfigErrors, match=words):
        load_console(file)


def test_paths_of_console_toml_begin_at_the_file(tmp_path: Path) -> None:
    file = tmp_path / "console.toml"
    text = '[console]\ndata_dir = "here"\n[mqtt]\nurl = "mqtt://127.0.0.1"\npassword_file = "secret"\n'
    file.write_text(text + '[influx]\nurl = "http://127.0.0.1:8086"\ndatabase = "town"\n', "utf-8")
    config = load_console(file)
    assert config.console.data_dir == tmp_path / "here"
    assert config.mqtt.password_file == tmp_path / "secret"
    assert isinstance(config.influx, History)
