"""Whatever goes wrong on the lines: every value that is kept is one that its device really had."""

import asyncio
import time
from pathlib import Path

import apsw
import pytest

from drivers.modbus.decode import Decoder
from drivers.modbus.plan import Block
from drivers.profile import load_profile
from edge.core.clock import SystemClock
from edge.runtime.store.rows import sample_body
from simulators.devices import Occupant, SimulatedUnit
from simulators.faults import FaultPlan
from simulators.models import Nature
from simulators.rtu import RtuBus
from simulators.wire import LineSettings, precise_loop
from tests.world.waiting import soon
from tests.world.whole import bare, write_file

PROFILE = "eastron-sdm120"
UNITS = (1, 2, 3)
FAULTS_WANTED = 40
SAMPLES_WANTED = 60
RATE = 0.15


def frozen(address: int) -> SimulatedUnit:
    """A meter whose day stands still, so that each of its values is one number for ever."""
    nature = Nature(address, base_w=100.0 * address, lamps_w=0.0)
    return SimulatedUnit([Occupant(load_profile(PROFILE), nature)], lambda: 1_790_000_000.0)


def bodies(file: Path) -> dict[str, set[str]]:
    """The different rows that were kept, by device."""
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        rows = connection.execute(
            "SELECT json_extract(layout.body, '$[0]'), sample.body FROM sample JOIN layout"
            " ON layout.id = sample.layout"
        )
        found: dict[str, set[str]] = {}
        for device, body in rows:
            found.setdefault(str(device), set()).add(str(body))
        return found
    finally:
        connection.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_no_fault_of_a_line_ever_becomes_a_value(tmp_path: Path, seed: int) -> None:
    with asyncio.Runner(loop_factory=precise_loop) as runner:
        runner.run(play(tmp_path, seed))
    found = bodies(tmp_path / "data" / "gianh.db")
    assert found.keys() == {f"meter-{address}" for address in UNITS}
    truth = {f"meter-{address}": expected(address) for address in UNITS}
    assert found == truth


def expected(address: int) -> set[str]:
    """The one row that a meter can give, as the driver decodes what the meter answers without faults."""
    profile, meter = load_profile(PROFILE), frozen(address)
    points = profile.points_of(0, 0)
    blocks = [Block(point.table, point.address, point.count) for point in points]
    data = [
        b"".join(word.to_bytes(2, "big") for word in meter.read(block.table, block.address, block.count))
        for block in blocks
    ]
    values, flags = Decoder(points, blocks).decode(data)
    return {sample_body(values, flags)}


async def play(folder: Path, seed: int) -> None:
    """Poll a faulty line until enough went wrong and enough went right."""
    plan = FaultPlan(seed, RATE, late_s_max=0.3, away_s_max=0.5)
    line = RtuBus(folder / "usb-line", LineSettings(57_600), {one: frozen(one) for one in UNITS}, faults=plan)
    bus = (
        f'[[bus]]\nid = "line"\nkind = "rtu"\nport = "{folder}/usb-line"\nbaudrate = 57600\n'
        "timeout_s = 0.1\nquiet_after_timeout_s = 0.1\ndead_share = 0.5\n"
    )
    devices = "".join(
        f'[[device]]\nid = "meter-{one}"\nprofile = "{PROFILE}"\nbus = "line"\naddress = {one}\n'
        "interval_s = 0.1\n"
        for one in UNITS
    )
    await line.start()
    try:
        async with bare(write_file(folder, bus, devices), SystemClock()) as gateway:
            ends = time.monotonic() + 20
            await soon(
                lambda: (
                    (line.count.faults >= FAULTS_WANTED and gateway.status.outbox.stored > SAMPLES_WANTED)
                    or time.monotonic() > ends
                ),
                40,
            )
            assert line.count.faults >= FAULTS_WANTED, (line.count, gateway.status)
            assert gateway.status.outbox.stored > SAMPLES_WANTED
    finally:
        await line.stop()
