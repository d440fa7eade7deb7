import asyncio
import contextlib
import csv
import io
import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.servers import Influxd, Mosquitto, Subscriber, need, running
from tests.world.waiting import soon
from tests.world.whole import Buses, Whole, influx, mqtt, payloads, whole, write_file

BASE = "gianh/v1/gw-a"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    server = Mosquitto(tmp_path / "mosquitto")
    with running(server):
        yield server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    made = Influxd(tmp_path_factory.mktemp("influx"))
    with running(made):
        yield made


@pytest.fixture
def database(server: Influxd) -> Influxd:
    server.query("DROP DATABASE town")
    server.query("CREATE DATABASE town")
    return server


@pytest.fixture
async def buses(tmp_path: Path) -> AsyncIterator[Buses]:
    async with Buses(tmp_path).plugged() as plugged:
        yield plugged


def times_in(server: Influxd, measurement: str, device: str) -> set[int]:
    asked = f"SELECT * FROM {measurement} WHERE device = '{device}'"
    return {int(row["time"]) for row in csv.DictReader(io.StringIO(server.query(asked, db="town")))}


def ns(text: object) -> int:
    """Nanoseconds of an RFC 3339 time, whatever its number of decimals."""
    whole_s, _, decimals = str(text).removesuffix("Z").partition(".")
    return int(datetime.fromisoformat(f"{whole_s}+00:00").timestamp()) * 10**9 + int(f"{decimals:0<9}"[:9])


async def command(
    broker: Mosquitto, path: str, body: dict[str, object], answers: int
) -> list[dict[str, object]]:
    """All answers to a command, by an independent MQTT 5 client."""
    async with Subscriber(broker.port, "town/answers") as subscriber:
        properties = ("-D", "publish", "response-topic", "town/answers")
        expiry = ("-D", "publish", "message-expiry-interval", "20")
        process = await asyncio.create_subprocess_exec(
            *(need("mosquitto_pub", "mosquitto-clients"), "-V", "mqttv5", "-q", "1", "-p", str(broker.port)),
            *("-t", f"{BASE}/command/{path}", "-m", json.dumps(body), *properties, *expiry),
        )
        assert await process.wait() == 0
        return [body for _, _, body in await payloads(subscriber, answers)]


async def rest_of(subscriber: Subscriber) -> list[str]:
    """All payloads until none comes for longer than states are held back."""
    bodies: list[str] = []
    with contextlib.suppress(TimeoutError):
        while True:
            bodies.append((await subscriber.next(timeout_s=2.5))[2])
    return bodies


async def test_a_sample_has_one_time_in_store_broker_and_database(
    tmp_path: Path, broker: Mosquitto, database: Influxd, buses: Buses
) -> None:
    file = write_file(tmp_path, mqtt(broker), influx(database), buses.text())
    async with Subscriber(broker.port, f"{BASE}/device/meter-1/sample") as subscriber:
        async with whole(file) as gateway:
            heard = [body for _, _, body in await payloads(subscriber, 3)]
            await soon(lambda: gateway.status.outbox.stored > 10)
            status = gateway.status
            assert status.ready
            assert all(state.online for state in status.devices)
        stored = times_in(database, "meter", "meter-1")
    assert {ns(body["at"]) for body in heard} <= stored
    (row,) = csv.DictReader(
        io.StringIO(database.query(f"SELECT * FROM meter WHERE time = {ns(heard[0]['at'])}", db="town"))
    )
    assert (row["gateway"], row["device"], row["commune"]) == ("gw-a", "meter-1", "ba-don")
    values = heard[0]["v"]
    assert isinstance(values, dict)
    assert {name: float(row[name]) for name in values} == values
    assert database.count("weather", "temperature") > 0


async def test_who_comes_later_finds_info_state_and_status_retained(
    tmp_path: Path, broker: Mosquitto, buses: Buses
) -> None:
    file = write_file(tmp_path, mqtt(broker), buses.text())
    async with whole(file) as gateway:
        await gateway.online("meter-1", "meter-2", "climate")
        await soon(lambda: gateway.status.outbox.pending["mqtt"] == 0)
        async with Subscriber(broker.port, f"{BASE}/device/climate/info") as subscriber:
            ((retained, _, info),) = await payloads(subscriber, 1)
        assert retained
        assert info["profile"] == "xy-md02"
        assert info["place"] == {"commune": "ba-don"}
        points = info["points"]
        assert isinstance(points, dict)
        assert points["temperature"]["unit"] == "Cel"
        assert points["temperature"]["label"].keys() == {"en", "vi"}
        async with Subscriber(broker.port, f"{BASE}/device/climate/state") as subscriber:
            ((retained, _, state),) = await payloads(subscriber, 1)
            assert retained
            while not state["online"]:
                ((_, _, state),) = await payloads(subscriber, 1)
        assert isinstance(state["v"], dict)
        assert state["v"].keys() == points.keys()
        async with Subscriber(broker.port, f"{BASE}/status") as subscriber:
            ((retained, _, status),) = await payloads(subscriber, 1)
            assert retained
            assert status["state"] == "online"
            assert status.keys() == {"state", "at", "version", "boot_id"}
            async with Subscriber(broker.port, f"{BASE}/device/+/sample") as samples:
                assert (await samples.next())[0] is False
    async with Subscriber(broker.port, f"{BASE}/status") as subscriber:
        ((retained, _, status),) = await payloads(subscriber, 1)
    assert (retained, status["state"]) == (True, "offline")


