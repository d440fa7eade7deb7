"""The festival, at speed, from simulated access points to a whole gateway: against the exact truth."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from edge.wifi.distinct import EXACT_MAX, STANDARD_ERROR
from simulators.wifi_sender import Patience
from simulators.wifi_simulation import WifiSimulation
from simulators.wifi_truth import EVERYWHERE, PlaceTruth
from simulators.wifi_visitors import Scene
from tests.world.wifi_town import Process, day_from, gateway, gateway_file, secrets_of, truth_of_day

HOUR_S = 3600.0
PATIENCE = Patience(0.3, 1.3, 2.0)
DRAINED_S = 60
ERRORS = 4
"""So many standard errors of the sketch are allowed: one of 16,000 sound ones is further off."""


def at(time: str) -> float:
    return datetime.fromisoformat(f"2026-07-18T{time}:00+07:00").timestamp()


def allowed(devices: int) -> float:
    """How far a count of devices may be off: not at all while it is exact."""
    return ERRORS * STANDARD_ERROR * devices if devices > EXACT_MAX else 0.0


def faults(told: dict[str, Any], truth: dict[str, PlaceTruth]) -> list[str]:
    """Where the gateway's numbers of the day are not the truth."""
    found = []
    for place, true in truth.items():
        said = told["places"]["gw-a" if place == EVERYWHERE else place]
        today = said["today"]
        for what in ("sessions", "bytes_up", "bytes_down"):
            if today[what] != getattr(true, what):
                found.append(f"{place}: {today[what]} {what}, in truth {getattr(true, what)}")
        if abs(today["devices"] - true.devices) > allowed(true.devices):
            found.append(f"{place}: {today['devices']} devices, in truth {true.devices}")
        if said["peak_today"] != pytest.approx(true.peak, rel=0.1, abs=3):
            found.append(f"{place}: {said['peak_today']} at once, in truth {true.peak}")
    return found


async def count(folder: Path, scene: Scene, start: str, hours: float, speed: float) -> WifiSimulation:
    """Let the gateway count so many hours; what it says then must be the truth.

    Where the machine is busy, what waits for a second was late by `speed` of them: too fast a day has senders
    that look as if their clocks were wrong.
    """
    file, end = gateway_file(folder)
    clock, target = day_from(at(start), speed), ("127.0.0.1", end.port)
    with gateway(file, clock) as process:
        async with WifiSimulation(scene, secrets_of(end), target, clock, PATIENCE) as simulation:
            await simulation.run(clock.start_s + hours * HOUR_S)
            async with asyncio.timeout(DRAINED_S):
                await simulation.drained()
            told, truth = process.told(), truth_of_day(simulation)
    assert faults(told, truth) == []
    assert truth[EVERYWHERE].devices > EXACT_MAX, "the sketch is to be seen at work"
    count, accounting = simulation.count, told["accounting"]
    assert accounting["packets"] == accounting["accepted"] + accounting["duplicates"]
    assert accounting["rejected"] == 0
    assert count.messages <= accounting["packets"] <= count.packets
    return simulation


async def test_the_evening_of_the_festival_is_counted_exactly(tmp_path: Path) -> None:
    """With every habit and mishap of access points."""
    simulation = await count(tmp_path, Scene(seed=1, visitors=0.4, festival=True), "17:00", 4, 360)
    assert min(simulation.count.repeated, simulation.count.doubled, simulation.count.lost) > 50


@pytest.mark.long
async def test_the_whole_day_of_the_festival_is_counted_exactly(tmp_path: Path) -> None:
    """All visitors of the town, from dawn to night."""
    await count(tmp_path, Scene(seed=3, visitors=1.0, festival=True), "05:00", 17.5, 180)


async def killed(process: Process, times: int, every_s: float) -> None:
    """Cut the gateway's power now and then, and start it again."""
    for _ in range(times):
        await asyncio.sleep(every_s)
        process.kill()
        await asyncio.to_thread(process.start)


@pytest.mark.long
async def test_kills_in_the_middle_of_the_festival_lose_nothing_and_count_nothing_twice(
    tmp_path: Path,
) -> None:
    """Who sends what was not answered again, and it is counted once, whether or not it had been kept."""
    file, end = gateway_file(tmp_path)
    clock = day_from(at("18:30"), 180)
    scene = Scene(seed=2, visitors=0.5, festival=True)
    target = ("127.0.0.1", end.port)
    with gateway(file, clock) as process:
        async with WifiSimulation(scene, secrets_of(end), target, clock, PATIENCE) as simulation:
            telling = asyncio.create_task(simulation.run(clock.start_s + 1.6 * HOUR_S))
            await killed(process, times=3, every_s=6.0)
            await telling
            async with asyncio.timeout(DRAINED_S):
                await simulation.drained()
            told, truth = process.told(), truth_of_day(simulation)
    assert faults(told, truth) == []
    assert simulation.count.repeated > 500
