"""Street lighting: keeps every lamp at what is wanted of it, and carries out the `light` command."""

import asyncio
import contextlib
import logging
import random
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from edge.config.schema import Config
from edge.core.backoff import Chance
from edge.core.clock import StepWatch
from edge.core.lighting import LightSource, LightState, Luminaires, Relays, TargetBoard
from edge.core.model import Command, CommandState, Outcome, Stamp
from edge.core.ports import Clock, Live, Memory
from edge.core.watchers import Watchers
from edge.lighting.audit import AuditLog
from edge.lighting.conduct import Conduct
from edge.lighting.desired import Wanted
from edge.lighting.diary import Diary
from edge.lighting.engine import TICK_S, Engine, Orders
from edge.lighting.feeders import Feeders
from edge.lighting.holdings import Holdings
from edge.lighting.identify import Blinking
from edge.lighting.lamp import LampRecord
from edge.lighting.together import Together

log = logging.getLogger(__name__)

UNSET_S = 600.0
"""So long after the start lamps wait for the clock; then they become bright, and none becomes darker."""

HELD = (LightSource.EMERGENCY, LightSource.OVERRIDE)


@dataclass(frozen=True, slots=True)
class Parts:
    """What lighting uses of the gateway."""

    luminaires: Luminaires
    clock: Clock
    memory: Memory
    live: Live
    audit: AuditLog
    relays: Relays | None = None


def _token() -> str:
    return secrets.token_hex(3)


