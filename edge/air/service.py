"""The air of a gateway: judges samples, takes means, works out indices, watches stations, and shows them."""

import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from edge.air.calibration import FOR_S, Calibrations
from edge.air.checks import checks_of
from edge.air.means import MINUTE_NS
from edge.air.quality import Judged, QualityControl
from edge.air.recalculate import recalculated
from edge.air.station import StationAtWork
from edge.air.stations import JUDGED, AirDevice, Place, places_of, twins_of
from edge.air.watching import Watching
from edge.config.schema import Config
from edge.core.air import CheckKind, MeanStore, Remark, Span, StationState
from edge.core.alarms import See
from edge.core.errors import ConfigError, TransientError
from edge.core.model import Command, CommandState, Event, EventKind, Outcome, Quality, Sample, Severity
from edge.core.ports import Clock, Memory, Report
from edge.core.sayings import say
from edge.core.times import from_rfc3339, rfc3339_ms
from edge.core.watchers import Watchers

log = logging.getLogger(__name__)

GRACE_S = 2.0
"""So long after its end a minute is closed: answers that were under way belong to it."""

PACK_AFTER_NS = 26 * Span.HOUR.seconds * 1_000_000_000
"""Minutes older than this are hardly said again, and are kept by the hour."""

HELD_MAX = 20_000
"""Samples that wait for the clock to be set; the oldest leave."""

UNSET_LOOK_S = 1.0
SHORTEST_WAIT_S = 0.05


@dataclass(frozen=True, slots=True)
class AirParts:
    """What the air uses of the gateway; `keep` puts a derived sample into the store."""

    store: MeanStore
    keep: Callable[[Sample], None]
    see: See
    memory: Memory
    report: Report
    clock: Clock


