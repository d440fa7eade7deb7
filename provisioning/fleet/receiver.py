"""The gateway's end: takes a signed configuration, tries it, keeps it or returns to the one before."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloud_sync.mqtt.link import TARGET
from edge.config.changes import needs_restart, never_from_afar
from edge.config.schema import Config, Fleet
from edge.core.errors import Busy, ConfigError, GianhError, TransientError
from edge.core.fleet import ConfigBoard, Phase
from edge.core.model import Command, CommandState, Event, EventKind, Outcome
from edge.core.ports import Clock
from edge.core.times import utc_datetime
from edge.runtime.gateway import Gateway
from edge.runtime.status import Status
from provisioning.fleet.bundle import Bundle, Sealed
from provisioning.fleet.trial import Before, TrialFiles

if TYPE_CHECKING:
    from provisioning.fleet.sealing import Opener

log = logging.getLogger(__name__)

STEADY_S = 30.0
"""A gateway that was well for so long is well; half of a shorter trial."""

LOOK_EVERY_S = 1.0


DRIFT_EVERY_S = 10.0
"""How often it is looked whether somebody changed the file on the gateway itself."""


@dataclass(frozen=True, slots=True)
class House:
    """What the gateway's process lets a receiver do: `restart` stops the gateway in order and starts it with
    the file as it is then, `console` says in words why its console cannot be reached, if so.
    """

    restart: Callable[[], None]
    console: Callable[[], str]


class Receiver:
    """Implements Service: goes on with a trial that a restart interrupted; its `configure` is the verb.

    Without a house, a configuration that needs a restart is refused.
    """

    name = "fleet"

    def __init__(
        self, gateway: Gateway, files: TrialFiles, board: ConfigBoard, clock: Clock, house: House | None
    ) -> None:
        self._gateway, self._files, self._board, self._clock = gateway, files, board, clock
        self._house = house
        self._trying = False
        # Loading holds polls up: it is done now, and not when the first command comes.
        opener_of(gateway.config.fleet)

    async def run(self) -> None:
        """Run until cancelled."""
        record = self._files.record
        if record.phase is Phase.TRIAL and not self._trying:
            self._trying = True
            try:
                await self._decide(record.before, record.trial_s)
            except GianhError as error:
                log.warning("fleet: %s", error)
            finally:
                self._trying = False
        while True:
            await self._clock.sleep(DRIFT_EVERY_S)
            if not self._trying and self._files.state() != self._board.state:
                self._show()

    def heard(self, event: Event) -> None:
        """The file was applied anew: the centre is to see when it is not the one that it sent."""
        if event.kind is EventKind.CONFIG_RELOADED and not self._trying:
            self._show()

    async def configure(self, command: Command) -> AsyncIterator[Outcome]:
        """Carry the command out: `applied` once it is on trial, `verified` once it stays."""
        bundle, by = self._opened(command)
        if self._trying:
            raise Busy("another configuration is on trial: wait for its end")
        self._trying = True
        try:
            keys = self._restart_for(self._files.judged(bundle))
            before = before_of(self._gateway.status(), self._console_trouble())
            self._files.begin(bundle, by, self._now_ns(), before)
            self._show()
            said = f"{keys[0]} changed, so it starts again now" if keys else await self._applied()
            text = f"version {bundle.version} is on trial for {bundle.trial_s:g} s: {said}"
            yield Outcome(command.id, CommandState.APPLIED, text)
            if keys:
                await self._restarted()
            await self._decide(before, bundle.trial_s)
            text = f"version {bundle.version}, signed by {by}, stays"
            yield Outcome(command.id, CommandState.VERIFIED, text)
        finally:
            self._trying = False

    def _opened(self, command: Command) -> tuple[Bundle, str]:
        gateway = self._gateway.config.gateway.id
        if command.target != gateway:
            raise ConfigError(f"configure takes the gateway's own id, {gateway}, not {command.target}")
        opener = opener_of(self._gateway.config.fleet)
        if opener is None:
            raise ConfigError(
                "this gateway takes no configuration from outside: give it [fleet] with ca_file"
            )
        if not self._clock.is_set():
            raise TransientError("the clock is not set yet, so no signature can be judged: try again later")
        given = dict(command.arguments)
        sealed = Sealed(str(given.get("bundle", "")), str(given.get("signature", "")))
        bundle, by = opener.opened(sealed, utc_datetime(self._clock.utc_ns()))
        if bundle.gateway != gateway:
            raise ConfigError(f"the bundle was made for {bundle.gateway}, and this is {gateway}")
        return bundle, by

    def _restart_for(self, config: Config) -> list[str]:
        """Which keys need a restart. Raises ConfigError for what may never change from the centre."""
        before = self._gateway.config
        if keys := never_from_afar(before, config):
            raise ConfigError(
                f"{keys[0]} is never changed from the centre: with another one this would be another gateway"
            )
        keys = needs_restart(before, config)
        if keys and self._house is None:
            raise ConfigError(f"{keys[0]} changed, which needs a restart, and this gateway restarts by hand")
        return keys

    async def _restarted(self) -> None:
        """Have the gateway restarted; what stops it cancels us here, and its next start goes on."""
        assert self._house is not None
        self._house.restart()
        await asyncio.get_running_loop().create_future()

    async def _applied(self) -> str:
        try:
            return await self._gateway.reload()
        except GianhError as error:
            self._files.give_back(str(error), self._now_ns())
            self._show()
            raise

    async def _decide(self, before: Before, trial_s: float) -> None:
        """Keep what is on trial, or return to the last good one and raise TransientError with the reason."""
        if reason := await self._tried(before, trial_s):
            self._files.give_back(reason, self._now_ns())
            self._show()
            log.warning("fleet: returned to the configuration before: %s", reason)
            await self._back()
            raise TransientError(f"returned to the configuration before: {reason}")
        self._files.keep(self._now_ns())
        self._show()

    async def _back(self) -> None:
        """Run with the last good file again, which lies in place."""
        if self._house is not None and needs_restart(self._gateway.config, self._files.config()):
            await self._restarted()
        await self._gateway.reload()

    async def _tried(self, before: Before, trial_s: float) -> str:
        """Why the gateway is not well with it; empty once it was well for long enough."""
        began_s = self._seconds()
        well_since: float | None = None
        while True:
            trouble = troubles(before, self._gateway.status(), self._console_trouble())
            now_s = self._seconds()
            well_since = None if trouble else (well_since if well_since is not None else now_s)
            if well_since is not None and now_s - well_since >= min(STEADY_S, trial_s / 2):
                return ""
            if now_s - began_s >= trial_s:
                return trouble or "it was not well for long enough"
            await self._clock.sleep(min(LOOK_EVERY_S, trial_s / 10))

    def _console_trouble(self) -> str:
        return self._house.console() if self._house is not None else ""

    def _show(self) -> None:
        self._board.tell(self._files.state())

    def _now_ns(self) -> int | None:
        return self._clock.utc_ns() if self._clock.is_set() else None

    def _seconds(self) -> float:
        return self._clock.mono_ns() / 1e9


def troubles(before: Before, status: Status, console: str) -> str:
    """What is wrong with a gateway that tries a configuration, in words; empty if it is well.

    It polls and stores, and what it reached before and still has, targets and devices, it reaches now; its
    console can be reached if it could before. Pure.
    """
    if not status.ready:
        return "; ".join(status.not_ready)
    away = [target for target in status.targets if target.trouble and target.target in before.targets]
    if away:
        return f"{away[0].target}: {away[0].trouble}"
    if console and before.console:
        return console
    states = {state.device: state.online for state in status.devices}
    lost = [device for device in before.devices if device in states and states[device] is not True]
    if lost:
        return f"{', '.join(lost[:5])} answered before, and {'does' if len(lost) == 1 else 'do'} not now"
    return ""


def opener_of(fleet: Fleet | None) -> "Opener | None":
    """What opens bundles, where the gateway takes any."""
    if fleet is None:
        return None
    # Loaded here: cryptography takes 9 MB, which only a gateway that takes configurations shall carry.
    from provisioning.fleet.sealing import Opener

    return Opener(fleet)


def before_of(status: Status, console: str) -> Before:
    """What a gateway reaches now: the broker in any case, since it was asked by it."""
    devices = sorted(state.device for state in status.devices if state.online)
    targets = {TARGET} | {target.target for target in status.targets if not target.trouble}
    return Before(tuple(devices), tuple(sorted(targets)), not console)
