"""A technician's command has the line to itself while the daemon runs, and gives it back."""

import argparse
import asyncio
import socket
import time
from pathlib import Path

import pytest

from edge.cli.bus_place import borrowed, spots_of
from edge.cli.run import running
from edge.config.load import load
from edge.core.errors import Busy, ConfigError, TransientError
from edge.runtime.gateway import Gateway
from provisioning.scan.book import Book
from provisioning.scan.naming import name_finds
from provisioning.scan.plan import Choice, Wish
from provisioning.scan.session import scan
from simulators.cabinet import Cabinet, cabinet_devices

CONFIG = """
[gateway]
id = "gw-a"
latitude = 17.7556
longitude = 106.4231
data_dir = "{folder}/data"

[[bus]]
id = "cabinet-1"
kind = "rtu"
port = "{folder}/rs485"

[[device]]
id = "meter-1"
profile = "eastron-sdm630"
bus = "cabinet-1"
address = 5
interval_s = 1
"""


def wanted(file: Path | None, port: str | None) -> argparse.Namespace:
    return argparse.Namespace(
        config=file, port=port, baudrate=None, parity=None, stop_bits=1, rtu_over_tcp=False, command="scan"
    )


async def test_the_daemon_lends_its_bus_to_a_scan_and_takes_it_back(tmp_path: Path):
    file = tmp_path / "gateway.toml"
    file.write_text(CONFIG.format(folder=tmp_path))
    async with (
        Cabinet(tmp_path / "rs485", cabinet_devices(time.time)),
        asyncio.timeout(60),
        running(load(file).config, file) as run,
    ):
        bus = run.gateway.buses["cabinet-1"]
        await answering(run.gateway)
        # The same line under its other name is the same bus.
        for port in ("cabinet-1", str(tmp_path / "rs485")):
            args = wanted(file, port)
            spot = spots_of(args)[0]
            assert spot.name == "cabinet-1"
            async with borrowed(args, spot):
                assert "lent to `gianh scan`" in bus.status().lent
                with pytest.raises(Busy, match="lent"):
                    await bus.ask(lambda driver, breathe: driver.open())
                with pytest.raises(TransientError, match="lent"):
                    await entered(args)
                book = await scan(
                    spot.place,
                    Wish((Choice(9600),), (5,), quick=True, answer_s=1.0, listen=False),
                    Book("line"),
                )
                await name_finds(spot.place, book)
                assert [find.profile for find in book.finds.values()] == ["eastron-sdm630"]
            assert bus.status().lent == ""
        await answering(run.gateway)


async def answering(gateway: Gateway) -> None:
    """Wait for a reading of the meter."""
    async with gateway.live.watch() as states:
        async for state in states:
            if state.online:
                return


async def entered(args: argparse.Namespace) -> None:
    async with borrowed(args, spots_of(args)[0]):
        pass


async def test_a_socket_that_a_killed_daemon_left_does_not_hinder(tmp_path: Path):
    file = tmp_path / "gateway.toml"
    file.write_text(CONFIG.format(folder=tmp_path))
    (tmp_path / "data").mkdir()
    left = tmp_path / "data" / "gianh.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as killed:
        killed.bind(str(left))
    args = wanted(file, "cabinet-1")
    (spot,) = spots_of(args)
    assert spot.bus is not None  # a line of the daemon's, which would have to be asked for it
    assert left.is_socket()
    had = []
    async with borrowed(args, spot):
        had.append(spot.name)
    assert had == ["cabinet-1"]


def test_a_name_that_is_no_port_lists_what_there_is():
    with pytest.raises(ConfigError, match="adapters"):
        spots_of(wanted(None, "cabinet9x"))


def test_a_host_is_a_network_device():
    spot = spots_of(wanted(None, "127.0.0.1:1502"))[0]
    assert (spot.place.host, spot.place.port) == ("127.0.0.1", 1502)
    assert not spot.place.has_settings


def test_a_device_file_is_named_so_that_gateway_toml_can_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GIANH_CONFIG", raising=False)
    Path("rs485").touch()
    (spot,) = spots_of(wanted(None, "rs485"))
    assert spot.name == str(spot.place) == str(tmp_path / "rs485")
