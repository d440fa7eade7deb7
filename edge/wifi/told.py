"""What is told of usage, as samples: by minute only how many are there, by hour and day what happened. Pure.

Minutes tell no sums, since with those of the hour they would tell of the few who were there in a minute.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from edge.core.model import Layout, Sample, Stamp
from edge.wifi.days import HOUR_S, SECOND_NS, bounds_s
from edge.wifi.grid import Grid
from edge.wifi.kept import HOUR
from edge.wifi.places import Place, Places
from edge.wifi.suppress import hidden, without_few
from edge.wifi.usage import Bucket, Tally
from edge.wifi.visitors import Visitors

MEASUREMENT, DAY_MEASUREMENT = "wifi_usage", "wifi_usage_1d"
"""Minutes and hours share a measurement, having no field in common; the day's row has a time of an hour's."""

MINUTE_POINTS = ("sessions_open",)
HOUR_POINTS = (
    "sessions_started",
    "sessions_ended",
    "sessions_lost",
    "sessions_roamed",
    "bytes_up",
    "bytes_down",
    "dwell_mean",
    "peak_sessions",
)
DAY_POINTS = (*HOUR_POINTS, "visitors", "busiest_hour")

Values = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Figures:
    """A place in an hour or a day; `group` is how many sessions stand behind it."""

    group: int
    peak: int
    bucket: Bucket


def hours_of(zone: ZoneInfo, day: int) -> range:
    """The begins of the hours that count for a local day, in UTC seconds."""
    begin_s, end_s = bounds_s(zone, day)
    return range(-(-begin_s // HOUR_S) * HOUR_S, end_s, HOUR_S)


class Telling:
    """Makes the rows of all places."""

    def __init__(
        self, places: Places, tally: Tally, grid: Grid, visitors: Visitors, zone: ZoneInfo, group_min: int
    ) -> None:
        self._places, self._tally, self._grid, self._visitors = places, tally, grid, visitors
        self._zone, self._group_min = zone, group_min

    def minute(self, end_s: int) -> list[Sample]:
        """How many were there at a minute's end."""
        counts = self._grid.at_end.get(end_s, {})
        away = self._hidden({place.id: counts.get(place.id, 0) for place in self._places.all})
        return [
            _sample(place, MINUTE_POINTS, "1m", end_s, {"sessions_open": counts.get(place.id, 0)})
            for place in self._places.all
            if place.id not in away
        ]

    def hour(self, begin_s: int) -> list[Sample]:
        """What happened in an hour, of places with enough visitors."""
        told = self.hour_of_all(begin_s)
        return [
            _sample(place, HOUR_POINTS, "1h", begin_s + HOUR_S, told[place.id])
            for place in self._places.all
            if any(value is not None for value in told[place.id].values())
        ]

    def hour_of_all(self, begin_s: int) -> dict[str, Values]:
        """What may be told of an hour, by place."""
        return self._told({place.id: self.figures(place, begin_s) for place in self._places.all})

    def day(self, day: int) -> list[Sample]:
        """What happened on a local day; few people of hidden hours are left out of its sums."""
        hours = hours_of(self._zone, day)
        by_hour = {
            hour_s: {place.id: self.figures(place, hour_s) for place in self._places.all} for hour_s in hours
        }
        away = {
            hour_s: self._hidden({place: one.group for place, one in found.items()})
            for hour_s, found in by_hour.items()
        }
        figures: dict[str, Figures] = {}
        for place in self._places.all:
            parts = [(place.id in away[hour_s], by_hour[hour_s][place.id]) for hour_s in hours]
            figures[place.id] = self._joined(parts)
        told = self._told(figures)
        seen = self.visitors(day)
        samples = []
        for place in self._places.all:
            values = dict(told[place.id]) | {"visitors": seen[place.id]}
            if values["peak_sessions"] is not None:
                most = max(hours, key=lambda hour_s: by_hour[hour_s][place.id].peak)
                values["busiest_hour"] = (most - hours[0]) // HOUR_S
            if any(value is not None for value in values.values()):
                samples.append(_sample(place, DAY_POINTS, "1d", hours[-1] + HOUR_S, values))
        return samples

    def visitors(self, day: int) -> dict[str, int | None]:
        """Different devices of a day by place; None where they are too few."""
        counts = {place.id: self._visitors.count(day, place.id) for place in self._places.all}
        away = self._hidden(counts)
        return {place: None if place in away else count for place, count in counts.items()}

    def figures(self, place: Place, begin_s: int) -> Figures:
        """What is known of a place in an hour."""
        whole = Bucket()
        for hotspot in place.hotspots:
            bucket = self._tally.bucket(HOUR, begin_s, hotspot)
            if bucket is not None:
                whole.add(bucket)
        presence = self._grid.presence(begin_s, place.id)
        came = whole.came if len(place.hotspots) == 1 else 0
        return Figures(presence.first + whole.began + came, presence.most, whole)

    def _joined(self, parts: Sequence[tuple[bool, Figures]]) -> Figures:
        few = without_few([(is_hidden, one.group) for is_hidden, one in parts], self._group_min)
        whole = Bucket()
        for is_hidden, one in parts:
            if not (few and is_hidden):
                whole.add(one.bucket)
        group = max((one.group for _, one in parts), default=0)
        return Figures(max(group, whole.began), max((one.peak for _, one in parts), default=0), whole)

    def _told(self, figures: Mapping[str, Figures]) -> dict[str, Values]:
        """The values of each place without those behind which too few stand, each by its own group."""

        def away(group: Callable[[Figures], int]) -> frozenset[str]:
            return self._hidden({place: group(one) for place, one in figures.items()})

        few, began = away(lambda one: one.group), away(lambda one: one.bucket.began)
        ended, lost = away(lambda one: one.bucket.ended), away(lambda one: one.bucket.lost)
        came, peak = away(lambda one: one.bucket.came), away(lambda one: one.peak)
        found: dict[str, Values] = {}
        for place, one in figures.items():
            bucket = one.bucket
            found[place] = {
                "sessions_started": None if place in few | began else bucket.began,
                "sessions_ended": None if place in few | ended else bucket.ended,
                "sessions_lost": None if place in few | lost else bucket.lost,
                "sessions_roamed": None if place in few | came else bucket.came,
                "bytes_up": None if place in few else bucket.up,
                "bytes_down": None if place in few else bucket.down,
                "dwell_mean": None if place in few | ended else bucket.dwell_s / bucket.ended,
                "peak_sessions": None if place in few | peak else one.peak,
            }
        return found

    def _hidden(self, groups: Mapping[str, int]) -> frozenset[str]:
        return hidden(groups, self._places.wholes, self._group_min)


def _sample(place: Place, points: Sequence[str], span: str, end_s: int, values: Values) -> Sample:
    measurement = DAY_MEASUREMENT if span == "1d" else MEASUREMENT
    layout = Layout(place.id, measurement, tuple(points), place.tags, f"usage/{span}")
    found = (values.get(point) for point in points)
    amounts = tuple(None if value is None else float(value) for value in found)
    return Sample(layout, Stamp(0, end_s * SECOND_NS), amounts)