async def test_read_over_mqtt_is_accepted_and_then_verified_with_values(
    tmp_path: Path, broker: Mosquitto, buses: Buses
) -> None:
    async with whole(write_file(tmp_path, mqtt(broker), buses.text())) as gateway:
        await gateway.online("climate")
        answers = await command(broker, "read/climate", {"id": "r1"}, 2)
        assert [answer["state"] for answer in answers] == ["accepted", "verified"]
        assert answers[1]["id"] == "r1"
        assert isinstance(answers[1]["temperature"], float)
        (failed,) = (await command(broker, "read/nobody", {"id": "r2"}, 2))[1:]
        assert failed["state"] == "failed"
        assert "no device 'nobody'" in str(failed["reason"])


async def test_reload_over_mqtt_keeps_the_good_file_until_a_better_one_is_there(
    tmp_path: Path, broker: Mosquitto, buses: Buses
) -> None:
    file = write_file(tmp_path, mqtt(broker), buses.text())
    async with whole(file) as gateway:
        await gateway.online("meter-1", "meter-2", "climate")
        good, config = file.read_text("utf-8"), gateway.gateway.config
        file.write_text(good.replace("pzem-016", "pzem-017"), "utf-8")
        answers = await command(broker, "reload/gw-a", {"id": "c1"}, 2)
        assert [answer["state"] for answer in answers] == ["accepted", "failed"]
        assert "pzem-017" in str(answers[1]["reason"])
        assert gateway.gateway.config is config
        file.write_text(good.replace("address = 2", "address = 2\ntitle = 'Công tơ'"), "utf-8")
        answers = await command(broker, "reload/gw-a", {"id": "c2"}, 2)
        assert [answer["state"] for answer in answers] == ["accepted", "verified"]
        assert answers[1]["reason"] == "bus tcp: meter-2 changed"
        async with Subscriber(broker.port, f"{BASE}/device/meter-2/info") as subscriber:
            ((_, _, info),) = await payloads(subscriber, 1)
            while info["title"] != "Công tơ":
                ((_, _, info),) = await payloads(subscriber, 1)
        same = await command(broker, "reload/gw-a", {"id": "c2"}, 1)
        assert [answer["state"] for answer in same] == ["verified"]


async def test_a_reload_touches_the_changed_device_only(tmp_path: Path, broker: Mosquitto) -> None:
    buses = Buses(tmp_path)
    opened = 0
    accept = buses.tcp._accept

    def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        accept(reader, writer)

    buses.tcp._accept = counted  # type: ignore[method-assign]
    async with buses.plugged(), Subscriber(broker.port, f"{BASE}/device/meter-1/sample") as subscriber:
        file = write_file(tmp_path, mqtt(broker), buses.text(interval_s=0.5))
        async with whole(file) as gateway:
            await gateway.online("meter-1", "meter-2", "climate")
            await payloads(subscriber, 2)
            text = file.read_text("utf-8")
            changed = text.replace("address = 2\ninterval_s = 0.5", "address = 2\ninterval_s = 0.25")
            assert changed != text
            file.write_text(changed, "utf-8")
            assert await gateway.gateway.reload() == "bus tcp: meter-2 changed"
            heard = [ns(body["at"]) for _, _, body in await payloads(subscriber, 5)]
            assert opened == 1
    steps = [(after - before) / 1e9 for before, after in pairwise(heard)]
    # Neither asked again at once nor put off; a busy machine may shift single answers.
    assert all(0.2 < step < 0.8 for step in steps), steps
    assert abs(sum(steps) - 2.0) < 0.3


async def test_devices_may_come_and_go_by_reload(tmp_path: Path, broker: Mosquitto, buses: Buses) -> None:
    file = write_file(tmp_path, mqtt(broker), buses.text())
    async with whole(file) as gateway:
        await gateway.online("meter-1", "meter-2", "climate")
        text = file.read_text("utf-8")
        without = text[: text.index('[[device]]\nid = "climate"')].replace('[[bus]]\nid = "line"', "#", 1)
        without = "\n".join(
            line for line in without.splitlines() if "usb-line" not in line and "19200" not in line
        ).replace('#\nkind = "rtu"\ntimeout_s = 0.1', "")
        file.write_text(without, "utf-8")
        async with Subscriber(broker.port, f"{BASE}/device/climate/state") as subscriber:
            await subscriber.next()
            assert await gateway.gateway.reload() == "bus line removed"
            assert [state.device for state in gateway.status.devices] == ["meter-1", "meter-2"]
            bodies = await rest_of(subscriber)
        assert bodies[-1] == ""
        file.write_text(text, "utf-8")
        assert await gateway.gateway.reload() == "bus line added"
        await gateway.online("climate")


async def test_what_a_stopped_gateway_still_owed_was_sent_before_it_ended(
    tmp_path: Path, broker: Mosquitto, database: Influxd, buses: Buses
) -> None:
    file = write_file(tmp_path, mqtt(broker), influx(database), buses.text())
    loop = asyncio.get_running_loop()
    async with whole(file) as gateway:
        await gateway.online("meter-1", "meter-2", "climate")
        await soon(lambda: gateway.status.outbox.stored > 20)
        began = loop.time()
    assert loop.time() - began < 10
    from tests.crash.proof import stored_points

    points = set(stored_points(tmp_path / "data" / "gianh.db")[0].values())
    for measurement, device in {point[:2] for point in points}:
        assert times_in(database, measurement, device) == {
            at for one, other, at in points if (one, other) == (measurement, device)
        }
    assert isinstance(gateway, Whole)
