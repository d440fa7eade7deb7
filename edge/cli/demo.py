"""`gianh demo`: a simulated town on real protocols, an embedded broker, gateways, all gone at the end."""

import argparse
import asyncio
import contextlib
import json
import logging
import shutil
import signal
import socket
import sys
import tempfile
import time
import webbrowser
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from edge.cli.broker import embedded_broker
from edge.cli.children import child
from edge.cli.common import EXIT_DONE, EXIT_FAILED, Commands, add_command, called, port, seconds
from edge.cli.demo_wifi import access_points, day_of
from edge.cli.demo_wifi import add_options as add_wifi_options
from edge.cli.demo_wifi import news as wifi_news
from edge.cli.run import Running, quiet_libraries, running
from edge.config.load import load
from edge.config.schema import Influx, Mqtt
from edge.core.clock import SimulatedClock, SystemClock
from edge.core.errors import ConfigError, TransientError
from edge.core.ports import Clock
from edge.wiring import problems_of_wiring
from simulators.cli import speed, start_s
from simulators.faults import parse_plan
from simulators.gatewayfile import RadiusEnd, gateway_config, gateway_toml
from simulators.lamp_faults import parse_lamp_faults, unseen
from simulators.nature import LampFault, Scenario
from simulators.simulation import Endpoint, Ready, read_ready
from simulators.town import build_town

log = logging.getLogger(__name__)

SIMULATION_S = 20.0
"""Longest wait for the simulated buses."""

FIRST_SAMPLES_S = 30.0
"""Longest wait for every device's first sample; the demo promises 15."""

NEWS_EVERY_S = 10.0


