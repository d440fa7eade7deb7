"""A night that ended as samples: each lamp, each meter, and all lamps together, for the town's sums. Pure.

All have the time of sunrise, so that a night has one time and is never told twice.
"""

from collections.abc import Iterator, Mapping

from edge.core.lighting import LampNight, NightRecord
from edge.core.model import Layout, Sample, Stamp
from edge.lighting.night_sums import night_sum

LAMP, METER, WHOLE = "lamp_night", "meter_night", "gateway_night"
"""The measurements."""

LAMP_POINTS = (
    "energy_used",
    "energy_measured",
    "energy_full",
    "hours_lit",
    "hours_counted",
    "hours_owed",
)
METER_POINTS = ("active_energy",)
WHOLE_POINTS = (*LAMP_POINTS, "lamps", "lamps_known")
POINTS = {LAMP: LAMP_POINTS, METER: METER_POINTS, WHOLE: WHOLE_POINTS}
"""What is told in which measurement."""

SERIES = "night"

Tags = tuple[tuple[str, str], ...]


def night_rows(record: NightRecord, gateway: str, tags: Mapping[str, Tags], stamp: Stamp) -> Iterator[Sample]:
    """The rows of a night; `tags` are those of the rows of each device and of the gateway.

    Energies (kWh) are of lamps whose nominal power is known, and are left out of the rows of others;
    `hours_owed` are those from sunset to sunrise, of all lamps together in the row of the gateway.
    """

    def row(device: str, measurement: str, values: tuple[float | None, ...]) -> Sample:
        layout = Layout(device, measurement, POINTS[measurement], tags.get(device, ()), SERIES)
        return Sample(layout, stamp, values)

    for lamp in record.lamps:
        yield row(lamp.device, LAMP, _lamp(lamp, record.hours))
    for meter, reading in record.meters:
        yield row(meter, METER, (reading,))
    whole = night_sum(record, None)
    energies = (whole.used_kwh, whole.measured_kwh, whole.full_kwh) if whole.known else (None, None, None)
    hours = (whole.lit_h, whole.counted_h, whole.hours * whole.lamps)
    yield row(gateway, WHOLE, (*energies, *hours, float(whole.lamps), float(whole.known)))


def _lamp(lamp: LampNight, hours: float) -> tuple[float | None, ...]:
    energies = (lamp.used_kwh, lamp.measured_kwh, lamp.full_kwh) if lamp.full_kwh > 0 else (None, None, None)
    return (*energies, lamp.lit_h, lamp.counted_h, hours)
