"""The simulated town is Ba Đồn's, runs on real ports and files, and leaves nothing behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient

from drivers.modbus.plan import plan_blocks, wire_time_s
from drivers.modbus.timing import WireTiming
from drivers.profile import load_profile
from edge.config.schema import BusKind, Config, Influx
from edge.core.air import StationKind
from edge.core.places import COMMUNE, PLACES, WARD
from simulators.cli import main
from simulators.gatewayfile import gateway_config, gateway_toml
from simulators.rtu import RtuBus
from simulators.simulation import Endpoint, Ready, SimulatedTime, Simulation, read_ready, ready_line
from simulators.town import BusPlan, Town, build_town

FIRST_SAMPLE_S = 15.0
UTILISATION_MAX = 0.6


def endpoints(town: Town) -> list[Endpoint]:
    return [
        Endpoint(gateway.id, bus.id, bus.kind, 1502, "127.0.0.1")
        if bus.link is None
        else Endpoint(gateway.id, bus.id, bus.kind, str(bus.link))
        for gateway in town.gateways
        for bus in gateway.buses
    ]


def test_the_town_has_its_six_wards_and_ten_communes() -> None:
    assert Counter(place.kind for place in PLACES) == {WARD: 6, COMMUNE: 10}
    assert {place.id for place in PLACES} >= {"ba-don", "quang-long", "quang-van", "quang-hoa"}
    assert len({place.id for place in PLACES} | {place.name for place in PLACES}) == 32
    assert all(abs(place.latitude - 17.7556) < 0.1 for place in PLACES)
    assert all(abs(place.longitude - 106.4231) < 0.1 for place in PLACES)


def test_two_gateways_have_forty_devices_on_four_buses_of_both_kinds(tmp_path: Path) -> None:
    town = build_town(2, tmp_path)
    kinds = [bus.kind for gateway in town.gateways for bus in gateway.buses]
    assert [gateway.id for gateway in town.gateways] == ["gw-ba-don", "gw-quang-long"]
    assert town.device_count >= 40
    assert len(kinds) >= 4
    assert {BusKind.RTU, BusKind.TCP, BusKind.SERIAL} <= set(kinds)


def test_each_gateway_has_its_own_id_and_files_however_many_there_are(tmp_path: Path) -> None:
    town = build_town(40, tmp_path)
    links = [bus.link for gateway in town.gateways for bus in gateway.buses if bus.link]
    assert len({gateway.id for gateway in town.gateways}) == 40
    assert len(set(links)) == len(links)


def test_the_same_numbers_build_the_same_town(tmp_path: Path) -> None:
    assert build_town(3, tmp_path, 7) == build_town(3, tmp_path, 7)
    assert build_town(3, tmp_path, 7) != build_town(3, tmp_path, 8)


def wire_s(bus: BusPlan) -> list[tuple[float, float]]:
    """Seconds on the wire and interval of each device."""
    found = []
    for device in bus.devices:
        profile, line = load_profile(device.profile), bus.settings
        points = profile.points_of(device.spot.channel, device.spot.sub_address)
        blocks = plan_blocks(points, profile.limits.gap_max, profile.limits.count_max)
        timing = WireTiming(line.char_s, line.silence_s)
        times = [wire_time_s(block, timing, profile.serial.response_s) for block in blocks]
        found.append((sum(times), device.interval_s))
    return found


def test_serial_buses_have_time_to_spare_and_bring_first_samples_soon(tmp_path: Path) -> None:
    for bus in build_town(1, tmp_path).gateways[0].buses:
        if bus.kind is BusKind.RTU:
            polls = wire_s(bus)
            assert sum(wire / interval for wire, interval in polls) < UTILISATION_MAX
            assert sum(wire for wire, _ in polls) + max(every for _, every in polls) < FIRST_SAMPLE_S


def test_the_gateway_file_says_what_the_town_is(tmp_path: Path) -> None:
    town = build_town(2, tmp_path)
    influx = Influx(id="centre", url="http://127.0.0.1:8086", version=1, database="town")
    for gateway in town.gateways:
        config = gateway_config(
            gateway, endpoints(town), tmp_path / "data", "mqtt://127.0.0.1:1883", 8080, (influx,)
        )
        text = gateway_toml(config)
        assert Config.model_validate(tomllib.loads(text)) == config
        assert len(config.device) == len(gateway.devices)
        assert {device.bus for device in config.device} == {bus.id for bus in config.bus}
        assert {one for group in config.group for one in group.devices} <= {one.id for one in config.device}


def test_the_first_gateway_has_a_cheap_and_a_certified_station_that_watch_each_other(tmp_path: Path) -> None:
    town = build_town(2, tmp_path)
    config = gateway_config(town.gateways[0], endpoints(town), tmp_path / "data")
    kinds = {station.id: station.kind for station in config.station}
    assert kinds == {"street-air": StationKind.INDICATIVE, "centre-air": StationKind.CERTIFIED}
    profiles = {device.id: load_profile(device.profile) for device in config.device}
    points = {
        station.id: {point.name for device in station.devices for point in profiles[device].points}
        for station in config.station
    }
    assert points["centre-air"] >= {
        "pm2_5",
        "pm10",
        "o3",
        "co",
        "so2",
        "no2",
        "wind_direction",
        "temperature",
    }
    assert points["street-air"] >= {
        "pm2_5",
        "pm10",
        "noise_laeq",
        "wind_speed",
        "relative_humidity",
        "rainfall",
    }
    for station in config.station:
        assert {station.id, *station.neighbours} == kinds.keys()
        assert {*station.devices, *station.cabinet} <= profiles.keys()
    assert town.gateways[1].stations == ()


async def test_every_bus_of_a_running_town_answers_pymodbus(tmp_path: Path) -> None:
    town = build_town(1, tmp_path)
    async with Simulation(town, SimulatedTime.from_now().utc_s) as simulation:
        ends = {end.bus: end for end in simulation.endpoints}
        tcp = AsyncModbusTcpClient(str(ends["centre"].host), port=int(ends["centre"].port), retries=0)
        await tcp.connect()
        assert len((await tcp.read_input_registers(0, count=2, device_id=2)).registers) == 2
        tcp.close()
        for bus, baudrate, stop_bits, address in (("cabinet", 9600, 1, 0), ("lamps", 19_200, 2, 1)):
            line = AsyncModbusSerialClient(
                str(ends[bus].port), baudrate=baudrate, stopbits=stop_bits, timeout=1, retries=0
            )
            await line.connect()
            unit = 1 if bus == "cabinet" else 2
            assert len((await line.read_input_registers(address, count=2, device_id=unit)).registers) == 2
            line.close()


async def test_a_stopped_town_leaves_no_file_descriptor_port_or_task(tmp_path: Path) -> None:
    descriptors, tasks = sorted(os.listdir("/proc/self/fd")), asyncio.all_tasks()
    simulation = Simulation(build_town(2, tmp_path), SimulatedTime.from_now().utc_s)
    async with simulation:
        port = next(int(end.port) for end in simulation.endpoints if end.kind is BusKind.TCP)
        client = AsyncModbusTcpClient("127.0.0.1", port=port, retries=0)
        await client.connect()
    client.close()
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)
    assert sorted(os.listdir("/proc/self/fd")) == descriptors
    assert asyncio.all_tasks() == tasks
    assert os.listdir(tmp_path) == []


async def test_a_town_that_cannot_start_takes_back_what_it_had_opened(tmp_path: Path) -> None:
    descriptors = sorted(os.listdir("/proc/self/fd"))
    simulation = Simulation(build_town(2, tmp_path), SimulatedTime.from_now().utc_s)
    last = next(bus for bus in reversed(simulation.buses.values()) if isinstance(bus, RtuBus))
    last.wire.link = Path("/proc/none/line")
    with pytest.raises(OSError):
        await simulation.__aenter__()
    assert sorted(os.listdir("/proc/self/fd")) == descriptors
    assert os.listdir(tmp_path) == []


def test_the_ready_line_brings_the_endpoints_across(tmp_path: Path) -> None:
    simulation = Simulation(build_town(2, tmp_path), SimulatedTime.from_now().utc_s)
    assert read_ready(ready_line(simulation, 12.5)) == Ready(12.5, simulation.endpoints)


def test_simulated_time_runs_as_fast_as_it_is_told() -> None:
    clock = SimulatedTime(1000.0, 3600.0, 0.0)
    assert clock.utc_s() > 1000.0 + 3600.0 * 0.001
    assert SimulatedTime.from_now(1.0, 500.0).utc_s() == pytest.approx(500.0, abs=60)


def start(tmp_path: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "simulators.town", "--directory", str(tmp_path), *options]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("ending", ["stdin", "SIGTERM", "SIGINT"])
def test_the_process_says_when_it_is_ready_and_ends_cleanly(tmp_path: Path, ending: str) -> None:
    with start(tmp_path, "--gateways", "2", "--faults", "0.1:late") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["ready"] is True
        assert len(ready["buses"]) == 10
        assert len(os.listdir(tmp_path)) == 7
        if ending == "stdin":
            process.stdin.close()
        else:
            process.send_signal(getattr(signal, ending))
        assert process.wait(20) == 0
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--faults", "x"], "RATE"),
        (["--air-faults", "x"], "SHARE"),
        (["--air-faults", "relays=stuck"], "no sensor relays"),
        (["--start", "noon"], "2026"),
        (["--start", "2026-01-01"], "zone"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_two(
    options: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(options) == 2
    error = capsys.readouterr().err
    assert word in error
    assert error.count("\n") == 1


def test_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "gianh sim --gateways" in capsys.readouterr().out
