"""The gateway: start order, hot reload, drain, stop in reverse."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from edge.config.changes import changes, needs_restart
from edge.config.schema import Bus, Config, Device
from edge.core.errors import ConfigError
from edge.core.fleet import ConfigBoard
from edge.core.model import Event, EventKind, Severity, Stream
from edge.core.ports import Clock, Desk, Live, Report
from edge.core.sayings import say
from edge.runtime.bus import BusRunner
from edge.runtime.commands import CommandDesk, Handler, Verb
from edge.runtime.fitting import Fitter, Surroundings, Target
from edge.runtime.forward import Forwarder
from edge.runtime.health import Health, Picture
from edge.runtime.live import LiveState
from edge.runtime.luminaires import BusLuminaires
from edge.runtime.pipeline import Pipeline
from edge.runtime.status import OutboxStatus, Status
from edge.runtime.store import Store
from edge.runtime.tasks import Tasks
from edge.runtime.timekeeper import Timekeeper
from edge.runtime.verbs import verbs
from edge.runtime.watch import Watch

log = logging.getLogger(__name__)

STORE_FILE = "gianh.db"
"""The store's name in data_dir."""

DRAIN_S = 3.0
"""Longest wait at the end for the targets to take what they are owed."""

STALL_S = 90.0
"""A bus task without progress for so long makes the gateway not ready."""

Load = Callable[[], Config]
"""Reads the configuration file again; raises ConfigError with everything that is wrong."""


