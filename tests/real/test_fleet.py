"""Configurations from the centre to a running gateway, over a real broker, by the commands alone."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.fleet.authority import TownAuthority, authority
from tests.servers import Mosquitto, Subscriber, running
from tests.world.processes import gianh, run_gianh
from tests.world.waiting import soon
from tests.world.whole import HEAD, Buses, mqtt, whole

TRIAL_S = "5"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    server = Mosquitto(tmp_path / "mosquitto")
    with running(server):
        yield server


@pytest.fixture
async def buses(tmp_path: Path) -> AsyncIterator[Buses]:
    async with Buses(tmp_path).plugged() as plugged:
        yield plugged


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> TownAuthority:
    return authority(tmp_path_factory.mktemp("authority"))


class Centre:
    """The inventory at the centre, and the gateway's own file."""

    def __init__(self, folder: Path, broker: Mosquitto, buses: Buses, town: TownAuthority) -> None:
        self.folder = folder / "centre"
        self.folder.mkdir()
        self.gateway = folder / "site" / "gateway.toml"
        self.gateway.parent.mkdir()
        head = HEAD.format(data_dir=folder / "data")
        fleet = f'[fleet]\nca_file = "{town.root}"\n'
        self.text = f"{head}{fleet}{mqtt(broker, 'reconnect_spread_s = 0.2')}\n{buses.text()}"
        self.gateway.write_text(self.text)
        self.sign_with(town, broker)
        self.want(self.text)

    def sign_with(self, town: TownAuthority, broker: Mosquitto) -> None:
        self.inventory = self.folder / "town.toml"
        self.inventory.write_text(
            f'[mqtt]\nurl = "{broker.url}"\n[sign]\nkey_file = "{town.key}"\n'
            '[[gateway]]\nid = "gw-a"\nfile = "gw-a.toml"\n'
        )

    def want(self, text: str) -> None:
        """What the gateway is to have."""
        (self.folder / "gw-a.toml").write_text(text)

    async def fleet(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(run_gianh, "fleet", *arguments, "-c", str(self.inventory))

    async def push(self) -> "subprocess.CompletedProcess[str]":
        return await self.fleet("push", "gw-a", "--yes", "--trial", TRIAL_S)

    async def standing(self) -> dict[str, object]:
        done = await self.fleet("status", "--json")
        (found,) = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def centre(tmp_path: Path, broker: Mosquitto, buses: Buses, town: TownAuthority) -> Centre:
    return Centre(tmp_path, broker, buses, town)


async def test_a_good_change_stays_and_a_bad_one_goes_back(centre: Centre) -> None:
    async with whole(centre.gateway) as gateway:
        await gateway.online("meter-1", "meter-2", "climate")
        centre.want(centre.text.replace("interval_s = 0.2", "interval_s = 0.3"))
        done = await centre.push()
        assert "gw-a: version 1 kept" in done.stdout, done
        assert "-interval_s" not in done.stdout  # nothing was sent before, so all of it is new
        assert all(device.interval_s == 0.3 for device in gateway.gateway.config.device)
        centre.want(centre.text.replace("address = 2", "address = 77"))
        done = await centre.push()
        assert done.returncode == 1
        assert "version 2 NOT kept: returned to the configuration before: meter-2" in done.stdout, done
        assert "interval_s = 0.3" in centre.gateway.read_text()
        await gateway.online("meter-2")
        assert (await centre.standing())["standing"] == "returned"


@pytest.mark.long
async def test_a_rollback_is_a_new_version_of_what_was_before(centre: Centre, broker: Mosquitto) -> None:
    async with whole(centre.gateway) as gateway:
        await gateway.online("meter-1", "meter-2", "climate")
        assert await centre.standing() == {
            "gateway": "gw-a",
            "online": True,
            "version": 0,
            "standing": "never sent",
            "reason": "",
        }
        for interval_s in ("0.3", "0.4"):
            centre.want(centre.text.replace("interval_s = 0.2", f"interval_s = {interval_s}"))
            assert "kept" in (await centre.push()).stdout
        assert (await centre.standing())["standing"] == "as wanted"
        done = await centre.fleet("rollback", "gw-a", "--trial", TRIAL_S)
        assert "gw-a: version 3 kept" in done.stdout, done
        assert all(device.interval_s == 0.3 for device in gateway.gateway.config.device)
        async with Subscriber(broker.port, "gianh/v1/gw-a/config") as subscriber:
            retained, _, payload = await subscriber.next()
        said = json.loads(payload)
        assert retained
        assert (said["state"], said["version"], said["by"]) == ("kept", 3, "fleet@signing")


async def test_what_is_not_signed_by_this_town_or_not_right_changes_nothing(
    centre: Centre, broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = centre.gateway.read_text()
    async with whole(centre.gateway) as gateway:
        await gateway.online("meter-1")
        centre.want(centre.text.replace('ca_file = "', 'ca_file = "/nowhere'))
        done = await centre.push()
        assert done.returncode == 1
        assert "NOT kept: refused: line" in done.stdout, done
        assert "cannot be read" in done.stdout
        centre.sign_with(authority(tmp_path_factory.mktemp("stranger")), broker)
        centre.want(centre.text.replace("interval_s = 0.2", "interval_s = 0.3"))
        done = await centre.push()
        assert "the signature is not of this town's authority" in done.stdout, done
        assert (await centre.standing())["version"] == 0
    assert centre.gateway.read_text() == before


async def test_faults_are_found_at_the_centre_before_anything_is_sent(centre: Centre) -> None:
    centre.want(centre.text.replace("xy-md02", "xy-md03"))
    done = await centre.push()
    assert done.returncode == 2
    assert "gw-a.toml:" in done.stderr
    assert "did you mean" in done.stderr or "there is no profile" in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_gateway_that_is_not_there_is_said_at_once(centre: Centre) -> None:
    done = await centre.push()
    assert done.returncode == 1
    assert "gw-a: version 1 NOT kept: not sent: it was never seen at this broker" in done.stdout, done
    done = await centre.fleet("push", "gw-z", "--yes")
    assert done.returncode == 2
    assert "no gateway 'gw-z'" in done.stderr


@pytest.mark.long
async def test_killed_on_trial_it_goes_on_with_it_and_keeps_it(centre: Centre, tmp_path: Path) -> None:
    def record() -> dict[str, object]:
        file = centre.gateway.with_name("gateway.toml.fleet")
        found = json.loads(file.read_text()) if file.exists() else {}
        assert isinstance(found, dict)
        return found

    log = (tmp_path / "log").open("ab")
    command = gianh("run", "-c", str(centre.gateway))
    process = subprocess.Popen(command, stdout=log, stderr=log)
    try:

        async def is_online() -> bool:
            return (await centre.standing())["online"] is True

        while not await is_online():
            pass
        centre.want(centre.text.replace("interval_s = 0.2", "interval_s = 0.3"))
        pushing = asyncio.create_task(centre.push())
        await soon(lambda: record().get("phase") == "trial")
        process.kill()
        process.wait()
        process = subprocess.Popen(command, stdout=log, stderr=log)
        await soon(lambda: record().get("phase") == "kept", 30)
        assert record()["starts"] == 1
        assert "interval_s = 0.3" in centre.gateway.read_text()
        pushing.cancel()
    finally:
        process.kill()
        process.wait()
        log.close()
