"""Lamps commanded by mosquitto_rr through a real broker and a real daemon; the daemon killed at dusk."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.lighting.sun import sunset_s
from tests.real.lamps import (
    ANSWERS,
    LAMPS,
    Street,
    answers,
    lamps_verified,
    publish_retained,
    request,
    write_gateway,
)
from tests.servers import Mosquitto, Subscriber, running
from tests.world.processes import daemon
from tests.world.waiting import soon

EXPIRY = ("-D", "publish", "message-expiry-interval", "30")
ALWAYS_80 = '[{ at = "18:00", level = 80 }]'
BEFORE_DUSK_S = 20.0


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    server = Mosquitto(tmp_path / "mosquitto")
    with running(server):
        yield server


@pytest.fixture
async def street(tmp_path: Path, broker: Mosquitto) -> AsyncIterator[Street]:
    """Lamps at 80 % by their plan, under a daemon that has read all of them."""
    async with Street(80.0).wired() as street:
        file = write_gateway(tmp_path, broker, street.bus.port, ALWAYS_80)
        with daemon(file, tmp_path / "log"):
            await lamps_verified(broker)
            yield street


async def test_a_command_is_accepted_applied_and_verified_and_acts_once(
    broker: Mosquitto, street: Street
) -> None:
    body = {"id": "c1", "level": 40, "by": "hoa"}
    async with Subscriber(broker.port, ANSWERS) as subscriber:
        assert await request(broker, "light/square", body, *EXPIRY) == {"id": "c1", "state": "accepted"}
        told = await answers(subscriber)
        assert [one["state"] for one in told] == ["accepted", "applied", "verified"]
        assert (told[-1]["lamps"], told[-1]["verified"]) == (3, 3)
        assert street.levels == (40, 40, 40, 80, 80, 80)
        again = await request(broker, "light/square", body | {"level": 60}, *EXPIRY)
        assert again["state"] == "verified"
        assert await answers(subscriber) == [told[-1]]
        other = {"id": "c2", "level": 70, "by": "hoa"}
        await request(broker, "light/lamp-5", other, *EXPIRY)
        assert [one["state"] for one in await answers(subscriber)] == ["accepted", "applied", "verified"]
        assert street.levels == (40, 40, 40, 80, 80, 70)
    assert not [levels for levels in street.seen if 60 in levels], "the repeated id was written to lamps"


async def test_what_must_not_be_obeyed_is_refused_with_the_reason_and_reaches_no_lamp(
    broker: Mosquitto, street: Street
) -> None:
    two_hours_ago = (datetime.now(UTC) - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    refused: list[tuple[str, dict[str, object], tuple[str, ...], str]] = [
        ("light/lamp-0", {"level": 0, "at": two_hours_ago}, (), "expired"),
        ("light/lamp-0", {"level": 0}, (), "neither a message expiry nor at"),
        ("light/lamp-0", {"level": 101}, EXPIRY, "0 to 100"),
        ("light/lamp-99", {"level": 0}, EXPIRY, "lamp-99"),
        ("explode/lamp-0", {"level": 0}, EXPIRY, "unknown verb"),
    ]
    before = len(street.seen)
    async with Subscriber(broker.port, ANSWERS) as subscriber:
        for number, (path, body, options, word) in enumerate(refused):
            await request(broker, path, {"id": f"r{number}", "by": "hoa", **body}, *options)
            last = (await answers(subscriber))[-1]
            assert (last["id"], last["state"]) == (f"r{number}", "failed")
            assert word in str(last["reason"])
    assert len(street.seen) == before
    assert street.levels == (80.0,) * len(LAMPS)


async def test_a_retained_command_is_refused_by_the_gateway_that_hears_it_and_by_the_next(
    tmp_path: Path, broker: Mosquitto
) -> None:
    body = {"id": "old", "level": 0, "by": "hoa"}
    async with Street(80.0).wired() as street, Subscriber(broker.port, ANSWERS) as subscriber:
        file = write_gateway(tmp_path, broker, street.bus.port, ALWAYS_80)
        with daemon(file, tmp_path / "log"):
            await lamps_verified(broker)
            await publish_retained(broker, "light/lamp-0", body)
            (heard,) = await answers(subscriber)
        with daemon(file, tmp_path / "log"):
            await lamps_verified(broker)
            await request(broker, "light/lamp-1", {"id": "c1", "level": 40, "by": "hoa"}, *EXPIRY)
            told = await answers(subscriber)
    assert (heard["id"], heard["state"]) == ("old", "failed")
    assert "retained" in str(heard["reason"])
    assert "c1" in {one["id"] for one in told}
    assert street.levels[:2] == (80, 40)
    assert not [levels for levels in street.seen if levels[0] != 80]


class Dusk:
    """A place where the sun sets now, with a plan whose evening begins soon, to the second."""

    def __init__(self) -> None:
        utc = datetime.now(UTC)
        hours = 18 - utc.hour - utc.minute / 60
        longitude = (hours * 15 + 180) % 360 - 180
        zone = round(longitude / 15)
        self.place = (10.0, longitude, f"Etc/GMT{-zone:+d}")
        day = (utc + timedelta(hours=zone)).date()
        self.at_s = round(time.time() + BEFORE_DUSK_S)
        after_s = self.at_s - round(sunset_s(day, 10.0, longitude, zone * 3600))
        self.steps = f'[{{ at = "sunset{after_s:+d}s", level = 100 }}, {{ at = "sunrise", level = 0 }}]'


async def test_a_gateway_killed_at_dusk_comes_back_to_the_plan_and_is_never_dark_first(
    tmp_path: Path, broker: Mosquitto
) -> None:
    dusk, log = Dusk(), tmp_path / "log"
    async with Street(0.0).wired() as street:
        file = write_gateway(tmp_path, broker, street.bus.port, dusk.steps, dusk.place)
        with daemon(file, log) as first:
            await lamps_verified(broker)
            async with Subscriber(broker.port, ANSWERS) as subscriber:
                body = {"id": "c1", "level": 55, "for_s": 3600, "by": "hoa"}
                await request(broker, "light/lamp-5", body, *EXPIRY)
                assert (await answers(subscriber))[-1]["state"] == "verified"
            assert street.levels == (0, 0, 0, 0, 0, 55)
            assert time.time() < dusk.at_s, "the machine was too slow for dusk to be ahead"
            await soon(lambda: street.levels[0] > 0)
            first.kill()
            await asyncio.to_thread(first.wait)
        at_kill, writes = street.levels, len(street.seen)
        with daemon(file, log):
            await soon(lambda: street.levels == (100, 100, 100, 100, 100, 55))
            await lamps_verified(broker)
            async with Subscriber(broker.port, "gianh/v1/gw-a/light/lamp-5/state") as subscriber:
                state = json.loads((await subscriber.next())[2])
    assert 0 in at_kill, "the gateway was not killed in the middle of dusk"
    assert (state["level"], state["source"]) == (55, "override")
    for levels in street.seen[writes:]:
        assert all(now >= before for now, before in zip(levels, at_kill, strict=True)), street.seen
    assert time.time() >= dusk.at_s
