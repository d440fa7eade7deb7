"""Rows of a night that ended: each lamp, each meter, and all lamps together."""

from datetime import date

from edge.core.lighting import LampNight, NightRecord
from edge.core.model import Sample, Stamp
from edge.core.vocabulary import quantity
from edge.lighting.night_rows import POINTS, night_rows

SUNRISE = Stamp(5, 1_795_800_000_000_000_000)
RECORD = NightRecord(
    date(2026, 11, 27),
    12.0,
    (LampNight("lamp-1", 0.5, 1.0, 0.25, 11.0, 12.0), LampNight("lamp-2", 0.0, 0.0, 0.0, 10.0, 6.0)),
    (("meter", 812.5),),
)


def said(sample: Sample) -> dict[str, float | None]:
    return dict(zip(sample.layout.names, sample.values, strict=True))


def test_a_lamp_of_unknown_power_tells_hours_and_no_energy_and_the_whole_is_of_those_that_are_known() -> None:
    tags = {"lamp-1": (("device", "lamp-1"), ("gateway", "gw"))}
    first, second, meter, whole = night_rows(RECORD, "gw", tags, SUNRISE)
    assert said(first) == {
        "energy_used": 0.5, "energy_measured": 0.25, "energy_full": 1.0,
        "hours_lit": 11.0, "hours_counted": 12.0, "hours_owed": 12.0,
    }  # fmt: skip
    assert [second.values[at] for at in range(3)] == [None, None, None]
    assert (meter.layout.measurement, said(meter)) == ("meter_night", {"active_energy": 812.5})
    assert said(whole) == {
        "energy_used": 0.5, "energy_measured": 0.25, "energy_full": 1.0, "hours_lit": 21.0,
        "hours_counted": 18.0, "hours_owed": 24.0, "lamps": 2.0, "lamps_known": 1.0,
    }  # fmt: skip
    assert (whole.layout.device, whole.layout.measurement) == ("gw", "gateway_night")
    assert first.layout.tags == tags["lamp-1"]
    assert {one.stamp for one in (first, second, meter, whole)} == {SUNRISE}


def test_every_point_of_a_night_has_a_unit_and_words() -> None:
    assert [name for names in POINTS.values() for name in names if quantity(name) is None] == []
