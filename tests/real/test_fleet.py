"""Configurations from the centre to a running gateway, over a real broker, by the commands alone."""

import asyncio
import contextlib
import io
import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.cli import fleet, main
from edge.cli.run import Restart, trial_files
from edge.cli.run import running as run_gateway
from edge.config.load import load
from edge.wiring import problems_of_wiring
from provisioning.fleet import push, receiver, sealing
from tests.fleet.authority import TownAuthority, authority
from tests.servers import Mosquitto, Subscriber, free_port, running
from tests.world.processes import daemon
from tests.world.waiting import soon
from tests.world.whole import HEAD, Buses, mqtt, whole

SHORT_S, TRIAL_S = "2", "5"
"""A trial in this process, and of a process that has to start anew."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def said_by(*arguments: str) -> Said:
    """A command of the centre, carried out in this process: another interpreter takes seconds to start."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    server = Mosquitto(tmp_path / "mosquitto")
    with running(server):
        yield server


@pytest.fixture
async def buses(tmp_path: Path) -> AsyncIterator[Buses]:
    async with Buses(tmp_path).plugged() as plugged:
        yield plugged


@pytest.fixture(autouse=True)
def _haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here a gateway is well after half a second, and a broker has said all that it keeps by then."""
    for module in (fleet, sealing):
        monkeypatch.setattr(module, "TRIAL_S_MIN", 1.0)
    monkeypatch.setattr(receiver, "STEADY_S", 0.5)
    monkeypatch.setattr(push, "QUIET_S", 0.2)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> TownAuthority:
    return authority(tmp_path_factory.mktemp("authority"))


class Centre:
    """The inventory at the centre, and the gateway's own file."""

    def __init__(self, folder: Path, broker: Mosquitto, buses: Buses, town: TownAuthority) -> None:
        self.trial_s = SHORT_S
        self.broker, self.folder = broker, folder / "centre"
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

    def on_port(self, port: int) -> str:
        """The same with the console at a port."""
        return self.text.replace("[http]\nport = 0", f"[http]\nport = {port}")

    async def fleet(self, *arguments: str) -> Said:
        return await asyncio.to_thread(said_by, "fleet", *arguments, "-c", str(self.inventory))

    async def push(self, *more: str) -> Said:
        return await self.fleet("push", "gw-a", "--yes", "--trial", self.trial_s, *more)

    async def online(self) -> None:
        """Wait until the gateway says that it is there."""
        async with Subscriber(self.broker.port, "gianh/v1/gw-a/status") as subscriber:
            while json.loads((await subscriber.next())[2])["state"] != "online":
                pass

    def record(self) -> dict[str, object]:
        """What the gateway keeps of its trial."""
        file = self.gateway.with_name("gateway.toml.fleet")
        found = json.loads(file.read_text()) if file.exists() else {}
        assert isinstance(found, dict)
        return found

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
        centre.trial_s = TRIAL_S  # half of it is longer than a device may be silent before it is lost
        done = await centre.push()
        assert done.returncode == 1
        assert "version 2 NOT kept: returned to the configuration before: meter-2" in done.stdout, done
        assert "interval_s = 0.3" in centre.gateway.read_text()
        await gateway.online("meter-2")
        assert (await centre.standing())["standing"] == "returned"


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
        done = await centre.fleet("rollback", "gw-a", "--trial", SHORT_S)
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


async def test_what_somebody_changed_on_the_spot_is_seen_and_replaced_only_with_a_word(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "DRIFT_EVERY_S", 0.1)
    async with whole(centre.gateway) as gateway:
        await gateway.online("meter-1")
        assert "kept" in (await centre.push()).stdout
        mine = centre.gateway.read_text() + "# the lamp at the school is on its own breaker\n"
        centre.gateway.write_text(mine)
        async with Subscriber(centre.broker.port, "gianh/v1/gw-a/config") as subscriber:
            while not json.loads((await subscriber.next())[2]).get("changed"):
                pass
        assert (await centre.standing())["standing"] == "changed there"
        done = await centre.push()
        assert done.returncode == 1
        assert "NOT kept: not sent: its gateway.toml was changed there after version 1" in done.stdout, done
        assert centre.gateway.read_text() == mine
        assert "version 2 kept" in (await centre.push("--over-local")).stdout
        assert "the lamp at the school" not in centre.gateway.read_text()


