"""Quality control says nothing of sensors that are sound, and finds each fault that the simulation has."""

import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from drivers.modbus.decode import Decoder
from drivers.modbus.plan import Block
from drivers.profile import load_profile
from edge.air.checks import checks_of
from edge.air.quality import QualityControl
from edge.core.air import CheckKind, Remark
from edge.core.model import Layout, Sample, Stamp
from simulators.air_faults import parse_air_faults, with_air_faults, with_scenario
from simulators.flaws import silent
from simulators.models import value
from simulators.nature import Scenario
from simulators.registers import registers_of
from simulators.town import DevicePlan, GatewayPlan, build_town

STEP_S = 60.0
START_S = datetime.fromisoformat("2026-05-05T15:00:00+07:00").timestamp()


def sensors(folder: Path, scenario: Scenario, faults: str | None = None) -> GatewayPlan:
    town = with_scenario(build_town(1, folder), scenario)
    if faults is not None:
        town = with_air_faults(town, parse_air_faults(faults, 1), START_S, speed=STEP_S / 5)
    return town.gateways[0]


class Poll:
    """Polls of one device as the gateway would have them: through its registers."""

    def __init__(self, device: DevicePlan) -> None:
        profile = load_profile(device.profile)
        self.device, self.points = device, profile.points
        blocks = [Block(point.table, point.address, point.count) for point in profile.points]
        self.decoder = Decoder(self.points, blocks)
        self.layout = Layout(device.id, profile.measurement, tuple(point.name for point in self.points), ())

    def sample(self, after_s: float) -> Sample | None:
        nature, at_s = self.device.nature, START_S + after_s
        if silent(nature, at_s):
            return None
        words = [registers_of(point, value(nature, point.name, at_s)) for point in self.points]
        values, flags = self.decoder.decode([struct.pack(f">{len(one)}H", *one) for one in words])
        return Sample(self.layout, Stamp(round(after_s * 1e9), round(at_s * 1e9)), values, flags)


def remarks(gateway: GatewayPlan, hours: float) -> Iterator[Remark]:
    """What quality control says, but for the warm-up of the beginning."""
    twins = {
        one: tuple(other for other in station.devices if other != one)
        for station in gateway.stations
        for one in station.devices
    }
    control = QualityControl(checks_of(()), twins)
    polls, begun_s = [Poll(one) for one in gateway.devices if one.in_air], 600.0
    for step in range(int((begun_s + hours * 3600) / STEP_S)):
        for poll in polls:
            sample = poll.sample(step * STEP_S)
            if sample is None:
                continue
            judged = control.judge(sample)
            if step * STEP_S > begun_s:
                yield from (*judged.remarks, *judged.remarks_before)


@pytest.mark.parametrize("scenario", Scenario)
def test_sound_sensors_are_believed_on_every_kind_of_day(tmp_path: Path, scenario: Scenario) -> None:
    assert list(remarks(sensors(tmp_path, scenario), 4)) == []


@pytest.mark.parametrize(
    ("fault", "point", "check"),
    [
        ("noise=stuck", "noise_laeq", CheckKind.STUCK),
        ("air=spike", "pm2_5", CheckKind.SPIKE),
        ("air-twin=offset", "temperature", CheckKind.TWIN),
        ("analyser-pm=warm_up", "pm2_5", CheckKind.WARM_UP),
        ("air=sentinel", "particles_0_3", CheckKind.SENTINEL),
    ],
)
def test_each_fault_of_a_sensor_is_found_by_its_check(
    tmp_path: Path, fault: str, point: str, check: CheckKind
) -> None:
    found = {(one.point, one.check) for one in remarks(sensors(tmp_path, Scenario.WINTER, fault), 3)}
    assert (point, check) in found