class LightingService:
    """Implements Service and LightBoard; its `verb` is the desk's handler of `light`."""

    name = "lighting"

    def __init__(
        self,
        config: Config,
        parts: Parts,
        chance: Chance = random.random,
        token: Callable[[], str] = _token,
        tick_s: float = TICK_S,
    ) -> None:
        self._parts, self._clock = parts, parts.clock
        self._config, self._lamps = config, parts.luminaires.lamps
        self.holdings = Holdings(config, self._lamps, parts.memory, parts.clock.rate)
        self.diary = Diary(parts.audit, parts.clock)
        orders = Orders(self._renew, self._may_lower, self._told, self._too_late)
        self.engine = Engine(parts.luminaires, config.lighting, parts.clock, orders, chance, tick_s)
        self._conduct = Conduct(self, config, parts.clock, token)
        self._blinking = Blinking(self.engine, parts.luminaires, parts.clock)
        self._feeders, self._feed = Feeders(config.segment, chance), asyncio.Event()
        self._states: dict[str, LightState] = {}
        self._watchers: Watchers[LightState] = Watchers(self._states.get)
        self._together = Together(self._states)
        self._steps = StepWatch(self._clock.utc_ns(), self._clock.mono_ns(), self._clock.rate)
        self._began_ns = self._clock.mono_ns()
        self._renew_ns, self._clock_was_set = 0, False
        self._restored = self._started = False

    async def run(self) -> None:
        """Run until cancelled."""
        if not self._restored:
            self._restored = True
            if lamps := self._parts.luminaires.lamps:
                self.diary.started(len(lamps))
            self.use(self._config)
        self.renew()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(), name="lighting live")
            group.create_task(self._keep_fed(), name="lighting feeders")
            group.create_task(self._together.run(), name="lighting targets")
            group.create_task(self.engine.run(), name="lighting engine")

    def verb(self, command: Command) -> AsyncIterator[Outcome]:
        """Carry out a `light` command, reporting as it goes."""
        return self._conduct.carry_out(command)

    def identify(self, command: Command) -> AsyncIterator[Outcome]:
        """The verb `identify`: a lamp shows itself by going up and down, then has what is wanted of it."""
        return self._blinking.carry_out(command)

    def states(self) -> Sequence[LightState]:
        """What every lamp shall have."""
        return list(self._states.values())

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[LightState]]:
        """States as they change, all of them first; a slow watcher gets the newest of each lamp."""
        return self._watchers.watch(list(self._states))

    @property
    def targets(self) -> TargetBoard:
        """What groups, segments and the whole gateway shall have."""
        return self._together

    def use(self, config: Config) -> None:
        """Take another configuration, and the lamps as they are now."""
        self._config, self._lamps = config, self._parts.luminaires.lamps
        self.holdings.use(config, self._lamps)
        if self._restored:
            self.holdings.restore()
        self.engine.use(config.lighting)
        self._feeders.use(config.segment)
        self._conduct.use(config)
        for gone in self._states.keys() - self.engine.records.keys():
            del self._states[gone]
        self._together.use(self.holdings.targets.members)
        self.renew()

    async def members(self, command: Command) -> AsyncIterator[Outcome]:
        """The verb `members`: who is in a group from now on, over restarts too, by `devices` with commas.

        Raises ConfigError for a group or lamp that there is not.
        """
        said = str(dict(command.arguments).get("devices", ""))
        devices = tuple(name for name in said.split(",") if name)
        self.holdings.set_members(command.target, devices)
        self._together.use(self.holdings.targets.members)
        self.diary.members(command, devices)
        self.renew()
        yield Outcome(command.id, CommandState.VERIFIED, f"{command.target} has {len(devices)} members")

    def renew(self) -> None:
        """Think again about what is wanted, now."""
        self._renew_ns = 0
        self._renew()
        self.engine.stir()

    def _renew(self) -> int:
        if self._parts.luminaires.lamps is not self._lamps:
            self.use(self._config)
        mono_ns, clock_set = self._clock.mono_ns(), self._clock.is_set()
        stepped = self._steps.step_ns(self._clock.utc_ns(), mono_ns)
        if stepped or clock_set != self._clock_was_set or mono_ns >= self._renew_ns:
            self._clock_was_set = clock_set
            self._think(mono_ns)
        self.holdings.keep_written(self._clock.stamp())
        if not self._started and clock_set and self.engine.all_tried and not self.engine.light_is_owed:
            self._started = True
            self.engine.stir()
        return self._renew_ns

    def _think(self, mono_ns: int) -> None:
        now = self._clock.stamp()
        bright_ns = self._began_ns + round(UNSET_S * 1e9)
        self.holdings.bright = not self._clock_was_set and mono_ns >= bright_ns
        told = self._expire(now)
        changed: dict[Wanted, list[str]] = {}
        for lamp, record in self.engine.records.items():
            wanted = self.holdings.wanted(lamp, now)
            if wanted != record.wanted:
                before, record.wanted = record.wanted, wanted
                if wanted is not None and (before is None or before.level != wanted.level):
                    record.plan_fade(wanted.fade_after(before, now.utc_ns))
                    changed.setdefault(wanted, []).append(lamp)
                self._told(record)
        self._renew_ns = self.holdings.next_ns(now)
        if mono_ns < bright_ns and not self._clock_was_set:
            self._renew_ns = min(self._renew_ns, bright_ns)
        for wanted, lamps in changed.items():
            if wanted.source not in HELD and (new := [lamp for lamp in lamps if lamp not in told]):
                self.diary.planned(wanted, new)
        if changed:
            self._feed.set()
            self.engine.stir()

    def _expire(self, now: Stamp) -> set[str]:
        """Take off the commands that have ended, and write down what their lamps get now; gives these."""
        told: set[str] = set()
        for hold, lamps in self.holdings.expire(now).items():
            get: dict[Wanted | None, list[str]] = {}
            for lamp in lamps:
                get.setdefault(self.holdings.wanted(lamp, now), []).append(lamp)
            for wanted, those in get.items():
                self.diary.expired(hold, wanted, those)
            told.update(lamps)
        return told

    def _may_lower(self, record: LampRecord) -> bool:
        """Whether a lamp may become darker by itself: light comes first, and a plan needs a clock."""
        if record.lamp.readable and not record.tried:
            return False
        held = record.wanted is not None and record.wanted.source in HELD
        return self._started or (held and self.engine.all_tried)

    def _too_late(self, record: LampRecord) -> None:
        self._conduct.too_late(record.lamp.device)
        self.renew()

    def _told(self, record: LampRecord) -> None:
        """Show what a lamp shall have, and write down if it does not follow or does again."""
        lamp, wanted = record.lamp.device, record.wanted
        if record.begun or not record.force:
            self.holdings.written(lamp, self._clock.mono_ns())
        failed = record.failures > self.engine.patience.retries
        self.diary.followed(lamp, record.trouble, failed)
        self._together.failed(lamp, failed)
        if wanted is None:
            return
        before = self._states.get(lamp)
        level = wanted.level if record.lamp.dimmable else record.reach(wanted.level)
        same = before is not None and (before.level, before.source) == (level, wanted.source)
        state = LightState(
            target=lamp,
            level=level,
            source=wanted.source,
            until_ns=wanted.until_ns if wanted.source in HELD else None,
            verified=record.is_verified,
            at_ns=before.at_ns if same and before is not None else self._clock.stamp().utc_ns,
        )
        if state != before:
            self._states[lamp] = state
            self._watchers.tell(lamp)
            self._together.changed(lamp)

    async def _listen(self) -> None:
        """Hear of lamps that come back, and of the sensors."""
        lost: set[str] = set()
        async with self._parts.live.watch() as changes:
            async for state in changes:
                now_ns = self._clock.mono_ns()
                if state.device in self.holdings.sensors.devices and self.holdings.sensors.take(
                    state, now_ns
                ):
                    self.renew()
                if self._feeders.take(state):
                    self._feed.set()
                came_back = state.device in lost and bool(state.online)
                if state.online is not None:
                    (lost.discard if state.online else lost.add)(state.device)
                for lamp in (state.device, *self._feeders.lamps_at(state.device)):
                    if (record := self.engine.records.get(lamp)) is None:
                        continue
                    if state.online is False:
                        record.verified = False
                        self._told(record)
                    elif came_back:
                        record.came_back(now_ns)
                        self.engine.stir(record.lamp.bus)

    async def _keep_fed(self) -> None:
        """Close feeders that are found open while a lamp on them is to shine: once, and write it down."""
        while self._parts.relays is not None:
            now_ns = self._clock.mono_ns()
            next_ns = self._feeders.next_ns(now_ns)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if next_ns is None else (next_ns - now_ns) / 1e9):
                    await self._feed.wait()
            self._feed.clear()
            for segment in self._feeders.due(self._shines, self._clock.mono_ns()):
                report = await self._parts.relays.switch(segment.relay, segment.point, True)
                if self._feeders.switched(segment.id, report.applied, self._clock.mono_ns()):
                    self.diary.fed(segment, report)
                for lamp in segment.lamps if report.verified else ():
                    if (record := self.engine.records.get(lamp)) is not None:
                        record.came_back(self._clock.mono_ns())
                        self.engine.stir(record.lamp.bus)

    def _shines(self, lamp: str) -> bool:
        record = self.engine.records.get(lamp)
        return record is not None and record.wanted is not None and record.wanted.level > 0
