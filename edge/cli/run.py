"""`gianh run`: the daemon."""

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.cli.common import EXIT_DONE, Commands, add_command, add_config, config_path, version
from edge.config.load import Loaded, load
from edge.config.schema import Config
from edge.console.front import Front, gateway_front
from edge.core.clock import SystemClock
from edge.core.errors import ConfigError, GianhError, TransientError
from edge.core.fleet import ConfigBoard, Phase
from edge.core.ports import Clock
from edge.runtime.gateway import Gateway
from edge.runtime.supervisor import Supervisor
from edge.runtime.tasks import Tasks
from edge.wiring import Wiring, problems_of_wiring
from edge.wiring.commission import commissioning
from edge.wiring.plan import Planning
from provisioning.fleet.receiver import House, Receiver
from provisioning.fleet.trial import TrialFiles

log = logging.getLogger(__name__)

BOUND_S = 5.0
"""Longest wait at the start for the HTTP address; an address that is taken does not keep the gateway."""


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that runs, and its ways in."""

    gateway: Gateway
    front: Front

    @property
    def http(self) -> str:
        """Where it answers; empty when its address was taken."""
        return self.front.address


@dataclass(frozen=True, slots=True)
class Restart:
    """How a gateway is started again: `ask` for it, and `is_asked` tells whether a stop is one."""

    ask: Callable[[], None]
    is_asked: Callable[[], bool]


def add(commands: Commands) -> None:
    """Add this room's command."""
    parser = add_command(commands, "run", run, "run the gateway", "gianh run -c gateway.toml")
    add_config(parser)


def run(args: argparse.Namespace) -> int:
    """`gianh run`: until SIGTERM or Ctrl-C; SIGHUP reads the file again."""
    file = config_path(args)
    if not args.debug:
        logging.getLogger().setLevel(logging.INFO)
        quiet_libraries()
    while _ran(file):
        log.info("starting again, with the configuration as it is now")
    return EXIT_DONE


def _ran(file: Path) -> bool:
    """Run the gateway to its end; gives whether it is to start again."""
    files = trial_files(file)
    if reason := files.at_start(SystemClock(needs_sync=False).utc_ns()):
        log.warning("the configuration from the centre was taken back: %s", reason)
    loaded = load(file, problems_of_wiring)
    for warning in loaded.warnings:
        log.warning("%s", warning)
    try:
        return asyncio.run(_run(loaded))
    except GianhError as error:
        if files.record.phase is not Phase.TRIAL:
            raise
        log.warning("the configuration from the centre is taken back: the gateway does not start: %s", error)
        files.give_back(f"the gateway does not start with it: {error}", None)
        return True


def trial_files(file: Path) -> TrialFiles:
    """What lies beside a configuration that came from the centre."""
    return TrialFiles(file, lambda one: load(one, problems_of_wiring).config)


def quiet_libraries() -> None:
    """Let libraries speak of trouble only; what matters of their chatter is in our own log."""
    for name in ("httpx", "httpcore", "uvicorn", "mqtt", "pymodbus", "iotcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


async def _run(loaded: Loaded) -> bool:
    """Run until it is to stop; gives whether it is to start again."""
    stop, again = asyncio.Event(), asyncio.Event()

    def restart() -> None:
        again.set()
        stop.set()

    def end() -> None:
        again.clear()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    async with running(loaded.config, loaded.file, restart=Restart(restart, again.is_set)) as run:
        loop.add_signal_handler(signal.SIGHUP, _reload_soon(run.gateway))
        if run.http:
            log.info("the API answers at %s", run.http)
        await stop.wait()
        log.info("stopping")
    return again.is_set()


def _reload_soon(gateway: Gateway) -> Callable[[], None]:
    tasks: set[asyncio.Task[None]] = set()

    async def reload() -> None:
        with contextlib.suppress(ConfigError):  # it was logged and told as an event
            await gateway.reload()

    def soon() -> None:
        task = asyncio.get_running_loop().create_task(reload(), name="reload")
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    return soon


def _standing(gateway: Gateway) -> str:
    """The gateway in a line, for `systemctl status`."""
    devices = gateway.live.states()
    answering = sum(state.online is True for state in devices)
    return f"{answering} of {len(devices)} devices answer"


def make_folder(data_dir: Path) -> None:
    """Make the folder, and see that this user may write there; what only a full disk hinders goes on."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TransientError(
            f"data_dir {data_dir} cannot be made ({error.strerror}): set another, or correct the rights"
        ) from error
    try:
        with tempfile.TemporaryFile(dir=data_dir):
            pass
    except PermissionError as error:
        raise TransientError(
            f"data_dir {data_dir} may not be written by this user: set another, or correct the rights"
        ) from error
    except OSError as error:
        log.warning("data_dir %s cannot be written now: %s", data_dir, error.strerror)


@asynccontextmanager
async def running(
    config: Config,
    file: Path,
    wiring: Wiring | None = None,
    clock: Clock | None = None,
    announce: Callable[[Front], None] = Front.announce,
    restart: Restart | None = None,
) -> AsyncIterator[Running]:
    """A gateway with its API, from start to orderly stop; `announce` says how the first user gets in."""
    fronts: list[Front] = []
    clock = clock or SystemClock(config.gateway.clock_needs_sync)
    make_folder(config.gateway.data_dir)

    def again() -> Config:
        return load(file, problems_of_wiring).config

    files = trial_files(file)
    board = ConfigBoard(files.state())
    gateway = Gateway(config, wiring or Wiring(), clock, again, version(), board)
    house = House(restart.ask, lambda: fronts[0].trouble if fronts else "") if restart else None
    receiver = Receiver(gateway, files, board, clock, house)
    gateway.teach("configure", receiver.configure)
    gateway.ears.append(receiver.heard)
    await gateway.start()
    servers = Tasks()
    try:
        plan = Planning(gateway, file, clock, board)
        front = gateway_front(gateway, clock, commissioning(gateway, file, clock), plan)
        fronts.append(front)
        servers.start(receiver)
        for service in front.services:
            servers.start(service)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(front.local.bound.wait(), BOUND_S)
            if front.web is not None:
                await asyncio.wait_for(front.web.bound.wait(), BOUND_S)
        announce(front)
        stays = restart.is_asked if restart else (lambda: False)
        servers.start(
            Supervisor(gateway.stalled, gateway.store.aside, lambda: _standing(gateway), stays=stays)
        )
        yield Running(gateway, front)
    finally:
        await servers.stop_all()
        await gateway.stop()
        sys.stderr.flush()
