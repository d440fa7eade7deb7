"""The gateway's end: takes a signed configuration, tries it, keeps it or returns to the one before."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from cloud_sync.mqtt.link import TARGET
from edge.config.schema import Fleet
from edge.core.errors import Busy, ConfigError, GianhError, TransientError
from edge.core.fleet import ConfigBoard, Phase
from edge.core.model import Command, CommandState, Event, EventKind, Outcome
from edge.core.ports import Clock
from edge.core.times import utc_datetime
from edge.runtime.gateway import Gateway
from edge.runtime.status import Status
from provisioning.ca.place import certificate_in
from provisioning.fleet.bundle import Bundle, Sealed, unseal
from provisioning.fleet.trial import TrialFiles

log = logging.getLogger(__name__)

STEADY_S = 30.0
"""A gateway that was well for so long is well; half of a shorter trial."""

LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Before:
    """Which devices answered and which targets took data before a trial."""

    devices: frozenset[str]
    targets: frozenset[str]


class Receiver:
    """Implements Service: goes on with a trial that a restart interrupted; its `configure` is the verb."""

    name = "fleet"

    def __init__(self, gateway: Gateway, files: TrialFiles, board: ConfigBoard, clock: Clock) -> None:
        self._gateway, self._files, self._board, self._clock = gateway, files, board, clock
        self._trying = False

    async def run(self) -> None:
        """Run until cancelled."""
        record = self._files.record
        if record.phase is Phase.TRIAL and not self._trying:
            self._trying = True
            try:
                await self._decide(Before(frozenset(), frozenset((TARGET,))), record.trial_s)
            except GianhError as error:
                log.warning("fleet: %s", error)
            finally:
                self._trying = False
        while True:
            await self._clock.sleep(3600.0)

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
            before = before_of(self._gateway.status())
            self._files.begin(bundle, by, self._now_ns())
            self._show()
            said = await self._applied()
            text = f"version {bundle.version} is on trial for {bundle.trial_s:g} s: {said}"
            yield Outcome(command.id, CommandState.APPLIED, text)
            await self._decide(before, bundle.trial_s)
            text = f"version {bundle.version}, signed by {by}, stays"
            yield Outcome(command.id, CommandState.VERIFIED, text)
        finally:
            self._trying = False

    def _opened(self, command: Command) -> tuple[Bundle, str]:
        gateway = self._gateway.config.gateway.id
        if command.target != gateway:
            raise ConfigError(f"configure takes the gateway's own id, {gateway}, not {command.target}")
        fleet = self._gateway.config.fleet
        if fleet is None:
            raise ConfigError(
                "this gateway takes no configuration from outside: give it [fleet] with ca_file"
            )
        if not self._clock.is_set():
            raise TransientError("the clock is not set yet, so no signature can be judged: try again later")
        given = dict(command.arguments)
        sealed = Sealed(str(given.get("bundle", "")), str(given.get("signature", "")))
        root, crl = certificate_in(_read(fleet.ca_file), fleet.ca_file), _crl(fleet)
        bundle, by = unseal(sealed, root, utc_datetime(self._clock.utc_ns()), crl)
        if bundle.gateway != gateway:
            raise ConfigError(f"the bundle was made for {bundle.gateway}, and this is {gateway}")
        return bundle, by

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
            await self._gateway.reload()
            raise TransientError(f"returned to the configuration before: {reason}")
        self._files.keep(self._now_ns())
        self._show()

    async def _tried(self, before: Before, trial_s: float) -> str:
        """Why the gateway is not well with it; empty once it was well for long enough."""
        began_s = self._seconds()
        well_since: float | None = None
        while True:
            trouble = troubles(before, self._gateway.status())
            now_s = self._seconds()
            well_since = None if trouble else (well_since if well_since is not None else now_s)
            if well_since is not None and now_s - well_since >= min(STEADY_S, trial_s / 2):
                return ""
            if now_s - began_s >= trial_s:
                return trouble or "it was not well for long enough"
            await self._clock.sleep(min(LOOK_EVERY_S, trial_s / 10))

    def _show(self) -> None:
        self._board.tell(self._files.state())

    def _now_ns(self) -> int | None:
        return self._clock.utc_ns() if self._clock.is_set() else None

    def _seconds(self) -> float:
        return self._clock.mono_ns() / 1e9


def troubles(before: Before, status: Status) -> str:
    """What is wrong with a gateway that tries a configuration, in words; empty if it is well.

    It polls and stores, and what it reached before and still has, targets and devices, it reaches now. Pure.
    """
    if not status.ready:
        return "; ".join(status.not_ready)
    away = [target for target in status.targets if target.trouble and target.target in before.targets]
    if away:
        return f"{away[0].target}: {away[0].trouble}"
    states = {state.device: state.online for state in status.devices}
    lost = sorted(device for device in before.devices if device in states and states[device] is not True)
    if lost:
        return f"{', '.join(lost[:5])} answered before, and {'does' if len(lost) == 1 else 'do'} not now"
    return ""


def before_of(status: Status) -> Before:
    """What a gateway reaches now."""
    devices = frozenset(state.device for state in status.devices if state.online)
    return Before(devices, frozenset(target.target for target in status.targets if not target.trouble))


def _crl(fleet: Fleet) -> bytes | None:
    return None if fleet.crl_file is None else _read(fleet.crl_file)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"[fleet] {file} cannot be read: {error.strerror}") from error
