"""A week of two gateways and of one device of every model, as gateways send it. The same week every time.

Devices by the simulators' own models, means and indices by the air's own arithmetic, every line by the
gateway's own builder.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cloud_sync.influx.lines import Lines
from drivers.layout import layout_of
from drivers.profile import load_profile, profile_ids
from edge.config.schema import BusKind, Config, Device, Gateway
from edge.core.model import Event, EventRow, Sample, SampleRow, Stamp
from edge.runtime.store.rows import sample_body
from edge.wiring.drivers import LoadProfile
from simulators.gatewayfile import RadiusEnd, gateway_config
from simulators.models import value
from simulators.nature import LampFault, Nature, Trouble
from simulators.simulation import Endpoint
from simulators.town import DevicePlan, GatewayPlan, build_town
from tests.centre.week_air import air_samples, zoo_means
from tests.centre.week_events import gateway_events, health_samples
from tests.centre.week_wifi import wifi_samples

END = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
"""Monday, 23 November 2026, 04:00 in Ba Đồn: an operator's night, before the week's work."""

DAYS = 7
END_S = END.timestamp()
START_S = END_S - DAYS * 86_400
STEP_S, LATE_STEP_S, ZOO_STEP_S = 3600.0, 1200.0, 7200.0
"""How often devices are read: in the last day more often, since that is what boards show."""

loaded = cache(load_profile)

FAULTS = {
    "lamp-04": LampFault.DEAD,
    "lamp-13": LampFault.DEAD,
    "lamp-16": LampFault.DAY_BURNER,
    "lamp-08": LampFault.NOT_DIMMING,
}
FAULT_FROM_S = END_S - 3.4 * 86_400
ZOO = "gw-zoo"


@dataclass(frozen=True)
class Station:
    """A gateway of the week: its plan with the week's faults, and its configuration."""

    plan: GatewayPlan
    config: Config

    def lines(self) -> Lines:
        gateway = self.config.gateway
        tags = {"commune": gateway.commune, "gateway": gateway.id, "site": gateway.site}
        return Lines(tuple((key, name) for key, name in tags.items() if name))


def week_lines(folder: Path) -> Iterator[str]:
    """All lines of the week."""
    for station in stations(folder):
        lines = station.lines()
        samples = [device_samples(station), health_samples(station.config, START_S, END_S, FAULT_FROM_S)]
        if station.plan.stations:
            samples += [
                air_samples(station.config, START_S, DAYS),
                wifi_samples(station.config, station.plan.network, START_S, END_S),
            ]
        for part in samples:
            yield from sample_lines(lines, part)
        yield from event_lines(lines, gateway_events(station.config, START_S, DAYS, FAULT_FROM_S))
    zoo = Lines((("gateway", ZOO),))
    yield from sample_lines(zoo, zoo_samples())
    yield from sample_lines(zoo, zoo_means(ZOO, END_S - 3600))


def stations(folder: Path) -> list[Station]:
    town = build_town(2, folder)
    radius = RadiusEnd(1813, folder)
    found = []
    for number, plan in enumerate(town.gateways):
        troubled = replace(
            plan, buses=tuple(replace(bus, devices=tuple(map(_faulty, bus.devices))) for bus in plan.buses)
        )
        ends = [
            Endpoint(
                plan.id,
                bus.id,
                bus.kind,
                502 if bus.kind is BusKind.TCP else f"/dev/{bus.id}",
                _host(bus.kind),
            )
            for bus in plan.buses
        ]
        config = gateway_config(troubled, ends, folder, radius=radius if number == 0 else None)
        found.append(Station(troubled, config))
    return found


def _host(kind: BusKind) -> str | None:
    return "10.0.0.2" if kind is BusKind.TCP else None


def _faulty(plan: DevicePlan) -> DevicePlan:
    fault = FAULTS.get(plan.id)
    if fault is None:
        return plan
    trouble = Trouble(fault, FAULT_FROM_S)
    return replace(plan, nature=replace(plan.nature, troubles=(trouble,)))


def device_samples(station: Station) -> Iterator[Sample]:
    natures = {plan.id: plan.nature for plan in station.plan.devices}
    for device in station.config.device:
        yield from _samples(station.config.gateway, device, natures[device.id], loaded, STEP_S)


def zoo_samples() -> Iterator[Sample]:
    """One device of every model there is: whatever a board asks for, somebody tells it."""
    gateway = Gateway(id=ZOO, latitude=17.7, longitude=106.4, commune="ba-don")
    for number, profile_id in enumerate(profile_ids()):
        device = Device(id=f"z-{profile_id}"[:32].rstrip("-"), profile=profile_id, bus="zoo", address=1)
        yield from _samples(gateway, device, Nature(900 + number, site=1), loaded, ZOO_STEP_S)


def _samples(
    gateway: Gateway, device: Device, nature: Nature, load: LoadProfile, step_s: float
) -> Iterator[Sample]:
    profile = load(device.profile)
    layout = layout_of(gateway, device, profile, profile.points)
    late_s = END_S - 86_400
    late = moments(late_s, END_S, min(step_s, LATE_STEP_S) if step_s == STEP_S else step_s)
    for at_s in (*moments(START_S, late_s, step_s), *late):
        values = tuple(value(nature, name, at_s) for name in layout.names)
        yield Sample(layout, stamp(at_s), values)


def moments(start_s: float, end_s: float, step_s: float) -> Sequence[float]:
    count = round((end_s - start_s) / step_s)
    return [start_s + (at + 1) * step_s for at in range(count)]


def stamp(at_s: float) -> Stamp:
    return Stamp(0, round(at_s * 1e9))


def sample_lines(lines: Lines, samples: Iterator[Sample]) -> Iterator[str]:
    for sample in samples:
        assert sample.stamp.utc_ns is not None
        texts = tuple(sample_body(sample.values, ()).split(","))
        line = lines.sample(SampleRow(0, sample.stamp.utc_ns, sample.layout, texts))
        if line is not None:
            yield line


def event_lines(lines: Lines, events: Iterator[Event]) -> Iterator[str]:
    for event in events:
        assert event.stamp.utc_ns is not None
        row = EventRow(
            0, event.stamp.utc_ns, event.kind, event.subject, event.severity, event.text, event.fields
        )
        if (line := lines.event(row)) is not None:
            yield line