def add(commands: Commands) -> None:
    """Add this room's command."""
    parser = add_command(
        commands,
        "demo",
        demo,
        "a simulated town: serial lines, Modbus TCP, RADIUS, broker, gateways; Ctrl-C ends all of it",
        "gianh demo --influx http://127.0.0.1:8086",
    )
    parser.add_argument("--duration", type=seconds, metavar="S", help="end after S seconds")
    parser.add_argument(
        "--http", type=port, default=0, metavar="PORT", help="port of the first gateway's API"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.add_argument("--gateways", type=int, default=2, metavar="N", help="how many gateways (default 2)")
    parser.add_argument(
        "--speed", type=speed, default=1.0, metavar="X", help="the simulated day runs X times as fast"
    )
    parser.add_argument("--start", metavar="TIME", help="when it begins, such as 2026-03-20T17:30:00+07:00")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same town (default 1)")
    parser.add_argument("--faults", metavar="RATE", help="share of serial transactions that go wrong")
    parser.add_argument(
        "--lamp-faults", metavar="WHAT", help="what lamps suffer, such as lamp-13=dead, or a share of them"
    )
    parser.add_argument(
        "--air-faults", metavar="WHAT", help="what sensors suffer, such as air=stuck, or a share of them"
    )
    parser.add_argument(
        "--scenario",
        choices=tuple(Scenario),
        default="season",
        help="which days: by the calendar, or one kind",
    )
    add_wifi_options(parser)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep configuration and data in DIR")
    parser.add_argument("--mqtt", metavar="URL", help="use this broker instead of the embedded one")
    parser.add_argument(
        "--influx", metavar="URL", help="send to this InfluxDB 1.x too, into its database `town`"
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON once all is there")


def demo(args: argparse.Namespace) -> int:
    """`gianh demo`."""
    if not 1 <= args.gateways <= 16:
        raise ConfigError("--gateways takes 1 to 16: the town has 16 wards and communes")
    if args.http and _is_taken(args.http):
        raise TransientError(f"port {args.http} is taken by another program: choose another --http")
    start_s(args.start)
    if args.faults:
        parse_plan(args.faults, args.seed)
    if args.lamp_faults:
        parse_lamp_faults(args.lamp_faults, args.seed)
    _check_urls(args)
    if not args.debug:
        quiet_libraries()
    with _directory(args.keep) as directory:
        return asyncio.run(_demo(args, directory))


def _is_taken(number: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return True
        return False


def _check_urls(args: argparse.Namespace) -> None:
    for option, url, made in (("--mqtt", args.mqtt, _mqtt), ("--influx", args.influx, _influx)):
        try:
            made(url)
        except ValueError as error:
            scheme = "mqtt" if option == "--mqtt" else "http"
            raise ConfigError(f"{option} {url!r} is not {scheme}://HOST[:PORT]") from error


@contextlib.contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        try:
            keep.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TransientError(f"--keep {keep} cannot be made: {error.strerror}") from error
        yield keep.resolve()
        return
    directory = Path(tempfile.mkdtemp(prefix="gianh-demo-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _demo(args: argparse.Namespace, directory: Path) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        mqtt_url = args.mqtt or await stack.enter_async_context(embedded_broker(directory))
        ready = await stack.enter_async_context(_simulation(args, directory))
        clock = _clock(args, ready)
        day = day_of(ready.utc_s, args.speed)
        radius = await stack.enter_async_context(access_points(args, directory, day))
        files = _write_files(args, directory, mqtt_url, ready.endpoints, radius)
        gateways = [await stack.enter_async_context(_gateway(file, clock)) for file in files]
        complete = await _first_samples(gateways, stop, _lost(args))
        first_s = time.monotonic() - began
        if not stop.is_set():
            _announce(args, gateways, files, mqtt_url, first_s if complete else None)
        await _until_the_end(args, gateways, stop)
        _say(args, "Ending: the gateways send what they still have, then all of it goes away.")
    return EXIT_DONE if complete or stop.is_set() else EXIT_FAILED


def _clock(args: argparse.Namespace, ready: Ready) -> Clock:
    """The gateways' clock: the day that the simulated devices have."""
    if args.speed == 1.0 and args.start is None:
        return SystemClock()
    return SimulatedClock(round(ready.utc_s * 1e9), args.speed)


@asynccontextmanager
async def _gateway(file: Path, clock: Clock) -> AsyncIterator[Running]:
    loaded = load(file, problems_of_wiring)
    # Its own greeting tells of the first code, and the line of --json.
    async with running(loaded.config, file, clock=clock, announce=lambda _front: None) as run:
        yield run


@asynccontextmanager
async def _simulation(args: argparse.Namespace, directory: Path) -> AsyncIterator[Ready]:
    """The simulated buses, in a process of their own that ends with this one."""
    options: dict[str, object] = {"--directory": directory, "--gateways": args.gateways, "--seed": args.seed}
    options |= {"--speed": args.speed} | ({"--faults": args.faults} if args.faults else {})
    options |= {"--start": args.start} if args.start else {}
    options |= {"--scenario": args.scenario} | ({"--air-faults": args.air_faults} if args.air_faults else {})
    options |= {"--lamp-faults": args.lamp_faults} if args.lamp_faults else {}
    async with child("simulators.town", options) as output:
        line = await asyncio.wait_for(output.readline(), SIMULATION_S)
        if not line:
            raise TransientError("the simulated town did not start; `gianh sim` alone shows why")
        yield read_ready(line.decode())


def _write_files(
    args: argparse.Namespace,
    directory: Path,
    mqtt_url: str,
    endpoints: Sequence[Endpoint],
    radius: RadiusEnd,
) -> list[Path]:
    """One gateway.toml for each gateway; the first one's API has the port that was asked for."""
    files = []
    for number, plan in enumerate(build_town(args.gateways, directory, args.seed).gateways):
        data_dir, http_port = directory / plan.id, args.http if number == 0 else 0
        config = gateway_config(
            plan,
            endpoints,
            data_dir,
            mqtt_url,
            http_port,
            _influx(args.influx),
            args.speed,
            radius if plan.network else None,
        )
        file = directory / f"{plan.id}.toml"
        file.write_text(gateway_toml(config), "utf-8")
        files.append(file)
    return files


def _mqtt(url: str | None) -> Mqtt | None:
    return Mqtt(url=url) if url else None


def _influx(url: str | None) -> tuple[Influx, ...]:
    return (Influx(id="centre", url=url, version=1, database="town"),) if url else ()


def _lost(args: argparse.Namespace) -> frozenset[str]:
    """The lamps that were asked to be out of reach: nobody waits for these."""
    named = parse_lamp_faults(args.lamp_faults, args.seed).named if args.lamp_faults else ()
    return frozenset(lamp for lamp, kind in named if kind is LampFault.LOST)


async def _first_samples(gateways: Sequence[Running], stop: asyncio.Event, lost: frozenset[str]) -> bool:
    """Wait until every device but the `lost` has answered once; False if some did not in time."""
    deadline = time.monotonic() + FIRST_SAMPLES_S
    while time.monotonic() < deadline and not stop.is_set():
        states = (state for run in gateways for state in run.gateway.live.states())
        if all(state.online or state.device in lost for state in states):
            return True
        await asyncio.sleep(0.05)
    return False


async def _until_the_end(args: argparse.Namespace, gateways: Sequence[Running], stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    ends = loop.time() + args.duration if args.duration else float("inf")
    while not stop.is_set() and loop.time() < ends:
        wait_s = min(NEWS_EVERY_S, max(0.0, ends - loop.time()))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait_s)
        for run in gateways:
            _say(args, _news(run))


def _news(run: Running) -> str:
    status = run.gateway.status()
    online = sum(state.online is True for state in status.devices)
    buses = ", ".join(f"{bus.id} {100 * bus.utilisation:.0f}%" for bus in status.buses)
    troubles = "".join(f"; {target.target}: {target.trouble}" for target in status.targets if target.trouble)
    delivered = ", ".join(f"{target.delivered} to {target.target}" for target in status.targets)
    return (
        f"{status.gateway}: {online} of {len(status.devices)} devices answer; use of buses: {buses}; "
        f"{wifi_news(run.gateway.rooms.wifi)}delivered {delivered}{troubles}"
    )


def _announce(
    args: argparse.Namespace,
    gateways: Sequence[Running],
    files: Sequence[Path],
    mqtt_url: str,
    first_s: float | None,
) -> None:
    http = gateways[0].http
    devices = sum(len(run.gateway.config.device) for run in gateways)
    codes = {run.gateway.config.gateway.id: run.front.first_code() for run in gateways}
    names = [run.gateway.config.gateway.id for run in gateways]
    if args.json:
        line = {
            "ready": first_s is not None,
            "http": http,
            "mqtt": mqtt_url,
            "gateways": names,
            "devices": devices,
            "first_sample_s": None if first_s is None else round(first_s, 2),
            "configs": [str(file) for file in files],
            "consoles": {run.gateway.config.gateway.id: run.http for run in gateways},
            "first_codes": codes,
        }
        print(json.dumps(line), flush=True)
    else:
        _greet(names, devices, first_s, http, mqtt_url, files, codes[names[0]])
        _warn(args)
    if http and not args.no_browser and not args.json and sys.stdout.isatty():
        webbrowser.open(f"{http}/")


def _greet(
    names: Sequence[str],
    devices: int,
    first_s: float | None,
    http: str,
    mqtt_url: str,
    files: Sequence[Path],
    code: str,
) -> None:
    port = mqtt_url.rsplit(":", 1)[-1]
    print(f"Gianh: {len(names)} gateways ({', '.join(names)}) read {devices} simulated devices.")
    if first_s is None:
        ask = f"{called()} status -c {files[0]}"
        print(f"Not every device had a sample within {FIRST_SAMPLES_S:g} s: see `{ask}`.")
    else:
        print(f"Every device had its first sample {first_s:.1f} s after the start.")
    print()
    print(f"  the console  {http}/")
    if code:
        print(f"  to act in it {http}/login sets your password, with the code {code}")
    print(f"  the API      {http}/api/v1/status")
    print(f"  the broker   {mqtt_url}")
    print(f"  watch it     mosquitto_sub -V mqttv5 -p {port} -t 'gianh/#' -v")
    print(f"  ask it       {called()} status -c {files[0]}")
    print(f"  read a lamp  {called()} read lamp-01 -c {files[0]}")
    print(f"  dim a street {called()} light set lamps-centre 60 --for 2h -c {files[0]}")
    print(f"  its night    {called()} light history lamps-centre -c {files[0]}")
    print(f"  the Wi-Fi    {called()} wifi status -c {files[0]}")
    print("  end it       Ctrl-C")
    print(flush=True)


def _warn(args: argparse.Namespace) -> None:
    """Name the faults that were asked for and that no gateway could ever find."""
    if args.lamp_faults:
        town = build_town(args.gateways, Path(), args.seed)
        for text in unseen(town, parse_lamp_faults(args.lamp_faults, args.seed)):
            print(f"note: {text}", flush=True)


def _say(args: argparse.Namespace, text: str) -> None:
    if not args.json:
        print(text, flush=True)
