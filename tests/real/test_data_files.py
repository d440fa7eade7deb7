"""The data files of a whole gateway on OpenSSH's server, and what `gianh air files` says of them."""

import json
from pathlib import Path

import pytest

from cloud_sync.reports.state import overview
from edge.cli import main
from edge.core.clock import SimulatedClock
from simulators.tcp import TcpBus
from tests.file_servers import Sshd
from tests.real.hands import until
from tests.servers import running
from tests.world.whole import bare, unit, write_file

RATE = 60.0
"""A value holds for twice its poll's interval: a busy machine may be a second late without a gap."""

START_NS = 1_795_453_200_000_000_000
"""Midnight in Ha Noi."""


def gateway(folder: Path, server: Sshd, port: int) -> Path:
    """A certified station of one gas sensor, whose file is made every minute."""
    text = f"""
[[bus]]
id = "tcp"
kind = "tcp"
host = "127.0.0.1"
port = {port}
[[device]]
id = "air-1"
profile = "jxct-3001"
bus = "tcp"
address = 1
interval_s = 0.5
[[station]]
id = "market"
kind = "certified"
devices = ["air-1"]
[[data_file]]
id = "province"
station = "market"
province = "QB"
site = "BADON"
name = "KK01"
interval_s = 60
points = ["pm2_5", "pm10", "so2"]
transfer = "sftp"
host = "127.0.0.1"
port = {server.port}
username = "{server.user}"
key_file = "{server.key}"
known_hosts_file = "sshd/known_hosts"
folder = "{server.files}/{{yyyy}}{{MM}}{{dd}}"
"""
    return write_file(folder, text)


async def test_files_of_a_whole_gateway_arrive_and_a_restart_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server, bus = Sshd(tmp_path / "sshd"), TcpBus({1: unit("jxct-3001")})
    await bus.start()
    clock = SimulatedClock(START_NS, RATE)
    file = gateway(tmp_path, server, bus.port)

    def names() -> list[str]:
        return sorted(path.name for path in server.files.rglob("*.txt"))

    try:
        async with bare(file, clock) as run:
            await until(lambda: overview(tmp_path / "data", "province").waiting >= 2)
            assert "data files" in [service.name for service in run.gateway.rooms.services]
            await until(lambda: overview(tmp_path / "data", "province").state.trouble != "")
        assert main(["air", "files", "-c", str(file), "--json"]) == 1
        (said,) = json.loads(capsys.readouterr().out)
        assert (said["refused"], said["waiting"] >= 2, said["last_sent"]) == (False, True, None)
        assert "cannot be reached" in said["trouble"]
        with running(server):
            async with bare(file, clock):
                await until(lambda: len(names()) >= 3 and said["last_made"] in names())
    finally:
        await bus.stop()
    times = [int(name[-10:-6]) for name in names()]
    assert names()[0].startswith("QB_BADON_KK01_20261124")
    assert times[: len(times) - 1] == list(range(times[0], times[0] + len(times) - 1))
    assert main(["air", "files", "-c", str(file)]) == 0
    assert "province" in capsys.readouterr().out
    told = [path.read_text().splitlines() for path in server.files.rglob("*.txt")]
    assert {tuple(line.split("\t")[0] for line in lines) for lines in told} == {("PM2.5", "PM10", "SO2")}
    statuses = {tuple(line.split("\t")[4] for line in lines) for lines in told}
    assert ("00", "00", "02") in statuses
    assert statuses <= {("00", "00", "02"), ("02", "02", "02")}
