"""Each fault of simulated lamps and relays, on real protocols, ends as the alarm of its rule, no other."""

import asyncio
from datetime import datetime
from pathlib import Path

from edge.config.lighting import Assignment, Calendar, Program, Step
from edge.config.schema import Config
from edge.core.alarms import Alarm, AlarmKind
from edge.core.clock import SimulatedClock
from edge.runtime.gateway import Gateway
from edge.wiring import Wiring
from simulators.gatewayfile import gateway_config
from simulators.lamp_faults import parse_lamp_faults, unseen, with_lamp_faults
from simulators.simulation import SimulatedTime, Simulation
from simulators.town import Town, build_town

SPEED = 350.0
EVENING_S = datetime.fromisoformat("2026-11-24T20:00:00+07:00").timestamp()
FAULTS = (
    "lamp-11=dead,lamp-12=day_burner,lamp-13=cycling,lamp-14=drifting,lamp-15=not_dimming,lamp-16=lost,"
    "relays=stuck_relay"
)
EXPECTED = {
    ("lamp-11", AlarmKind.LAMP_FAILURE),
    ("lamp-12", AlarmKind.LAMP_UNEXPECTED_ON),
    ("lamp-13", AlarmKind.CYCLING),
    ("lamp-14", AlarmKind.DIMMING_FAILURE),
    ("lamp-15", AlarmKind.DIMMING_FAILURE),
    ("lamp-16", AlarmKind.COMMUNICATION_FAILURE),
    ("relays", AlarmKind.RELAY_FAILURE),
}
SETTLE_S = 12.0
"""Real seconds after the last alarm in which a wrong one would come: more than any delay."""


def steady(level: float, id: str) -> tuple[Program, Calendar]:
    """The same level day and night."""
    return Program(id=id, steps=(Step(at="12:00", level=level),)), Calendar(id=id, default=id)


def config(town: Town, simulation: Simulation, folder: Path) -> Config:
    """Lamps at 60 %, but for the day burner, which is to be dark."""
    bright, dark = steady(60, "bright"), steady(0, "dark")
    gateway = town.gateways[0]
    made = gateway_config(gateway, simulation.endpoints, folder / "data", speed=SPEED)
    return made.model_copy(
        update={
            "program": (bright[0], dark[0]),
            "calendar": (bright[1], dark[1]),
            "assignment": (
                Assignment(target=gateway.id, calendar="bright"),
                Assignment(target="lamp-12", calendar="dark"),
            ),
        }
    )


async def raised(gateway: Gateway, seconds: float) -> list[Alarm]:
    """The alarms that stand once all that are expected do, and some time after."""
    board = gateway.rooms.alarms
    assert board is not None
    async with asyncio.timeout(seconds), board.watch() as changes:
        async for _ in changes:
            if {(alarm.device, alarm.kind) for alarm in board.active()} >= EXPECTED:
                break
    await asyncio.sleep(SETTLE_S)
    return list(board.active())


async def test_each_fault_of_the_town_raises_its_alarm_and_nothing_else_does(tmp_path: Path) -> None:
    town = with_lamp_faults(build_town(1, tmp_path), parse_lamp_faults(FAULTS, 1), EVENING_S)
    time = SimulatedTime.from_now(SPEED, EVENING_S)
    async with Simulation(town, time.utc_s) as simulation:
        settings = config(town, simulation, tmp_path)
        clock = SimulatedClock(round(time.utc_s() * 1e9), SPEED)
        gateway = Gateway(settings, Wiring(), clock, lambda: settings, "0.1.0")
        await gateway.start()
        try:
            standing = await raised(gateway, 60)
        finally:
            await gateway.stop()
    assert {(alarm.device, alarm.kind) for alarm in standing} == EXPECTED


def test_a_fault_that_a_lamp_cannot_show_is_named_before_anybody_waits_for_its_alarm(tmp_path: Path) -> None:
    town = build_town(2, tmp_path)
    plan = parse_lamp_faults("lamp-03=dead,lamp-13=dead,lamp-04=lost,relays=stuck_relay", 1)
    (told,) = unseen(town, plan)
    assert told.startswith("lamp-03=dead cannot be seen: ecodim-dali-gw2 reads no active_power or ")