class Gateway:
    """Everything that runs for one gateway.toml."""

    def __init__(
        self,
        config: Config,
        fitter: Fitter,
        clock: Clock,
        load: Load,
        version: str,
        configs: ConfigBoard | None = None,
    ) -> None:
        self.config = config
        self._fitter, self._clock, self._load, self._version = fitter, clock, load, version
        self._store = Store(config.gateway.data_dir / STORE_FILE, config.store, clock)
        self._store.report = self.report
        self._live = LiveState(device.id for device in config.device)
        self._watch = Watch(self._live, self.report, clock)
        self._pipeline = Pipeline(self._store, self._live)
        self._buses: dict[str, BusRunner] = {}
        self._verbs = verbs(self)
        self._desk = CommandDesk(self._store, self._verbs, self.report, clock)
        lamps = BusLuminaires(lambda: self._buses, self.bus_of, lambda: self.config.segment)
        boot_id, aside = uuid.uuid4().hex[:12], self._store.aside
        around = Surroundings(
            clock=clock,
            memory=self._store,
            live=self._live,
            desk=self._desk,
            report=self.report,
            boot_id=boot_id,
            version=version,
            lamps=lamps,
            keep=self._pipeline.keep,
            means=self._store.air,
            usage=self._store.usage,
            aside=aside,
            configs=configs,
        )
        self.rooms = fitter.rooms(config, around)
        for name, handler in self.rooms.verbs.items():
            self.teach(name, handler)
        self._pipeline.judge = self.rooms.judge
        rooms = self.rooms
        self._around = replace(
            around, lights=rooms.lights, alarms=rooms.alarms, air=rooms.air, wifi=rooms.wifi
        )
        self.ears: list[Report] = []
        self._forwarders: dict[str, Forwarder] = {}
        self._targets: dict[str, Target] = {}
        self._tasks = Tasks()
        self._reloading = asyncio.Lock()
        self._started_ns = clock.mono_ns()

    @property
    def live(self) -> Live:
        """The latest values."""
        return self._live

    @property
    def desk(self) -> Desk:
        """The one door for commands."""
        return self._desk

    @property
    def store(self) -> Store:
        """The store, for what waits and what was refused."""
        return self._store

    def teach(self, verb: str, handler: Handler) -> None:
        """Have commands of one more verb, which act on the world, carried out by `handler`."""
        self._verbs[verb] = Verb(handler, acts=True)

    def report(self, event: Event) -> None:
        """Keep an event, and let the rooms and whoever else listens (`ears`) hear of it."""
        self._store.put_event(event)
        if self.rooms.hears is not None:
            self.rooms.hears(event)
        for ear in self.ears:
            ear(event)

    async def start(self) -> None:
        """Open the store, then the targets, then the buses."""
        targets = self._fitter.targets(self.config, self._around)
        await self._store.open([target.publisher.id for target in targets])
        self._tell(EventKind.GATEWAY_STARTED, f"Gianh {self._version} started")
        self._tasks.start(Timekeeper(self._clock, self._store, self.report, self.config.gateway.id))
        self._tasks.start(Health(self._picture, self._pipeline.keep, self._clock))
        for target in targets:
            self._start_target(target)
        for bus in self.config.bus:
            self._start_bus(self.config, bus)
        for service in self.rooms.services:
            self._tasks.start(service)

    async def stop(self) -> None:
        """Stop asking, bring in the last samples, give the targets a moment, close the store."""
        await self._desk.close()
        await self._tasks.stop(*(service.name for service in self.rooms.services))
        await self._tasks.stop(*(bus.name for bus in self._buses.values()))
        self._tell(EventKind.GATEWAY_STOPPED, say("gateway_stops"))
        await self._store.flush()
        await self._drain()
        for name in list(self._targets):
            await self._stop_target(name)
        await self._tasks.stop_all()
        await self._store.close()

    async def reload(self) -> str:
        """Apply the file as it is now, touching only what changed; says in words what that was.

        Raises ConfigError, and leaves everything as it was, if the file is not right.
        """
        async with self._reloading:
            try:
                config = self._load()
                if keys := needs_restart(self.config, config):
                    raise ConfigError(say("needs_restart", key=keys[0]))
            except ConfigError as error:
                self._tell(EventKind.CONFIG_REFUSED, str(error), Severity.WARNING)
                raise
            said = await self._apply(config)
            self._tell(EventKind.CONFIG_RELOADED, said)
            return said

    @property
    def buses(self) -> Mapping[str, BusRunner]:
        """The buses by their ids."""
        return self._buses

    def bus_of(self, device_id: str) -> BusRunner:
        """The bus on which a device is; raises ConfigError if there is no such device."""
        for device in self.config.device:
            if device.id == device_id:
                return self._buses[device.bus]
        raise ConfigError(say("no_device_here", device=f"{device_id!r}"))

    def status(self) -> Status:
        """The gateway now."""
        stats = self._store.stats()
        pending = {
            target: sum(stats.pending.get((target, stream), 0) for stream in Stream)
            for target in self._targets
        }
        buses = tuple(bus.status() for bus in self._buses.values())
        return Status(
            gateway=self.config.gateway.id,
            version=self._version,
            uptime_s=(self._clock.mono_ns() - self._started_ns) / 1e9,
            clock_set=self._clock.is_set(),
            devices=tuple(self._live.states()),
            buses=buses,
            targets=tuple(forwarder.status() for forwarder in self._forwarders.values()),
            outbox=OutboxStatus(
                stored=stats.stored,
                pending=pending,
                dropped=stats.dropped,
                quarantined=stats.quarantined,
                undated=stats.undated,
                bytes=stats.bytes,
                bytes_written=stats.bytes_written,
                values=stats.values,
                trouble=stats.trouble or "",
            ),
            not_ready=tuple(self._not_ready(stats.trouble or "")),
        )

    def stalled(self) -> list[str]:
        """Buses whose tasks hang, in words: one whose adapter is gone tries to open it, and does not hang."""
        now_ns = self._clock.mono_ns()
        return [
            f"the task of bus {bus.id} did nothing for {STALL_S:g} s"
            for bus in self._buses.values()
            if now_ns - bus.turned_ns > STALL_S * 1e9
        ]

    def _picture(self) -> Picture:
        place = {"site": self.config.gateway.site, "commune": self.config.gateway.commune}
        standing = self.rooms.alarms.active() if self.rooms.alarms is not None else ()
        return Picture(self.status(), standing, tuple((key, name) for key, name in place.items() if name))

    def _not_ready(self, trouble: str) -> list[str]:
        reasons = [say("store_troubled", why=trouble)] if trouble else []
        now_ns = self._clock.mono_ns()
        for bus in self._buses.values():
            if now_ns - bus.progressed_ns > STALL_S * 1e9:
                why = bus.status().trouble
                reasons.append(say("no_progress", bus=bus.id, seconds=f"{STALL_S:g}", why=why))
        return reasons

    def _start_target(self, target: Target) -> None:
        name = target.publisher.id
        forwarder = Forwarder(
            target.publisher, self._store, self.report, self._clock, target.batch_max, target.linger_s
        )
        self._targets[name], self._forwarders[name] = target, forwarder
        for service in target.services:
            self._tasks.start(service)
        self._tasks.start(forwarder)

    async def _stop_target(self, name: str) -> None:
        target = self._targets.pop(name)
        await self._tasks.stop(self._forwarders.pop(name).name, *(s.name for s in target.services))
        if target.close is not None:
            await target.close()

    def _start_bus(self, config: Config, bus: Bus) -> None:
        driver = self._fitter.driver(config, bus, _on_bus(config, bus.id), self._around)
        runner = BusRunner(bus.id, driver, self._pipeline, self._watch, self._clock, bus.dead_share)
        self._buses[bus.id] = runner
        self._tasks.start(runner)

    async def _drain(self) -> None:
        deadline_ns = self._clock.mono_ns() + round(DRAIN_S * 1e9)
        while self._clock.mono_ns() < deadline_ns:
            pending = self._store.stats().pending
            owed = [
                name
                for name, forwarder in self._forwarders.items()
                if not forwarder.status().trouble and any(pending.get((name, stream), 0) for stream in Stream)
            ]
            if not owed:
                return
            await self._clock.sleep(0.05)

    async def _apply(self, config: Config) -> str:
        targets = self._fitter.targets(config, self._around)
        old, self.config = self.config, config
        self._live.replace_devices(device.id for device in config.device)
        for gone in {device.id for device in old.device} - {device.id for device in config.device}:
            self._watch.forget(gone)
        said = [*await self._apply_buses(old, config), *await self._apply_targets(targets, config)]
        if self.rooms.refresh is not None:
            self.rooms.refresh(config)
        said += changes(old, config)
        return "; ".join(said) if said else say("unchanged")

    async def _apply_buses(self, old: Config, config: Config) -> list[str]:
        said: list[str] = []
        before = {bus.id: bus for bus in old.bus}
        after = {bus.id: bus for bus in config.bus}
        for bus_id in before.keys() - after.keys():
            await self._tasks.stop(self._buses.pop(bus_id).name)
            said.append(f"bus {bus_id} removed")
        for bus_id, bus in after.items():
            if bus_id not in before:
                self._start_bus(config, bus)
                said.append(f"bus {bus_id} added")
            elif bus != before[bus_id] or _place(old) != _place(config):
                await self._tasks.stop(self._buses.pop(bus_id).name)
                self._start_bus(config, bus)
                said.append(f"bus {bus_id} reopened")
            elif (devices := _on_bus(config, bus_id)) != _on_bus(old, bus_id):
                runner = self._buses[bus_id]
                runner.succeed(self._fitter.driver(config, bus, devices, self._around, runner.driver))
                changed = set(devices) ^ set(_on_bus(old, bus_id))
                names = ", ".join(sorted({device.id for device in changed}))
                said.append(f"bus {bus_id}: {names} changed")
        return said

    async def _apply_targets(self, targets: Sequence[Target], config: Config) -> list[str]:
        said: list[str] = []
        wanted = {target.publisher.id: target for target in targets}
        await self._store.use_targets(list(wanted))
        for name in self._targets.keys() - wanted.keys():
            await self._stop_target(name)
            said.append(f"target {name} removed")
        for name, target in wanted.items():
            current = self._targets.get(name)
            if current is not None and current.section == target.section:
                if current.refresh is not None:
                    current.refresh(config)
                continue
            if current is not None:
                await self._stop_target(name)
            self._start_target(target)
            said.append(f"target {name} {'changed' if current else 'added'}")
        return said

    def _tell(self, kind: EventKind, text: str, severity: Severity = Severity.INFO) -> None:
        log.log(logging.INFO if severity is Severity.INFO else logging.WARNING, "%s", text)
        self.report(Event(self._clock.stamp(), kind, self.config.gateway.id, severity, text))


def _on_bus(config: Config, bus_id: str) -> tuple[Device, ...]:
    return tuple(device for device in config.device if device.bus == bus_id)


def _place(config: Config) -> tuple[str | None, str | None]:
    """What of [gateway] the rows of every device carry."""
    return config.gateway.site, config.gateway.commune
