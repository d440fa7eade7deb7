"""Feeders on a real relay board of a running gateway: switched, read back, set right, kept closed."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from drivers.modbus.decode import encode
from drivers.profile import load_profile
from edge.core.clock import SystemClock
from edge.core.model import Command, CommandState, Outcome
from simulators.devices import SimulatedUnit
from simulators.tcp import TcpBus
from tests.world.waiting import soon
from tests.world.whole import Whole, bare, unit, write_file

BOARD = "waveshare-relay-8"
FILE = """
[[bus]]
id = "b"
kind = "tcp"
host = "127.0.0.1"
port = {port}
[[device]]
id = "relays"
profile = "waveshare-relay-8"
bus = "b"
address = 1
interval_s = 0.2
[[device]]
id = "lamp"
profile = "intesis-dali"
bus = "b"
address = 2
interval_s = 0.2
[[segment]]
id = "market"
relay = "relays"
point = "relay_4"
[[segment]]
id = "north"
relay = "relays"
point = "relay_3"
lamps = ["lamp"]
[lighting]
fade_s = 0
dwell_s = 0
refresh_s = 1
"""


def turn(board: SimulatedUnit, relay: str, on: bool) -> None:
    """Somebody turns a relay at the cabinet."""
    command = load_profile(BOARD).command(relay)
    board.write(command.table, command.address, encode(command, on))


def is_(board: SimulatedUnit, point: str, closed: bool) -> Callable[[], bool]:
    return lambda: bool(board.value(BOARD, point)) is closed


async def light(gateway: Whole, **said: float | bool) -> CommandState:
    """Give a command to the market; how it ended."""
    ended: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def hear(outcome: Outcome) -> None:
        if outcome.state is not CommandState.ACCEPTED and outcome.state is not CommandState.APPLIED:
            ended.set_result(outcome)

    now = SystemClock().stamp()
    name = f"c{now.mono_ns}"
    deadline_ns = now.mono_ns + 20 * 10**9
    command = Command(name, "light", "market", tuple(said.items()), "an", "test", now, deadline_ns)
    gateway.gateway.desk.submit(command, hear)
    return (await ended).state


async def test_feeders_are_switched_set_right_and_kept_closed_for_their_lamps(tmp_path: Path) -> None:
    board = unit(BOARD)
    bus = TcpBus({1: board, 2: unit("intesis-dali")})
    await bus.start()
    try:
        turn(board, "relay_4", on=False)
        file = write_file(tmp_path, FILE.format(port=bus.port))
        async with bare(file, SystemClock()) as gateway:
            await soon(is_(board, "relay_state_4", closed=True))
            assert await light(gateway, level=0) is CommandState.VERIFIED
            assert not board.value(BOARD, "relay_state_4")
            turn(board, "relay_4", on=True)
            await soon(is_(board, "relay_state_4", closed=False))
            assert await light(gateway, release=True) is CommandState.VERIFIED
            assert board.value(BOARD, "relay_state_4")
            turn(board, "relay_3", on=False)
            await soon(is_(board, "relay_state_3", closed=True))
    finally:
        await bus.stop()
    entries = [
        json.loads(line)
        for path in (tmp_path / "data").glob("*audit*")
        for line in path.read_text("utf-8").splitlines()
    ]
    assert [one["reason"] for one in entries if one.get("kind") == "feeder"] == ["closed"]