class AirService:
    """Implements Service and AirBoard. `judge` sees every sample before it is kept or shown."""

    name = "air"

    def __init__(self, config: Config, devices: Mapping[str, AirDevice], parts: AirParts) -> None:
        self._parts, self._clock = parts, parts.clock
        self._started_ns = parts.clock.mono_ns()
        self._held: deque[tuple[Sample, bool]] = deque(maxlen=HELD_MAX)
        self._at_work: dict[str, StationAtWork] = {}
        self._calibrations = Calibrations(parts.memory)
        self._is_restored = False
        self._trouble = False
        self._watchers: Watchers[StationState] = Watchers(self._state)
        self._watching = Watching(parts.see, parts.store)
        self._take(config, devices)
        self.quality = QualityControl(checks_of(config.check), twins_of(self._places), parts.clock.rate)

    def _take(self, config: Config, devices: Mapping[str, AirDevice]) -> None:
        self._config, self._devices = config, devices
        self._places = places_of(config, devices)
        self._stations_of: dict[str, list[str]] = {}
        for place in self._places:
            for device in place.devices:
                self._stations_of.setdefault(device, []).append(place.id)
        judged = {device.id for device in devices.values() if device.measurement in JUDGED}
        self._judged = frozenset(judged.union(self._stations_of))

    def use(self, config: Config, devices: Mapping[str, AirDevice]) -> None:
        """Go by a changed configuration; stations that did not change go on as they are."""
        before = {place.id: place for place in self._places}
        self._take(config, devices)
        self.quality.follow(checks_of(config.check), twins_of(self._places), devices)
        after = {place.id: place for place in self._places}
        for station in [name for name in self._at_work if after.get(name) != before.get(name)]:
            del self._at_work[station]
        self._started_ns = self._clock.mono_ns()

    @property
    def places(self) -> Sequence[Place]:
        """The stations as configured."""
        return self._places

    def stations(self) -> Sequence[StationState]:
        """All stations, in configured order."""
        return [state for place in self._places if (state := self._state(place.id)) is not None]

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[StationState]]:
        """States as they change; a slow watcher gets the newest of each station."""
        return self._watchers.watch([place.id for place in self._places])

    def _state(self, station: str) -> StationState | None:
        place = next((place for place in self._places if place.id == station), None)
        if place is None:
            return None
        calibrating = not self._calibrations.devices.isdisjoint(place.devices)
        if (at_work := self._at_work.get(station)) is not None:
            return at_work.state(calibrating)
        return StationState(
            place.id, place.title, place.kind, place.commune, place.latitude, place.longitude, calibrating
        )

    def judge(self, sample: Sample) -> Sample:
        """A sample with the flags of quality control; what counts of it goes into the means."""
        device = sample.layout.device
        if device not in self._judged or sample.layout.series:
            return sample
        self._restore()
        calibrating = device in self._calibrations.devices
        judged = self.quality.judge(sample)
        if judged.rewritten is not None:
            self._parts.keep(judged.rewritten)
            self._feed(judged.rewritten, False)
            self._count_spikes(judged.rewritten, judged.remarks_before)
        self._feed(_uncalibrated(sample, judged) if calibrating else judged.sample, calibrating)
        for station in self._stations_of.get(device, ()):
            if (at_work := self._at_work.get(station)) is not None:
                at_work.remarks[device, sample.layout.names] = judged.remarks
                at_work.remarked(sample, judged.remarks)
                if _counts(judged.sample):
                    at_work.counts_ns = sample.stamp.mono_ns
        return judged.sample

    def _count_spikes(self, sample: Sample, remarks: Sequence[Remark]) -> None:
        """What is only now known of a sample; the rest was counted when it came."""
        spikes = [remark for remark in remarks if remark.check is CheckKind.SPIKE]
        for station in self._stations_of.get(sample.layout.device, ()):
            if (at_work := self._at_work.get(station)) is not None:
                at_work.remarked(sample, spikes, is_again=True)

    def _feed(self, sample: Sample, calibrating: bool) -> None:
        stations = self._stations_of.get(sample.layout.device, ())
        if not stations:
            return
        if sample.stamp.utc_ns is None or any(station not in self._at_work for station in stations):
            self._held.append((sample, calibrating))
            return
        self._give(sample, sample.stamp.utc_ns, calibrating)

    def _give(self, sample: Sample, at_ns: int, calibrating: bool) -> None:
        device = self._devices.get(sample.layout.device)
        names = sample.layout.names
        interval_s = device.intervals_s.get(names[0], 60.0) if device is not None and names else 60.0
        for station in self._stations_of.get(sample.layout.device, ()):
            if (at_work := self._at_work.get(station)) is not None:
                at_work.minutes.add(sample, at_ns, interval_s * self._clock.rate, calibrating)

    async def run(self) -> None:
        """Run until cancelled; the open minutes are kept also then."""
        self._restore()
        try:
            while True:
                if self._clock.is_set():
                    await self._tick(self._clock.utc_ns() - round(GRACE_S * 1e9))
                await self._clock.sleep(self._wait_s())
        finally:
            await self._stop()

    def _wait_s(self) -> float:
        if not self._clock.is_set():
            return UNSET_LOOK_S
        past_ns = (self._clock.utc_ns() - round(GRACE_S * 1e9)) % MINUTE_NS
        return max(SHORTEST_WAIT_S, (MINUTE_NS - past_ns) / 1e9 / self._clock.rate)

    async def _tick(self, now_ns: int) -> None:
        self._end_calibrations(self._calibrations.end_past(now_ns), "its time is over")
        self._begin()
        try:
            for at_work in list(self._at_work.values()):
                await at_work.advance(now_ns)
            await self._watching.look(
                self._places, self._at_work, self.quality, self._config, self._devices, self._clock
            )
            await self._parts.store.pack_minutes(now_ns - PACK_AFTER_NS)
            self._trouble = False
        except TransientError as error:
            log.log(logging.DEBUG if self._trouble else logging.WARNING, "air: %s; tried again", error)
            self._trouble = True
        for station, at_work in self._at_work.items():
            if at_work.longer.changed:
                at_work.longer.changed = False
                self._watchers.tell(station)
        self._forget(now_ns)

    def _begin(self) -> None:
        """Stations begin to work once the clock is set; samples from before then get their true time."""
        parts, utc_ns, mono_ns = self._parts, self._clock.utc_ns(), self._clock.mono_ns()
        rate = self._clock.rate
        sent = frozenset(Span(span) for span in self._config.air.send)
        for place in self._places:
            if place.id not in self._at_work:
                began_ns = utc_ns - round((mono_ns - self._started_ns) * rate)
                self._at_work[place.id] = StationAtWork(
                    place, parts.store, parts.keep, sent, parts.memory, began_ns, mono_ns
                )
        held, self._held = self._held, deque(maxlen=HELD_MAX)
        for sample, calibrating in held:
            stamp = sample.stamp
            at_ns = stamp.utc_ns
            self._give(
                sample,
                utc_ns - round((mono_ns - stamp.mono_ns) * rate) if at_ns is None else at_ns,
                calibrating,
            )

    def _forget(self, now_ns: int) -> None:
        air, day_ns = self._config.air, Span.DAY.seconds * 1_000_000_000
        for span in Span:
            days = air.keep_days if span in (Span.MINUTE, Span.FIVE_MINUTES) else air.keep_hours_days
            self._parts.store.forget_means(span, now_ns - days * day_ns)

    async def _stop(self) -> None:
        for at_work in self._at_work.values():
            try:
                await at_work.close_open(self._clock.utc_ns())
            except TransientError as error:
                log.warning("air: the open minute of %s is lost: %s", at_work.place.id, error)

    async def calibrate(self, command: Command) -> AsyncIterator[Outcome]:
        """The verb `calibrate`: of a station or one of its devices, for `for_s`, or `release`."""
        place = next((place for place in self._places if place.id == command.target), None)
        devices = place.devices if place is not None else (command.target,)
        if place is None and command.target not in self._stations_of:
            raise ConfigError(say("no_air_device", target=f"{command.target!r}"))
        arguments = dict(command.arguments)
        self._restore()
        if arguments.get("release"):
            self._end_calibrations(self._calibrations.end(devices), f"by {command.by or 'nobody named'}")
        else:
            if not self._clock.is_set():
                raise TransientError(say("no_clock_no_end"))
            for_s = arguments.get("for_s")
            length_s = float(for_s) if isinstance(for_s, int | float) and for_s > 0 else FOR_S
            until_ns = self._clock.utc_ns() + round(length_s * 1e9)
            self._calibrations.begin(devices, until_ns)
            self._calibrating()
            text = say("calibration_began", target=command.target, until=rfc3339_ms(until_ns))
            self._tell(EventKind.CALIBRATION_BEGAN, command.target, text)
        yield Outcome(command.id, CommandState.VERIFIED)

    async def recalculate(self, command: Command) -> AsyncIterator[Outcome]:
        """The verb `recalculate`: hours and longer from kept minutes, of a station or of all."""
        arguments = dict(command.arguments)
        places = [place for place in self._places if command.target in (place.id, self._config.gateway.id)]
        if not places:
            raise ConfigError(say("no_station", target=f"{command.target!r}"))
        now_ns = self._clock.utc_ns() - round(GRACE_S * 1e9)
        begin, end = arguments.get("from"), arguments.get("to")
        try:
            begin_ns = from_rfc3339(begin) if isinstance(begin, str) else 0
            end_ns = min(now_ns, from_rfc3339(end)) if isinstance(end, str) else now_ns
        except ValueError as error:
            raise ConfigError(say("wrong_time", why=error)) from error
        oldest_ns = now_ns - self._config.air.keep_days * (Span.DAY.seconds * 1_000_000_000)
        begin_ns = max(begin_ns, oldest_ns)
        sent = frozenset(Span(span) for span in self._config.air.send)
        changed = await recalculated(places, self._parts.store, self._parts.keep, sent, begin_ns, end_ns)
        yield Outcome(command.id, CommandState.VERIFIED, result=(("changed", float(changed)),))

    def _restore(self) -> None:
        if not self._is_restored:
            self._is_restored = True
            self._calibrations.restore()
            self._calibrating()

    def _calibrating(self) -> None:
        self.quality.calibrating(self._calibrations.devices)
        for place in self._places:
            self._watchers.tell(place.id)

    def _end_calibrations(self, ended: Sequence[str], why: str) -> None:
        if ended:
            self._calibrating()
        for device in ended:
            self._tell(EventKind.CALIBRATION_ENDED, device, say("calibration_ended", device=device, why=why))

    def _tell(self, kind: EventKind, subject: str, text: str) -> None:
        log.info("%s", text)
        self._parts.report(Event(self._clock.stamp(), kind, subject, Severity.INFO, text))


def _counts(sample: Sample) -> bool:
    bad = {at for at, flag in sample.flags if flag is Quality.BAD}
    return any(value is not None and at not in bad for at, value in enumerate(sample.values))


def _uncalibrated(sample: Sample, judged: Judged) -> Sample:
    """The sample as it would be judged were it not of a calibration: minutes take it, marked as such."""
    worse = {
        remark.point: remark.verdict.quality
        for remark in judged.remarks
        if remark.check is not CheckKind.CALIBRATION
    }
    flags = dict(sample.flags)
    for at, name in enumerate(sample.layout.names):
        if name in worse:
            flags[at] = worse[name]
    return replace(sample, flags=tuple(sorted(flags.items())))
