"""A town as it is: a broker, two gateways with simulated lamps, each a process, and the console."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulators.gatewayfile import gateway_config, gateway_toml
from simulators.town import build_town
from tests.browser.town import Demo, settle
from tests.console.openid_provider import CLIENT, SECRET, OpenIdProvider, new_key
from tests.house.tree import ROOT
from tests.servers import Influxd, Mosquitto, free_port, running
from tests.world.processes import daemon, gianh, simulated_town
from tests.world.waiting import until

CONSOLE = """\
[mqtt]
url = "{broker}"
[http]
port = {port}
login = true
[influx]
url = "{influx}"
database = "town"
[openid]
issuer = "{issuer}"
client_id = "{client}"
client_secret_file = "secret"
redirect_url = "http://127.0.0.1:{port}/login/openid/back"
title = "Thị xã"
[openid.roles]
town-operators = "operator"
"""


@dataclass
class TownScene:
    """What runs. `centre` is the console as browsers find it; gateways can be killed, and started again.

    InfluxDB does not run until a test starts it.
    """

    centre: Demo
    broker: Mosquitto
    influx: Influxd
    provider: OpenIdProvider
    folder: Path
    stack: ExitStack
    gateways: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, gateway: str) -> None:
        """Start a gateway."""
        folder = self.folder / gateway
        self.gateways[gateway] = self.stack.enter_context(daemon(folder / "gateway.toml", folder / "log"))

    def kill(self, gateway: str) -> None:
        """Pull a gateway's plug."""
        self.gateways[gateway].kill()
        self.gateways[gateway].wait()

    def table(self, name: str) -> list[dict[str, Any]]:
        """A table of what the centre knows."""
        with self.centre.inside("lan") as client:
            found = client.get("/api/v1/town").raise_for_status().json()[name]
        return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]


@contextmanager
def running_town(folder: Path) -> Iterator[TownScene]:
    """A town of two gateways, gone at the end."""
    with ExitStack() as stack:
        broker = Mosquitto(folder / "mosquitto")
        stack.enter_context(running(broker))
        ends = stack.enter_context(simulated_town(folder, 2))
        # To browsers another site than the console, as a real one is: no strict cookie comes back from it.
        provider = stack.enter_context(OpenIdProvider([new_key()], "localhost"))
        influx = Influxd(folder / "influx")
        stack.callback(influx.stop)
        centre = stack.enter_context(running_console(folder, broker, influx, provider))
        scene = TownScene(centre, broker, influx, provider, folder, stack)
        for plan in build_town(2, folder).gateways:
            own = folder / plan.id
            own.mkdir()
            config = gateway_config(plan, ends, own / "data", broker.url, free_port())
            (own / "gateway.toml").write_text(gateway_toml(config), "utf-8")
            scene.start(plan.id)
        until(lambda: ready(scene.table("things")), 60)
        yield scene


def ready(things: list[dict[str, Any]]) -> bool:
    """Whether the lamps of both gateways are known, and answer."""
    lamps = [one for one in things if one["class"] == "lamp"]
    return len({one["id"].partition("/")[0] for one in lamps}) == 2 and all(one["online"] for one in lamps)


@contextmanager
def running_console(
    folder: Path, broker: Mosquitto, influx: Influxd, provider: OpenIdProvider
) -> Iterator[Demo]:
    """`gianh console` with everybody who works in the town."""
    text = CONSOLE.format(
        broker=broker.url, influx=influx.url, port=free_port(), issuer=provider.issuer, client=CLIENT
    )
    (folder / "console.toml").write_text(text, "utf-8")
    (folder / "secret").write_text(SECRET, "utf-8")
    command = gianh("console", "-c", str(folder / "console.toml"), "--json")
    with (folder / "console.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout
        said = json.loads(process.stdout.readline())
        centre = Demo(said["http"], "centre", folder)
        settle(centre, said["first_code"])
        yield centre
    finally:
        process.terminate()
        assert process.stdout
        process.stdout.close()
        process.wait(20)
