"""Which line a technician's command means, and having it to oneself while the daemon runs."""

import argparse
import asyncio
import contextlib
import getpass
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from drivers.line_serial import adapters
from edge.cli.common import config_path, configured, port
from edge.config.schema import Bus, BusKind, Config, Device
from edge.console.socket import socket_path
from edge.core.errors import ConfigError, TransientError
from provisioning.scan.line import Place
from provisioning.scan.plan import Choice

LEASE_S = 15.0
"""How long the daemon waits for a sign of life before it takes its bus back."""

ASK_S = 10.0
_KINDS = (BusKind.RTU, BusKind.TCP, BusKind.RTU_OVER_TCP)


@dataclass(frozen=True, slots=True)
class Spot:
    """A line: what it is called, where it is, the bus of the configuration that has it, its state file, and
    the devices that the configuration has on it."""

    name: str
    place: Place
    bus: Bus | None
    state: Path
    devices: tuple[Device, ...] = ()


def add_place(parser: argparse.ArgumentParser) -> None:
    """Add PORT, the settings of the line, and -c."""
    parser.add_argument(
        "port",
        nargs="?",
        metavar="PORT",
        help="device file, HOST or HOST:PORT, or a bus of gateway.toml (default: every adapter there is)",
    )
    parser.add_argument("--baudrate", type=int, metavar="N", help="if it is known")
    parser.add_argument("--parity", choices=("N", "E", "O"), help="if it is known")
    parser.add_argument("--stop-bits", type=int, choices=(1, 2), default=1, help="default 1")
    parser.add_argument(
        "--rtu-over-tcp", action="store_true", help="HOST is a plain serial converter, not Modbus TCP"
    )
    parser.add_argument("-c", "--config", type=Path, metavar="FILE", help="gateway.toml, if there is one")


def spots_of(args: argparse.Namespace) -> list[Spot]:
    """The lines that are meant. Raises ConfigError where there is none."""
    config = _config(args)
    if args.port is None:
        found = [_spot(config, Place(BusKind.RTU, path), path) for path in adapters()]
        if not found:
            raise ConfigError("no serial adapter is plugged in: plug one in, or name a device file or host")
        return found
    for bus in config.bus if config is not None else ():
        if bus.id == args.port:
            return [_spot(config, Place(_kind(bus), bus.port, bus.host), bus.id)]
    place = _place(args)
    return [_spot(config, place, str(place) if place.kind is BusKind.RTU else args.port)]


def choice_of(args: argparse.Namespace, spot: Spot) -> Choice:
    """The line settings that were given, else those of the bus in the configuration, else 9600 8N1."""
    bus = spot.bus
    if args.baudrate is None and args.parity is None and bus is not None:
        return Choice(bus.baudrate, bus.parity, bus.stop_bits)
    return Choice(args.baudrate or 9600, args.parity or "N", args.stop_bits)


def _kind(bus: Bus) -> BusKind:
    if bus.kind not in (*_KINDS, BusKind.SERIAL):
        raise ConfigError(f"bus {bus.id} is of kind {bus.kind}: there is no line to scan")
    return BusKind.RTU if bus.kind is BusKind.SERIAL else bus.kind


def _place(args: argparse.Namespace) -> Place:
    text: str = args.port
    if "/" in text or Path(text).exists():
        # Absolute, because the guide puts what a scan found into gateway.toml.
        return Place(BusKind.RTU, str(Path(text).absolute()))
    host, _, number = text.rpartition(":")
    kind = BusKind.RTU_OVER_TCP if args.rtu_over_tcp else BusKind.TCP
    if not host:
        if text.isalnum() and not text[0].isdigit() and text != "localhost" and "." not in text:
            known = ", ".join(adapters()) or "none"
            raise ConfigError(f"{text} is no device file, host or bus; adapters: {known}")
        return Place(kind, None, text)
    try:
        return Place(kind, port(number), host)
    except argparse.ArgumentTypeError as error:
        raise ConfigError(f"{text}: {error}") from error


def _config(args: argparse.Namespace) -> Config | None:
    if args.config is not None:
        return configured(args)
    with contextlib.suppress(ConfigError):
        config_path(args)
        return configured(args)
    return None


def _spot(config: Config | None, place: Place, name: str) -> Spot:
    buses = config.bus if config is not None else ()
    bus = next((one for one in buses if _same(one, place)), None)
    folder = config.gateway.data_dir if config is not None else Path.cwd()
    flat = "".join(letter if letter.isalnum() else "-" for letter in str(place)).strip("-")
    prefix = "" if config is not None else "."
    state = folder / f"{prefix}gianh-scan-{flat}.json"
    if bus is None or config is None:
        return Spot(name, place, None, state)
    return Spot(bus.id, place, bus, state, tuple(one for one in config.device if one.bus == bus.id))


def _same(bus: Bus, place: Place) -> bool:
    if place.host is not None:
        return (bus.host, bus.port or 502) == (place.host, place.port or 502)
    return isinstance(bus.port, str) and os.path.realpath(bus.port) == os.path.realpath(str(place.port))


@asynccontextmanager
async def borrowed(args: argparse.Namespace, spot: Spot) -> AsyncIterator[None]:
    """Have the daemon, if one runs and has this line, leave it to us; it comes back at the end, or by itself
    when we die. Raises TransientError where the daemon does not give it."""
    config = _config(args)
    if spot.bus is None or config is None or not socket_path(config.gateway.data_dir).exists():
        yield
        return
    transport = httpx.AsyncHTTPTransport(verify=False, uds=os.fspath(socket_path(config.gateway.data_dir)))
    async with httpx.AsyncClient(transport=transport, base_url="http://gianh", timeout=ASK_S) as client:
        place = f"/api/v1/buses/{spot.bus.id}/loan"
        body = {"by": getpass.getuser(), "why": f"gianh {args.command}", "for_s": LEASE_S}
        try:
            loan = await _ask(client, "POST", place, body)
        except httpx.ConnectError:
            # A socket that nobody listens at: the daemon was killed, the line is free.
            yield
            return
        renewing = asyncio.create_task(_renew(client, place, loan["token"], asyncio.current_task()))
        try:
            yield
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing
            with contextlib.suppress(httpx.TransportError, TransientError):
                await _ask(client, "DELETE", f"{place}/{loan['token']}", None)


async def _renew(
    client: httpx.AsyncClient, place: str, token: str, worker: "asyncio.Task[Any] | None"
) -> None:
    while True:
        await asyncio.sleep(LEASE_S / 3)
        try:
            await _ask(client, "PUT", f"{place}/{token}", {"for_s": LEASE_S})
        except httpx.TransportError:
            continue
        except TransientError:
            if worker is not None:
                worker.cancel()
            return


async def _ask(
    client: httpx.AsyncClient, method: str, path: str, body: Mapping[str, object] | None
) -> dict[str, Any]:
    answer = await client.request(method, path, json=body)
    said: dict[str, Any] = answer.json() if answer.content else {}
    if answer.is_error:
        raise TransientError(str(said.get("detail", said)))
    return said
