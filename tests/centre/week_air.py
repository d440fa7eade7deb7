"""The week's air: minutes of the simulation made into means and indices by the gateway's own arithmetic."""

from collections.abc import Iterator

from drivers.profile import load_profile
from edge.air.derived import Derived, hourly
from edge.air.stations import Place, places_of
from edge.config.schema import Config
from edge.core.air import Span
from edge.core.air_rows import columns_of
from edge.core.model import Layout, Sample, Stamp
from edge.wiring.air import air_devices
from provisioning.grafana.town import derived_points, device_classes
from simulators.air_history import History, history
from simulators.nature import Nature, Scenario
from tests.air.month import means_from, minutes_of

SEEDS = {"street-air": 12, "centre-air": 15}


def air_samples(config: Config, start_s: float, days: int) -> Iterator[Sample]:
    """Means of 1, 8 and 24 hours and the indices of every hour, of every station."""
    for place in places_of(config, air_devices(config, load_profile)):
        yield from _station(place, start_s, days)


def zoo_means(gateway: str, at_s: float) -> Iterator[Sample]:
    """A station that has everything that any profile can tell, for one hour."""
    for name, points in derived_points(device_classes()).items():
        if name.startswith("air_"):
            tags = (("device", "z-station"), ("gateway", gateway))
            layout = Layout("z-station", name, points, tags)
            yield Sample(layout, Stamp(0, round(at_s * 1e9)), tuple(20.0 + at for at, _ in enumerate(points)))


def _station(place: Place, start_s: float, days: int) -> Iterator[Sample]:
    # From local midnight on, so that days are whole; a day earlier for what looks back.
    midnight_s = (start_s + 7 * 3600) // 86_400 * 86_400 - 7 * 3600 - 86_400
    names = tuple(name for name in place.points if not name.endswith("_corrected"))
    nature = Nature(SEEDS.get(place.id, 17), scenario=Scenario.WINTER)
    minutes: History = history(nature, midnight_s, days + 1.9, names, node_s=3600.0)
    means = means_from(place, minutes_of(minutes))
    derived = Derived(place)
    first_ns, last_ns = start_s * 1e9, (start_s + days * 86_400) * 1e9
    for span in (Span.HOUR, Span.EIGHT_HOURS, Span.DAY):
        for mean in means[span]:
            if first_ns < mean.end_ns <= last_ns:
                yield derived.of_mean(mean)
    ends = [mean.end_ns for mean in means[Span.HOUR] if first_ns < mean.end_ns <= last_ns]
    for index in hourly(place, columns_of(means[Span.HOUR]), ends):
        yield derived.of_index(index)
