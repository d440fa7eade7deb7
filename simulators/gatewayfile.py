"""The gateway.toml of a simulated gateway. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.config.air import Correction, CorrectionKind, Station
from edge.config.lighting import Assignment, Calendar, CalendarRule, Holiday, Lighting, Program, Segment, Step
from edge.config.schema import Bus, Config, Device, Gateway, Group, Http, Influx, Mqtt
from edge.config.wifi import Direction, Hotspot, RadiusClient, Wifi
from simulators.simulation import Endpoint
from simulators.town import BusPlan, DevicePlan, GatewayPlan, StationPlan
from simulators.wifi_places import AccessPoint, Nas

LAMP_LEAST_S = 2.0
"""Lamps are read no more often, however fast the day runs."""

FADE_S = Lighting().fade_s

PROGRAMS = (
    Program(
        id="main-street",
        title="Đường chính",
        steps=(
            Step(at="sunset", level=100),
            Step(at="22:00", level=60),
            Step(at="04:30", level=100),
            Step(at="sunrise", level=0),
        ),
    ),
    Program(
        id="side-street",
        title="Đường nhánh",
        steps=(
            Step(at="sunset+10m", level=100),
            Step(at="21:30", level=40),
            Step(at="sunrise-10m", level=0),
        ),
    ),
)

HOLIDAYS = (
    Holiday(id="tet", title="Tết Nguyên Đán", dates=("2026-02-16..2026-02-22", "2027-02-05..2027-02-11")),
)

CALENDARS = (
    Calendar(id="main", title="Đường chính", default="main-street"),
    Calendar(
        id="side",
        title="Đường nhánh",
        default="side-street",
        rules=(CalendarRule(program="main-street", holiday="tet"),),
    ),
)


@dataclass(frozen=True, slots=True)
class RadiusEnd:
    """Where a gateway hears accounting: its UDP port, and the folder with NAME.secret of each NAS."""

    port: int
    secrets: Path


def gateway_config(
    gateway: GatewayPlan,
    endpoints: Iterable[Endpoint],
    data_dir: Path,
    mqtt_url: str | None = None,
    http_port: int | None = None,
    influx: tuple[Influx, ...] = (),
    speed: float = 1.0,
    radius: RadiusEnd | None = None,
) -> Config:
    """The configuration with which a gateway reads the simulated buses in `endpoints`.

    Where the day runs `speed` times as fast, lamps fade faster and are read more often, as far as their lines
    bear it. With `radius` it listens to the access points of its plan.
    """
    ends = {end.bus: end for end in endpoints if end.gateway == gateway.id}
    place = gateway.place
    return Config(
        gateway=Gateway(
            id=gateway.id,
            commune=place.id,
            latitude=place.latitude,
            longitude=place.longitude,
            data_dir=data_dir,
        ),
        mqtt=None if mqtt_url is None else Mqtt(url=mqtt_url),
        influx=influx,
        bus=tuple(_bus(bus, ends[bus.id]) for bus in gateway.buses),
        device=tuple(
            _device(device, bus.id, place.id, speed) for bus in gateway.buses for device in bus.devices
        ),
        group=tuple(_groups(gateway)),
        lighting=Lighting(fade_s=FADE_S / max(1.0, speed)),
        program=PROGRAMS,
        calendar=CALENDARS,
        holiday=HOLIDAYS,
        segment=tuple(_segments(gateway)),
        assignment=tuple(_assignments(gateway)),
        station=tuple(map(_station, gateway.stations)),
        **(wifi_sections(gateway.network, radius) if radius else {}),
        http=None if http_port is None else Http(port=http_port, login="act"),
    )


def gateway_toml(config: Config) -> str:
    """The text of gateway.toml that says `config`; what is as by default is left out."""
    content = config.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    return "\n".join(_lines(content)) + "\n"


def wifi_sections(network: Iterable[Nas], end: RadiusEnd) -> dict[str, Any]:
    """The [wifi], [[radius_client]] and [[hotspot]] that hear this network, as arguments of Config."""
    senders = tuple(network)
    return {
        "wifi": Wifi(port=end.port),
        "radius_client": tuple(_radius_client(nas, end.secrets) for nas in senders),
        "hotspot": tuple(_hotspot(nas, point) for nas in senders for point in nas.points),
    }


def _radius_client(nas: Nas, secrets: Path) -> RadiusClient:
    return RadiusClient(
        id=nas.id,
        address=nas.address,
        secret_file=secrets / f"{nas.id}.secret",
        direction=Direction.SWAPPED if nas.swapped else Direction.RFC,
        hotspot=nas.points[0].id,
        interim_s=nas.interim_s,
    )


def _hotspot(nas: Nas, point: AccessPoint) -> Hotspot:
    return Hotspot(
        id=point.id,
        title=point.title,
        client=nas.id,
        nas_identifier=point.id if nas.names_points else None,
        commune=point.commune,
        latitude=point.latitude,
        longitude=point.longitude,
    )


def _bus(plan: BusPlan, end: Endpoint) -> Bus:
    lit = any(device.nature.is_lamp for device in plan.devices)
    if end.host is not None:
        return Bus(id=plan.id, kind=plan.kind, host=end.host, port=end.port, whole_line=lit)
    line = plan.settings
    return Bus.model_validate(
        {
            "id": plan.id,
            "kind": plan.kind,
            "port": end.port,
            "baudrate": line.baudrate,
            "parity": line.parity,
            "stop_bits": line.stop_bits,
            "whole_line": lit,
        }
    )


def _device(plan: DevicePlan, bus: str, commune: str, speed: float) -> Device:
    hurried_s = max(LAMP_LEAST_S, plan.interval_s / speed)
    return Device(
        id=plan.id,
        profile=plan.profile,
        bus=bus,
        address=plan.address,
        channel=plan.spot.channel,
        sub_address=plan.spot.sub_address,
        interval_s=min(plan.interval_s, hurried_s) if plan.nature.is_lamp else plan.interval_s,
        title=plan.title,
        nominal_w=plan.nature.rated_w if plan.nature.is_lamp else None,
        commune=commune,
        street=plan.street,
        pole=plan.pole,
        latitude=plan.latitude,
        longitude=plan.longitude,
    )


def _groups(gateway: GatewayPlan) -> Iterator[Group]:
    """The lamps of each bus together."""
    for bus in gateway.buses:
        lamps = tuple(device.id for device in bus.devices if device.nature.is_lamp)
        if lamps:
            yield Group(id=f"lamps-{bus.id}", title=bus.lamps or f"Đèn {bus.id}", devices=lamps)


def _segments(gateway: GatewayPlan) -> Iterator[Segment]:
    for plan in gateway.segments:
        yield Segment(
            id=plan.id,
            title=plan.title,
            relay=plan.relay,
            point=plan.command,
            lamps=plan.lamps,
            nominal_w=plan.nominal_w,
        )


def _assignments(gateway: GatewayPlan) -> Iterator[Assignment]:
    """The gateway's lamps are a main street's; those of its segments side streets'."""
    yield Assignment(target=gateway.id, calendar="main")
    for plan in gateway.segments:
        yield Assignment(target=plan.id, calendar="side")


def _station(plan: StationPlan) -> Station:
    return Station(
        id=plan.id,
        title=plan.title,
        kind=plan.kind,
        devices=plan.devices,
        cabinet=plan.cabinet,
        neighbours=plan.neighbours,
        correction=Correction(kind=CorrectionKind.EPA_2021) if plan.corrected else None,
    )


def _lines(content: Mapping[str, object]) -> Iterator[str]:
    for key, value in content.items():
        for table in value if isinstance(value, list) else (value,):
            yield f"[[{key}]]" if isinstance(value, list) else f"[{key}]"
            assert isinstance(table, Mapping)
            yield from (f"{name} = {_literal(inner)}" for name, inner in table.items())
            yield ""


def _literal(value: object) -> str:
    """JSON's numbers, booleans and strings are TOML's too."""
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{name} = {_literal(inner)}' for name, inner in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)
