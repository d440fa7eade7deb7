"""Tourist Wi-Fi of a gateway: takes accounting in, keeps and counts it, tells of it, watches the hotspots."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from edge.config.alarms import Rule
from edge.config.schema import Config
from edge.config.wifi import Wifi
from edge.core.alarms import AlarmKind, See
from edge.core.errors import TransientError
from edge.core.model import Sample
from edge.core.ports import Clock, Live, Memory
from edge.core.watchers import Watchers
from edge.core.wifi import Accounting, AccountingCounts, PlaceUsage, Privacy, ShownUsage, Taken, UsageStore
from edge.wifi.books import Books
from edge.wifi.days import MINUTE_S, SECOND_NS, bounds_s, day_of
from edge.wifi.intake import Intake
from edge.wifi.kept import GRID, HOUR, MINUTE, SEEN, SESSION, VISITORS
from edge.wifi.keys import Keys
from edge.wifi.places import Places, places_of
from edge.wifi.privacy import privacy_of
from edge.wifi.schedule import Schedule
from edge.wifi.sessions import INTERIM_S
from edge.wifi.shown import shown
from edge.wifi.watch import Watch

log = logging.getLogger(__name__)

LOOK_S, SHORTEST_LOOK_S = 1.0, 0.05
AGAIN_S = 1.0
"""How long to wait after the disk failed to give what was kept."""

SESSION_ROWS_LAST = 0
DAYS_BACK = 3

FORGETTING_S = 3_600
"""So long after midnight the hashes of the day before are deleted, second by second: a portion each."""

READY_S = 2.0
"""So long records wait for a gateway that is starting; their senders send again after 3 s or more."""


@dataclass(frozen=True, slots=True)
class WifiParts:
    """What Wi-Fi uses of the gateway; `keep` puts a derived sample into the store."""

    store: UsageStore
    keep: Callable[[Sample], None]
    see: See
    memory: Memory
    live: Live
    clock: Clock
    keys: Keys


class WifiService:
    """Implements Service, AccountingDesk and WifiBoard.

    A record is in memory and on its way to the disk at once, and answered when it is there. If the disk takes
    nothing, nothing is answered and nothing more is taken in: each sender keeps what it has and sends again.
    `ready` is set once what was counted before is read.
    """

    name = "wifi"

    def __init__(self, config: Config, wifi: Wifi, parts: WifiParts, rules: Mapping[AlarmKind, Rule]) -> None:
        self._parts, self._clock, self._wifi = parts, parts.clock, wifi
        self._data_dir, self._zone = config.gateway.data_dir, ZoneInfo(config.gateway.timezone)
        self.places: Places = places_of(config)
        interim_s = {client.id: client.interim_s for client in config.radius_client}
        self._books = Books(self.places, interim_s, wifi, self._zone)
        self._schedule = Schedule(self._books, parts.memory, parts.keep, _longest_s(config))
        self._watch = Watch(self.places, interim_s, config.gateway.id, rules)
        self._intake = Intake()
        self._watchers: Watchers[PlaceUsage] = Watchers(self._newest)
        self._changed: set[str] = set()
        self.ready, self._is_owed = asyncio.Event(), False
        self._minute = 0
        self._looked_ns = parts.clock.mono_ns()
        parts.keys.knows = self._books.sessions.knows
        parts.keys.knows_before = self._books.sessions.knows_before

    def use(self, config: Config, rules: Mapping[AlarmKind, Rule]) -> None:
        """Go by other hotspots, clients or rules; [wifi] itself needs a restart."""
        self.places = places_of(config)
        interim_s = {client.id: client.interim_s for client in config.radius_client}
        self._books.use(self.places, interim_s, self._wifi)
        self._schedule.use(_longest_s(config))
        self._watch = Watch(self.places, interim_s, config.gateway.id, rules)

    async def take(self, record: Accounting) -> Taken:
        """`take_many` of one."""
        return (await self.take_many([record]))[0]

    async def take_many(self, records: Sequence[Accounting]) -> Sequence[Taken]:
        """Take records in; returns when they are durable. Raises TransientError where they cannot be now."""
        await self._be_ready()
        if self._is_owed:
            await self._flush()
        now_ns, mono_ns = self._clock.utc_ns(), self._clock.mono_ns()
        self._parts.keys.turn()
        self._books.turn(now_ns)
        results = []
        for record in records:
            at_ns = record.at_ns
            if at_ns is None:
                at_ns = now_ns - round((mono_ns - record.received_ns) * self._clock.rate)
            results.append(self._books.sessions.take(record, at_ns, now_ns))
            self._watch.heard(record.access_point, now_ns)
            self._changed.add(record.access_point)
        self._put()
        await self._flush()
        self._intake.taken(records, results)
        return results

    async def _be_ready(self) -> None:
        """A sender that is quicker than the start is kept waiting for a moment, not told off."""
        try:
            async with asyncio.timeout(READY_S):
                await self.ready.wait()
        except TimeoutError:
            raise TransientError("what was counted before is not read yet: it is to be sent again") from None

    def repeated(self, client: str) -> None:
        """A packet came again, bit by bit, and was not handed over twice."""
        self._intake.repeated(client)

    def dropped(self, client: str, why: str) -> None:
        """A packet was not taken."""
        self._intake.dropped(client, why)

    def usage(self) -> Sequence[PlaceUsage]:
        """All places; the first is the whole gateway."""
        day = self._today()
        visitors = self._books.telling.visitors(day)
        return [self._books.usage(place, day, visitors[place.id]) for place in self.places.all]

    def shown(self) -> Sequence[ShownUsage]:
        """All places without the numbers behind which too few stand; the first is the whole gateway."""
        return shown(self.places, self._books, self.usage(), self._clock.utc_ns(), self._wifi.group_min)

    def counts(self) -> AccountingCounts:
        """What came in."""
        return self._intake.counts()

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[PlaceUsage]]:
        """Usage as it changes; a slow watcher gets the newest of each place."""
        return self._watchers.watch([place.id for place in self.places.all])

    def privacy(self) -> Privacy:
        """What is kept of visitors, and what is sent."""
        ages_s = self._parts.keys.ages_s()
        return privacy_of(self._wifi, self._data_dir, self._books.sizes(), *ages_s)

    def _newest(self, name: str) -> PlaceUsage | None:
        place = self.places.by_id.get(name)
        if place is None:
            return None
        day = self._today()
        return self._books.usage(place, day, self._books.telling.visitors(day)[name])

    def _today(self) -> int:
        return day_of(self._zone, self._clock.utc_ns())

    async def run(self) -> None:
        """Run until cancelled."""
        while not self._clock.is_set():
            await self._clock.sleep(LOOK_S)
        while not self.ready.is_set():
            try:
                await self._restore()
            except TransientError as error:
                log.warning("wifi: what was counted before cannot be read: %s", error)
                await self._clock.sleep(AGAIN_S)
        while True:
            now_ns = self._clock.utc_ns()
            if now_ns // (MINUTE_S * SECOND_NS) != self._minute:
                self._minute = now_ns // (MINUTE_S * SECOND_NS)
                self._tick(now_ns)
            else:
                self._books.tidy(now_ns)
                self._put()
                self._forget_devices(now_ns)
            self._tell()
            await self._clock.sleep(max(SHORTEST_LOOK_S, LOOK_S / self._clock.rate))

    async def _restore(self) -> None:
        now_ns = self._clock.utc_ns()
        day, now_s = day_of(self._zone, now_ns), now_ns // SECOND_NS
        read, last_s = self._parts.store.usage_rows, now_s + 2 * MINUTE_S * MINUTE_S
        self._parts.keys.turn()
        books = self._books
        sessions = await read(SESSION, 0, SESSION_ROWS_LAST)
        minutes = await read(MINUTE, *books.minutes_from(now_s), last_s)
        hours = await read(HOUR, *books.hours_from(now_s), last_s)
        grid = await read(GRID, *books.hours_from(now_s), last_s)
        seen, past = await read(SEEN, 0, day), await read(VISITORS, day - DAYS_BACK, day)
        books.restore(sessions, [*minutes, *hours], grid, now_ns)
        books.visitors.restore(seen, past, day)
        self._parts.store.forget_usage(SEEN, day)
        self.ready.set()

    def _tick(self, now_ns: int) -> None:
        """The work of a minute."""
        now_s = now_ns // SECOND_NS
        self._parts.keys.turn()
        self._books.advance(now_ns)
        self._schedule.tell(now_s)
        self._put()
        self._forget(now_ns)
        mono_ns = self._clock.mono_ns()
        past_s = max(1.0, (mono_ns - self._looked_ns) / SECOND_NS)
        self._looked_ns = mono_ns
        states, is_open = self._parts.live.states(), self._books.tally.open.__getitem__
        for finding in self._watch.findings(states, is_open, self._intake, now_ns, past_s):
            self._parts.see(finding)
        self._intake.looked()
        self._changed.update(place.id for place in self.places.all)

    def _forget(self, now_ns: int) -> None:
        """Nothing is kept for longer than was said."""
        day, now_s, wifi = day_of(self._zone, now_ns), now_ns // SECOND_NS, self._wifi
        forget, day_s = self._parts.store.forget_usage, 86_400
        forget(MINUTE, now_s - wifi.keep_minutes_days * day_s)
        forget(HOUR, now_s - wifi.keep_days * day_s)
        forget(GRID, now_s - wifi.keep_days * day_s)
        forget(VISITORS, day - wifi.keep_days)
        forget(SEEN, day)

    def _forget_devices(self, now_ns: int) -> None:
        """The portion of a second."""
        day = day_of(self._zone, now_ns)
        if now_ns // SECOND_NS - bounds_s(self._zone, day)[0] < FORGETTING_S:
            self._parts.store.forget_usage(SEEN, day)

    def _put(self) -> None:
        keep, drop = self._books.rows()
        if keep:
            self._parts.store.put_usage(keep)
        if drop:
            self._parts.store.drop_usage(drop)

    async def _flush(self) -> None:
        self._is_owed = True
        if not await self._parts.store.flush():
            raise TransientError("the disk takes nothing now: what was sent is to be sent again")
        self._is_owed = False

    def _tell(self) -> None:
        changed, self._changed = self._changed, set()
        for name in {place for hotspot in changed for place in self.places.around.get(hotspot, (hotspot,))}:
            self._watchers.tell(name)


def _longest_s(config: Config) -> int:
    return max((client.interim_s for client in config.radius_client), default=INTERIM_S)
