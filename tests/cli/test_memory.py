"""What a gateway carries in its memory: it has 80 MB, so that nothing is loaded that is not configured."""

import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT
from tests.servers import free_port

PLAIN = """\
[gateway]
id = "gw-plain"
latitude = 17.7556
longitude = 106.4231
data_dir = "{folder}/data"
[mqtt]
url = "mqtt://127.0.0.1:{port}"
[http]
port = 0
[[bus]]
id = "cabinet-1"
kind = "tcp"
host = "127.0.0.1"
port = {port}
[[device]]
id = "meter-1"
profile = "eastron-sdm630"
bus = "cabinet-1"
address = 1
"""

LIFE = """\
import asyncio, sys
from pathlib import Path
from edge.cli.program import build_parser
build_parser(["run"])
from edge.cli import run
async def life(file):
    async with run.running(run.load(file, run.problems_of_wiring).config, file) as one:
        assert one.http
asyncio.run(life(Path(sys.argv[1])))
print(*(name for name in sys.argv[2:] if name in sys.modules))
"""
"""A daemon from its command's parser to its orderly end, and what of the rest of the line was loaded."""

NEEDED_BY = {
    "asyncssh": "a data file sent by SFTP",
    "authlib": "the centre's login",
    "cryptography": "TLS of the console, renewal of the certificate, [fleet]",
    "edge.wifi.service": "[wifi]",
    "fpdf": "reports, signs",
    "grafana_client": "gianh grafana",
    "httpx": "InfluxDB, access points, and whoever asks a daemon; with it come click, pygments and rich",
    "influxdb_client": "gianh influx",
    "joserfc": "the centre's login",
    "nicegui": "its files alone are used",
    "numpy": "pyarrow",
    "PIL": "reports, signs",
    "pyarrow": "gianh export",
    "pygments": "nobody: it comes with httpx",
    "pysnmp": "access points by SNMP",
    "rich": "nobody: it comes with httpx",
    "segno": "signs",
    "tomlkit": "a change of the plan, commissioning",
}
"""What weighs megabytes, and for what a gateway loads it: in none of it has a plain one a part."""


def test_a_plain_gateway_loads_nothing_heavy_that_only_others_need(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(PLAIN.format(folder=tmp_path, port=free_port()), "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LIFE, file, *NEEDED_BY], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert [f"{name}, needed by {NEEDED_BY[name]}" for name in done.stdout.split()] == []
