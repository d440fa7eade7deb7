"""Simulated meters show what really hangs on them."""

from datetime import datetime
from pathlib import Path

import pytest

from drivers.modbus.decode import encode
from drivers.profile import load_profile
from simulators.devices import SimulatedUnit, Spot
from simulators.rtu import RtuBus
from simulators.simulation import Simulation
from simulators.town import build_town

NIGHT_S = datetime.fromisoformat("2026-05-05T20:00:00+07:00").timestamp()


def test_a_meter_shows_what_its_lamps_really_draw_and_the_main_meter_their_sum(tmp_path: Path):
    clock = [NIGHT_S]
    buses = Simulation(build_town(1, tmp_path), lambda: clock[0]).buses
    cabinet, lamps = buses["gw-ba-don", "cabinet"], buses["gw-ba-don", "lamps"]
    assert isinstance(cabinet, RtuBus)
    assert isinstance(lamps, RtuBus)

    def read(address: int, profile: str, name: str) -> float:
        unit = cabinet.units[address]
        assert isinstance(unit, SimulatedUnit)
        return unit.value(profile, name)

    def switch(name: str, level: float, bus: RtuBus, address: int, profile: str) -> None:
        command = load_profile(profile).command(name)
        bus.units[address].write(command.table, command.address, encode(command, level))
        clock[0] += 3600

    street = lamps.units[1]
    assert isinstance(street, SimulatedUnit)
    lamps_w = sum(street.value("ecodim-dali-gw2", "active_power", Spot(0, n)) for n in range(10))
    before = read(2, "eastron-sdm120", "active_power"), read(1, "eastron-sdm630", "active_power")
    used = read(2, "eastron-sdm120", "active_energy")
    switch("channel_level", 0, lamps, 1, "ecodim-dali-gw2")
    after = read(2, "eastron-sdm120", "active_power"), read(1, "eastron-sdm630", "active_power")
    assert before[0] - after[0] == pytest.approx(lamps_w, rel=0.05)
    assert before[1] - after[1] == pytest.approx(before[0] - after[0], rel=0.1)
    assert 0 < read(2, "eastron-sdm120", "active_energy") - used < 0.1
    dark_w = read(4, "selec-em2m", "active_power")
    switch("relay_4", 1, cabinet, 5, "waveshare-relay-8")
    assert read(4, "selec-em2m", "active_power") - dark_w == pytest.approx(1200, rel=0.03)
    switch("relay_4", 0, cabinet, 5, "waveshare-relay-8")
    assert read(4, "selec-em2m", "active_power") == pytest.approx(dark_w, rel=0.03)
