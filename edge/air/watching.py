"""The alarms of stations: every minute what is known of each is held against the rules."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from edge.air.limits import Limit, limits_on
from edge.air.quality import QualityControl
from edge.air.spans import SECOND_NS
from edge.air.station import StationAtWork
from edge.air.stations import AirDevice, Place
from edge.air.watch import limit_exceeded, sensor_drift, sensor_stuck, station_silent
from edge.config.alarms import rules_of
from edge.config.schema import Config
from edge.core.air import CheckKind, Mean, MeanStore, Span
from edge.core.alarms import AlarmKind, See
from edge.core.ports import Clock

DAYS = 5
"""So many days back the drift between neighbours is looked for."""


class Watching:
    """Says what stations show to whoever keeps the alarms."""

    def __init__(self, see: See, store: MeanStore) -> None:
        self._see, self._store = see, store
        self._drift_of: dict[str, int] = {}

    async def look(
        self,
        places: Sequence[Place],
        at_work: Mapping[str, StationAtWork],
        quality: QualityControl,
        config: Config,
        devices: Mapping[str, AirDevice],
        clock: Clock,
    ) -> None:
        """Look at every station once."""
        rules = rules_of(config.alarm)
        utc_ns, mono_ns = clock.utc_ns(), clock.mono_ns()
        for place in places:
            if (work := at_work.get(place.id)) is None:
                continue
            if (rule := rules.get(AlarmKind.LIMIT_EXCEEDED)) is not None:
                means = [mean for of_span in work.longer.newest.values() for mean in of_span]
                limits = limits_at(place, config)
                self._see(limit_exceeded(place.id, place.kind, means, limits, utc_ns, rule, place.ambient))
            if (rule := rules.get(AlarmKind.STATION_SILENT)) is not None:
                quiet_s = (mono_ns - work.counts_ns) / 1e9 * clock.rate
                usual_s = _usual_s(place, devices) * clock.rate
                self._see(station_silent(place.id, quiet_s, rule, usual_s))
            self._look_at_sensors(place, work, quality)
            if (rule := rules.get(AlarmKind.SENSOR_DRIFT)) is not None and place.neighbours:
                days = work.longer.newest.get(Span.DAY, [])
                if days and self._drift_of.get(place.id) != days[-1].end_ns:
                    self._drift_of[place.id] = days[-1].end_ns
                    found = {name: await self._days(name, utc_ns) for name in (place.id, *place.neighbours)}
                    own = found.pop(place.id)
                    self._see(sensor_drift(place.id, own, found, rule))

    def _look_at_sensors(self, place: Place, work: StationAtWork, quality: QualityControl) -> None:
        for device in place.devices:
            texts = [
                remark.text
                for (owner, _), remarks in work.remarks.items()
                for remark in remarks
                if owner == device and remark.check is CheckKind.STUCK
            ]
            self._see(sensor_stuck(device, quality.is_moving(device), texts))

    async def _days(self, station: str, utc_ns: int) -> Sequence[Mean]:
        after_ns = utc_ns - DAYS * Span.DAY.seconds * SECOND_NS
        return await self._store.means(station, Span.DAY, after_ns, utc_ns)


def _usual_s(place: Place, devices: Mapping[str, AirDevice]) -> float:
    """How often anything of a station is read; 0 if nobody knows."""
    known = [devices[device] for device in place.devices if device in devices]
    return min((every_s for device in known for every_s in device.intervals_s.values()), default=0.0)


def limits_at(place: Place, config: Config) -> Callable[[int], Sequence[Limit]]:
    """The limits by which a mean with this end is judged: of its day, unless the configuration names one."""

    def found(end_ns: int) -> Sequence[Limit]:
        moment = datetime.fromtimestamp((end_ns - 1) // SECOND_NS, UTC).astimezone(place.zone)
        return limits_on(config.air.limits_from or moment.date())

    return found