async def test_what_would_make_another_gateway_of_it_is_never_taken_from_afar(
    centre: Centre, tmp_path: Path
) -> None:
    async with whole(centre.gateway) as gateway:
        await gateway.online("meter-1")
        centre.want(centre.text.replace(f"{tmp_path}/data", f"{tmp_path}/elsewhere"))
        done = await centre.push()
    assert "gateway.data_dir is never changed from the centre" in done.stdout, done
    assert centre.gateway.read_text() == centre.text


@asynccontextmanager
async def at_work(centre: Centre, tmp_path: Path) -> AsyncIterator["subprocess.Popen[bytes]"]:
    """`gianh run` as a process of its own, online at the centre."""
    centre.trial_s = TRIAL_S
    with daemon(centre.gateway, tmp_path / "log") as process:
        await centre.online()
        yield process


def answers(port: int) -> bool:
    """Whether the gateway's console is there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@asynccontextmanager
async def in_this_process(centre: Centre, _: Path) -> AsyncIterator[None]:
    """`gianh run` without its process: started again as often as it asks for it."""
    asked, stop = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        while not stop.is_set():
            asked.clear()
            trial_files(centre.gateway).at_start(time.time_ns())
            config = load(centre.gateway, problems_of_wiring).config
            async with run_gateway(config, centre.gateway, restart=Restart(asked.set, asked.is_set)):
                await asked.wait()

    task = asyncio.create_task(run())
    await centre.online()
    yield
    stop.set()
    asked.set()
    await task


@pytest.mark.parametrize("gateway", [in_this_process, pytest.param(at_work, marks=pytest.mark.long)])
async def test_a_change_that_needs_a_restart_is_tried_over_it_and_taken_back_over_another(
    centre: Centre, tmp_path: Path, gateway: Callable[[Centre, Path], AbstractAsyncContextManager[object]]
) -> None:
    port = free_port()
    centre.gateway.write_text(good := centre.on_port(port))
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        centre.want(centre.on_port(taken))
        async with gateway(centre, tmp_path):
            done = await centre.push()
            assert "http changed, so it starts again now" in done.stdout, done
            assert f"1 NOT kept: [http] 127.0.0.1:{taken} is taken by another program" in done.stdout, done
            while not await asyncio.to_thread(answers, port):
                pass
    assert centre.gateway.read_text() == good


@pytest.mark.long
async def test_a_good_change_that_needs_a_restart_stays(centre: Centre, tmp_path: Path) -> None:
    port = free_port()
    async with at_work(centre, tmp_path) as process:
        for number, text in (
            (1, centre.on_port(port)),
            (2, f"{centre.on_port(port)}[store]\ncommit_s = 1.5\n"),
        ):
            centre.want(text)
            done = await centre.push()
            assert f"gw-a: version {number} kept" in done.stdout, done
            assert answers(port)
        assert process.poll() is None


@pytest.mark.long
@pytest.mark.parametrize("phase", ["trial", "returned"])
async def test_killed_around_a_restart_it_ends_with_the_last_good_one(
    centre: Centre, tmp_path: Path, phase: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        centre.want(centre.on_port(taken))
        async with at_work(centre, tmp_path) as process:
            pushing = asyncio.create_task(centre.push())
            await soon(lambda: centre.record().get("phase") == phase)
            process.kill()
            process.wait()
            with daemon(centre.gateway, tmp_path / "log"):
                done = await pushing
                await soon(lambda: centre.record().get("phase") == "returned")
                await centre.online()
    assert "version 1 NOT kept" in done.stdout, done
    assert centre.gateway.read_text() == centre.text


@pytest.mark.long
async def test_killed_on_trial_it_goes_on_with_it_and_keeps_it(centre: Centre, tmp_path: Path) -> None:
    async with at_work(centre, tmp_path) as process:
        centre.want(centre.text.replace("interval_s = 0.2", "interval_s = 0.3"))
        pushing = asyncio.create_task(centre.push())
        await soon(lambda: centre.record().get("phase") == "trial")
        process.kill()
        process.wait()
        with daemon(centre.gateway, tmp_path / "log"):
            assert "version 1 kept" in (await pushing).stdout
    assert centre.record()["starts"] == 1
    assert "interval_s = 0.3" in centre.gateway.read_text()
