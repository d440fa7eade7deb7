"""The simulated town running: every bus of every gateway, and where each is reached."""

import asyncio
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from types import TracebackType

from drivers.profile import load_profile
from edge.config.schema import BusKind
from simulators.devices import Occupant, SimulatedUnit, UtcSeconds
from simulators.faults import FaultPlan
from simulators.lamps import Feeder
from simulators.load import Load, Reads, RelayedLamps
from simulators.rtu import RtuBus
from simulators.sensor import SensorBus
from simulators.tcp import TcpBus
from simulators.town import BusPlan, DevicePlan, GatewayPlan, Town


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a bus is reached: a device file as `port`, or `host` and a TCP port."""

    gateway: str
    bus: str
    kind: BusKind
    port: str | int
    host: str | None = None


@dataclass(frozen=True, slots=True)
class SimulatedTime:
    """Simulated UTC: begins at `start_s` and runs `speed` times as fast as real time."""

    start_s: float
    speed: float
    began_s: float

    @classmethod
    def from_now(cls, speed: float = 1.0, start_s: float | None = None) -> "SimulatedTime":
        """Begins now, at `start_s` (default: the real time)."""
        return cls(time.time() if start_s is None else start_s, speed, time.monotonic())

    def utc_s(self) -> float:
        """Simulated UTC in seconds."""
        return self.start_s + (time.monotonic() - self.began_s) * self.speed


SimulatedBus = RtuBus | TcpBus | SensorBus


@dataclass(frozen=True, slots=True)
class Wires:
    """Which circuit feeds which lamp, which relay's point stands for which circuit, what hangs on which
    meter, all by device; `circuits` are those of the segments."""

    feeders: Mapping[str, Feeder] = field(default_factory=dict)
    relays: Mapping[str, Mapping[str, Feeder]] = field(default_factory=dict)
    loads: Mapping[str, Load] = field(default_factory=dict)
    circuits: Mapping[str, Feeder] = field(default_factory=dict)

    @classmethod
    def of(cls, gateway: GatewayPlan) -> "Wires":
        """A circuit for each segment of the gateway, dark at first where nothing but its relay lights it."""
        circuits = {segment.id: Feeder(closed=bool(segment.lamps)) for segment in gateway.segments}
        relays: dict[str, dict[str, Feeder]] = {}
        for segment in gateway.segments:
            relays.setdefault(segment.relay, {})[segment.point] = circuits[segment.id]
        feeders = {lamp: circuits[segment.id] for segment in gateway.segments for lamp in segment.lamps}
        return cls(feeders, relays, {meter: Load() for meter, _ in gateway.metered}, circuits)


NO_WIRES = Wires()


class Simulation:
    """A town whose buses run while the context is entered; leaving takes every port and file away."""

    def __init__(self, town: Town, utc_s: UtcSeconds, faults: FaultPlan | None = None) -> None:
        self.town = town
        self.buses: dict[tuple[str, str], SimulatedBus] = {}
        wires = {gateway.id: Wires.of(gateway) for gateway in town.gateways}
        for number, (gateway, bus) in enumerate(_all_buses(town)):
            plan = None if faults is None else replace(faults, seed=faults.seed + number)
            self.buses[gateway, bus.id] = simulated_bus(bus, utc_s, plan, wires[gateway])
        for one in town.gateways:
            self._join_meters(one, wires[one.id], utc_s)

    async def __aenter__(self) -> "Simulation":
        try:
            for bus in self.buses.values():
                await bus.start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    def _join_meters(self, gateway: GatewayPlan, wires: Wires, utc_s: UtcSeconds) -> None:
        """Hang on every meter what it measures, now that all of it is there."""
        things: dict[str, Reads] = {
            device.id: partial(_reading, unit, device)
            for bus in gateway.buses
            for device in bus.devices
            if isinstance(unit := self._unit(gateway.id, bus.id, device.address), SimulatedUnit)
        }
        for segment in gateway.segments:
            if segment.nominal_w is not None:
                lamps = RelayedLamps(segment.nominal_w, wires.circuits[segment.id], utc_s)
                things[segment.id] = lamps.read
        for meter, parts in gateway.metered:
            wires.loads[meter].things += [things[part] for part in parts]

    def _unit(self, gateway: str, bus: str, address: int) -> object:
        wired = self.buses[gateway, bus]
        return None if isinstance(wired, SensorBus) else wired.units.get(address)

    async def _stop(self) -> None:
        await asyncio.gather(*(bus.stop() for bus in self.buses.values()))

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where each bus is reached; TCP ports are known once the simulation runs."""
        return tuple(
            _endpoint(gateway, bus, self.buses[gateway, bus.id]) for gateway, bus in _all_buses(self.town)
        )


def simulated_bus(
    plan: BusPlan, utc_s: UtcSeconds, faults: FaultPlan | None = None, wires: Wires = NO_WIRES
) -> SimulatedBus:
    """The bus that `plan` describes, not started yet. Faults are those of an RTU line."""
    if plan.kind is BusKind.TCP:
        return TcpBus(_units(plan, utc_s, wires))
    assert plan.link is not None
    if plan.kind is BusKind.RTU:
        return RtuBus(plan.link, plan.settings, _units(plan, utc_s, wires), faults=faults)
    device = plan.devices[0]
    return SensorBus(plan.link, plan.settings, load_profile(device.profile), device.nature, utc_s)


def _units(plan: BusPlan, utc_s: UtcSeconds, wires: Wires) -> dict[int, SimulatedUnit]:
    profiles = {device.profile: load_profile(device.profile) for device in plan.devices}
    occupants: dict[int, list[Occupant]] = {}
    for device in plan.devices:
        occupant = Occupant(
            profiles[device.profile],
            device.nature,
            device.spot,
            wires.feeders.get(device.id),
            wires.relays.get(device.id, {}),
            load=wires.loads.get(device.id),
        )
        occupants.setdefault(device.address, []).append(occupant)
    return {address: SimulatedUnit(those, utc_s) for address, those in occupants.items()}


def _all_buses(town: Town) -> Iterable[tuple[str, BusPlan]]:
    return ((gateway.id, bus) for gateway in town.gateways for bus in gateway.buses)


def _reading(unit: SimulatedUnit, device: DevicePlan, name: str) -> float:
    return unit.value(device.profile, name, device.spot)


def _endpoint(gateway: str, plan: BusPlan, bus: SimulatedBus) -> Endpoint:
    if isinstance(bus, TcpBus):
        return Endpoint(gateway, plan.id, plan.kind, bus.port, bus.host)
    return Endpoint(gateway, plan.id, plan.kind, str(plan.link))


def ready_line(simulation: Simulation, utc_s: float) -> str:
    """One line of JSON that says where everything is reached, and the simulated time in seconds."""
    return json.dumps(
        {
            "ready": True,
            "utc_s": utc_s,
            "devices": simulation.town.device_count,
            "gateways": [gateway.id for gateway in simulation.town.gateways],
            "buses": [asdict(endpoint) for endpoint in simulation.endpoints],
        },
        ensure_ascii=False,
    )


@dataclass(frozen=True, slots=True)
class Ready:
    """What a `ready_line` says."""

    utc_s: float
    endpoints: tuple[Endpoint, ...]


def read_ready(line: str) -> Ready:
    """A `ready_line` read."""
    said = json.loads(line)
    return Ready(
        said["utc_s"],
        tuple(
            Endpoint(row["gateway"], row["bus"], BusKind(row["kind"]), row["port"], row["host"])
            for row in said["buses"]
        ),
    )
