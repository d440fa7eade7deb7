"""This gateway's buses and devices as a technician sees them. Pure but for reading the gateway's state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drivers.profile import Profile
from edge.config.schema import Bus, BusKind, Config, Device
from edge.config.schema import Gateway as GatewaySection
from edge.console.models import sentences_out, when
from edge.console.panels.air_api import places_of
from edge.console.panels.air_shapes import SaidOut
from edge.console.panels.field_shapes import FieldBusOut, FieldDeviceOut, FieldOut, ServicedOut
from edge.core.model import DeviceState
from edge.core.places import commune_name
from edge.core.ports import Memory
from edge.core.serviced import serviced_of
from edge.core.times import rfc3339_ms
from edge.runtime.gateway import Gateway
from edge.runtime.status import Status

MODBUS = (BusKind.RTU, BusKind.TCP, BusKind.RTU_OVER_TCP)


@dataclass(frozen=True, slots=True)
class _Around:
    """What is known of all devices at once."""

    memory: Memory
    load: Callable[[str], Profile]
    states: Mapping[str, DeviceState]
    stations: Mapping[str, str]
    calibrating: frozenset[str]


def field_out(gateway: Gateway, load: Callable[[str], Profile], now_ns: int) -> FieldOut:
    """The whole gateway."""
    status, board = gateway.status(), gateway.rooms.air
    stations = board.stations() if board is not None else ()
    around = _Around(
        memory=gateway.store,
        load=load,
        states={state.device: state for state in status.devices},
        stations={device: place.id for place in places_of(gateway) for device in place.devices},
        calibrating=frozenset(one.station for one in stations if one.calibrating),
    )
    return FieldOut(
        gateway=status.gateway,
        version=status.version,
        at=rfc3339_ms(now_ns),
        uptime_s=round(status.uptime_s, 1),
        clock_set=status.clock_set,
        ready=status.ready,
        not_ready=list(status.not_ready),
        not_ready_said=[one for reason in status.not_ready for one in sentences_out(reason)],
        pending=sum(status.outbox.pending.values()),
        place=place_words(gateway.config.gateway),
        buses=[_bus_out(gateway.config, bus, status, around) for bus in gateway.config.bus],
    )


def place_words(gateway: GatewaySection) -> str:
    """Where a gateway is."""
    return ", ".join(part for part in (gateway.site, commune_name(gateway.commune or "")) if part)


def line_of(bus: Bus) -> str:
    """Where a bus leads and how it talks: `/dev/ttyUSB0 9600 8N1`, `192.168.1.20:502`."""
    if bus.kind in (BusKind.RTU, BusKind.SERIAL):
        return f"{bus.port} {bus.baudrate} {bus.byte_size}{bus.parity}{bus.stop_bits}"
    return f"{bus.host}:{bus.port}" if bus.port is not None else str(bus.host)


def address_of(device: Device, bus: Bus) -> str:
    """By what a device is reached on its bus."""
    if bus.kind not in MODBUS:
        return ""
    parts = [str(device.address)]
    if device.channel or device.sub_address:
        parts.append(f"{device.channel}.{device.sub_address}")
    return " / ".join(parts)


def _bus_out(config: Config, bus: Bus, status: Status, around: _Around) -> FieldBusOut:
    now = next((one for one in status.buses if one.id == bus.id), None)
    silent = frozenset(now.silent) if now is not None else frozenset()
    return FieldBusOut(
        id=bus.id,
        kind=bus.kind.value,
        line=line_of(bus),
        open=now.open if now is not None else False,
        trouble=now.trouble if now is not None else "",
        said=sentences_out(now.trouble) if now is not None else [],
        utilisation=round(now.utilisation, 4) if now is not None else 0.0,
        requests=now.requests if now is not None else 0,
        errors=now.errors if now is not None else 0,
        timeouts=now.timeouts if now is not None else 0,
        skipped=now.skipped if now is not None else 0,
        devices=[
            _device_out(device, bus, around, f"{bus.id}/{device.address}" in silent)
            for device in config.device
            if device.bus == bus.id
        ],
    )


def _device_out(device: Device, bus: Bus, around: _Around, is_silent: bool) -> FieldDeviceOut:
    profile, state = around.load(device.profile), around.states.get(device.id)
    last, station = serviced_of(around.memory, device.id), around.stations.get(device.id)
    serviced = None if last is None else ServicedOut(by=last.by, note=last.note, at=when(last.at_ns))
    command = profile.lamp.level if profile.lamp is not None else ""
    return FieldDeviceOut(
        id=device.id,
        title=device.title or "",
        model=SaidOut(vi=profile.title.vi, en=profile.title.en),
        classed=profile.measurement,
        address=address_of(device, bus),
        pole=device.pole,
        street=device.street,
        online=state.online if state is not None else None,
        silent=is_silent,
        last_at=when(state.last_utc_ns) if state is not None else None,
        interval_s=device.interval_s or profile.interval_s,
        blinks=any(one.name == command and one.range[1] > 1 for one in profile.commands),
        registers=bus.kind in MODBUS,
        calibrates=station is not None,
        station=station,
        calibrating=station in around.calibrating,
        serviced=serviced,
    )
