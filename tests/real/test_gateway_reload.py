import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.servers import Influxd, Mosquitto, Subscriber, running
from tests.world.waiting import soon
from tests.world.whole import Buses, influx, mqtt, payloads, whole, write_file

BASE = "gianh/v1/gw-a"


@pytest.fixture
def brokers(tmp_path: Path) -> Iterator[tuple[Mosquitto, Mosquitto]]:
    one, other = Mosquitto(tmp_path / "one"), Mosquitto(tmp_path / "other")
    with running(one), running(other):
        yield one, other


@pytest.fixture
async def buses(tmp_path: Path) -> AsyncIterator[Buses]:
    async with Buses(tmp_path).plugged() as plugged:
        yield plugged


async def test_another_broker_gets_what_the_first_has_not_and_the_first_sees_us_leave(
    tmp_path: Path, brokers: tuple[Mosquitto, Mosquitto], buses: Buses
) -> None:
    one, other = brokers
    numbers: list[int] = []
    async with (
        Subscriber(one.port, f"{BASE}/device/+/sample") as first,
        Subscriber(other.port, f"{BASE}/device/+/sample") as second,
        whole(write_file(tmp_path, mqtt(one), buses.text())) as gateway,
    ):
        numbers += [int(str(body["seq"])) for _, _, body in await payloads(first, 5)]
        write_file(tmp_path, mqtt(other), buses.text())
        assert await gateway.gateway.reload() == "target mqtt changed"
        later = [int(str(body["seq"])) for _, _, body in await payloads(second, 10)]
        while numbers[-1] < later[0] - 1:
            ((_, _, body),) = await payloads(first, 1)
            numbers.append(int(str(body["seq"])))
        assert sorted({*numbers, *later}) == list(range(1, later[-1] + 1))
        async with Subscriber(one.port, f"{BASE}/status") as status:
            ((retained, _, body),) = await payloads(status, 1)
        assert (retained, body["state"]) == (True, "offline")


async def test_a_setting_of_the_broker_may_change_again_and_again(
    tmp_path: Path, brokers: tuple[Mosquitto, Mosquitto], buses: Buses
) -> None:
    broker, _ = brokers
    async with whole(write_file(tmp_path, mqtt(broker), buses.text())) as gateway:
        for keepalive_s in (40, 50, 60):
            write_file(tmp_path, mqtt(broker, f"keepalive_s = {keepalive_s}"), buses.text())
            assert await gateway.gateway.reload() == "target mqtt changed"
        await gateway.online("meter-1")
        before = gateway.status.outbox.stored
        await soon(lambda: gateway.status.outbox.stored > before + 5 and gateway.pending("mqtt") == 0)
        assert not gateway.trouble("mqtt")
        names = [task.get_name() for task in asyncio.all_tasks()]
        assert len(names) == len(set(names)), names


async def test_a_database_may_be_added_and_gets_the_history_and_be_taken_away(
    tmp_path: Path, brokers: tuple[Mosquitto, Mosquitto], buses: Buses
) -> None:
    broker, _ = brokers
    server = Influxd(tmp_path / "influx")
    with running(server):
        server.query("CREATE DATABASE town")
        async with whole(write_file(tmp_path, mqtt(broker), buses.text())) as gateway:
            await gateway.online("climate")
            await soon(lambda: gateway.status.outbox.stored > 20)
            write_file(tmp_path, mqtt(broker), influx(server), buses.text())
            assert await gateway.gateway.reload() == "target centre added"
            await soon(lambda: server.count("weather", "temperature") > 5)
            write_file(tmp_path, mqtt(broker), buses.text())
            assert await gateway.gateway.reload() == "target centre removed"
            assert [way.target for way in gateway.status.targets] == ["mqtt"]
            assert gateway.status.outbox.pending.keys() == {"mqtt"}


async def test_files_that_change_while_one_is_applied_are_applied_one_after_the_other(
    tmp_path: Path, brokers: tuple[Mosquitto, Mosquitto], buses: Buses
) -> None:
    broker, _ = brokers
    async with whole(write_file(tmp_path, mqtt(broker), buses.text())) as gateway:
        await gateway.online("meter-1")
        write_file(tmp_path, mqtt(broker), buses.text(interval_s=0.3))
        said = await asyncio.gather(*(gateway.gateway.reload() for _ in range(5)))
        assert said[0].startswith("bus tcp: meter-1, meter-2 changed")
        assert said[1:] == ["nothing changed"] * 4


async def test_a_changed_commune_is_on_every_row_from_then_on(
    tmp_path: Path, brokers: tuple[Mosquitto, Mosquitto], buses: Buses
) -> None:
    broker, _ = brokers
    file = write_file(tmp_path, mqtt(broker), buses.text())
    async with (
        Subscriber(broker.port, f"{BASE}/device/meter-1/info") as subscriber,
        whole(file) as gateway,
    ):
        await gateway.online("meter-1")
        file.write_text(file.read_text().replace("ba-don", "quang-tho"))
        assert "bus tcp reopened" in await gateway.gateway.reload()
        places = [body["place"] for _, _, body in await payloads(subscriber, 2)]
        assert places == [{"commune": "ba-don"}, {"commune": "quang-tho"}]
        await gateway.online("meter-1", "climate")
