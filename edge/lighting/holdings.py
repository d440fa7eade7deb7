"""Everything that has a word on the lamps: commands, plans and sensors, and what comes of them."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from edge.config.schema import Config
from edge.core.errors import ConfigError
from edge.core.lighting import Lamp
from edge.core.model import Stamp
from edge.core.ports import Memory
from edge.lighting.desired import EMPTY, Hold, Layers, Wanted, holding, winner
from edge.lighting.guard import is_darker, nights_within
from edge.lighting.lamp import NEVER_NS, reached
from edge.lighting.plans import Planned, Plans
from edge.lighting.sensors import Sensors
from edge.lighting.store import LightStore
from edge.lighting.targets import Targets

log = logging.getLogger(__name__)

UNKNOWN_NIGHT_NS = 12 * 3600 * 1_000_000_000
"""How long an override holds that ends with the night, while the clock does not say when that is."""

NO_CLOCK = "the clock is not set"

KEEP_NS = 1_000_000_000
"""So long after the first lamp of a command was written it is kept at the latest."""


class Holdings:
    """Who holds which lamp, over which plan. `bright` is set once the clock has been unset for too long:
    then the default level holds where nobody knows the plan. `rate` is how fast UTC runs: 1, but in a
    sped-up simulation.
    """

    def __init__(self, config: Config, lamps: Mapping[str, Lamp], memory: Memory, rate: float = 1.0) -> None:
        self._store, self._rate = LightStore(memory), rate
        self.layers: dict[str, Layers] = {}
        self._unwritten: dict[str, Layers] = {}
        self._unkept_since_ns: int | None = None
        self.owners: dict[str, str] = {}
        self.bright = False
        self.use(config, lamps)

    def use(self, config: Config, lamps: Mapping[str, Lamp]) -> None:
        """Take another configuration; what is held stays held, membership stays as it was changed."""
        self._config, self._lamps = config, lamps
        self.targets = Targets(config, lamps)
        self.plans = Plans(config)
        self.sensors = Sensors(config.program)
        self._changed_members: dict[str, tuple[str, ...]] = {}
        feeders = (segment.id for segment in config.segment if segment.is_lamp)
        self._devices = frozenset((*(device.id for device in config.device), *feeders))
        self.layers = {lamp: layer for lamp, layer in self.layers.items() if lamp in self._devices}
        self._unwritten = {lamp: was for lamp, was in self._unwritten.items() if lamp in self._devices}

    def restore(self) -> None:
        """Take up what was kept before a restart, or before another configuration was taken."""
        for group, devices in self._store.members().items():
            try:
                self._set_members(group, devices)
            except ConfigError as error:
                log.warning("the changed membership of %s is passed over: %s", group, error)
        if not self.layers:
            found = self._store.holds(self.targets.resolve)
            self.layers = {lamp: layer for lamp, layer in found.items() if lamp in self._devices}

    def set_members(self, group: str, devices: Sequence[str]) -> None:
        """Change who is in a group, over a restart too. Raises ConfigError for what there is not."""
        self._set_members(group, devices)
        self._store.keep_members(self._changed_members)

    def _set_members(self, group: str, devices: Sequence[str]) -> None:
        self.targets.set_members(group, devices)
        self.plans.set_members(group, devices)
        self._changed_members[group] = tuple(devices)

    def planned(self, lamp: str, now: Stamp) -> Planned | None:
        """What the plan says of a lamp now; None while there is no clock to read it by."""
        if now.utc_ns is not None:
            return self.plans.level_at(lamp, now.utc_ns)
        if self.bright:
            return Planned(self._config.lighting.default_level, NO_CLOCK, NEVER_NS, None)
        return None

    def wanted(self, lamp: str, now: Stamp) -> Wanted | None:
        """What a lamp shall have now."""
        planned, layer = self.planned(lamp, now), self.layers.get(lamp, EMPTY)
        if planned is not None and (sensed := self.sensors.sensed(planned.program, now.mono_ns)) is not None:
            layer = replace(layer, sensor=sensed)
        return winner(layer, planned, now)

    def hold(self, lamps: Iterable[str], hold: Hold, emergency: bool, now: Stamp) -> dict[str, Layers]:
        """Put a command on lamps; gives what was on them before."""
        before = {}
        for lamp in lamps:
            before[lamp] = layer = self._begin(lamp)
            self.layers[lamp] = replace(layer, emergency=hold) if emergency else replace(layer, override=hold)
            self.owners[lamp] = hold.command
        self.keep(now)
        return before

    def release(self, lamps: Iterable[str], command: str, emergency: bool, now: Stamp) -> dict[str, Layers]:
        """Take commands off lamps; gives what was on them before."""
        before = {}
        for lamp in lamps:
            before[lamp] = layer = self._begin(lamp)
            self.layers[lamp] = replace(layer, emergency=None) if emergency else replace(layer, override=None)
            self.owners[lamp] = command
        self.keep(now)
        return before

    def put_back(self, lamp: str, before: Layers, now: Stamp) -> None:
        """A command did not come to act on a lamp: what was before it holds again."""
        self.layers[lamp] = before
        self._unwritten.pop(lamp, None)
        self.keep(now)

    def _begin(self, lamp: str) -> Layers:
        layer = self.layers.get(lamp, EMPTY)
        self._unwritten.setdefault(lamp, layer)
        return layer

    def written(self, lamp: str, mono_ns: int) -> None:
        """What a command put on a lamp was written to it, or never will be: from now on it is kept."""
        if self._unwritten.pop(lamp, None) is not None and self._unkept_since_ns is None:
            self._unkept_since_ns = mono_ns

    def keep_written(self, now: Stamp) -> None:
        """Keep what was written since, all lamps of a command at once where they follow each other."""
        since_ns = self._unkept_since_ns
        if since_ns is not None and (not self._unwritten or now.mono_ns - since_ns >= KEEP_NS):
            self.keep(now)

    def expire(self, now: Stamp) -> dict[Hold, list[str]]:
        """Take off what has ended; gives it with the lamps that it held."""
        over: dict[Hold, list[str]] = {}
        for lamp, layer in list(self.layers.items()):
            for hold in (layer.emergency, layer.override):
                if hold is not None and hold.is_over(now):
                    over.setdefault(hold, []).append(lamp)
            emergency = None if layer.emergency in over else layer.emergency
            override = None if layer.override in over else layer.override
            if emergency is None and override is None:
                del self.layers[lamp]
            else:
                self.layers[lamp] = Layers(emergency, override)
        if over:
            self.keep(now)
        return over

    def keep(self, now: Stamp) -> None:
        """Keep what is held over a restart: a kill before a command was written leaves what was before it, so
        that no command ever begins to act in another life of the gateway."""
        self._unkept_since_ns = None
        self._store.keep_holds({**self.layers, **self._unwritten}, self.targets.resolve, now)

    def end_of(self, for_s: float | None, forever: bool, now: Stamp) -> tuple[int | None, int | None]:
        """When a hold ends that is put on now: in UTC, on the clock of this boot."""
        if for_s is not None:
            for_ns = round(for_s * 1e9)
            if now.utc_ns is None:
                return None, now.mono_ns + for_ns
            # A sped-up clock is never stepped: there UTC alone counts, which the plan goes by as well.
            return now.utc_ns + for_ns, now.mono_ns + for_ns if self._rate == 1 else None
        if forever or self._config.lighting.override_end == "forever":
            return None, None
        if now.utc_ns is None:
            return None, now.mono_ns + UNKNOWN_NIGHT_NS
        return self.plans.night_end_ns(now.utc_ns), None

    def next_ns(self, now: Stamp) -> int:
        """When what is wanted may change by itself (monotonic ns)."""
        holds = {hold for one in self.layers.values() for hold in (one.emergency, one.override) if hold}
        lefts = [left for hold in holds if (left := hold.left_ns(now)) is not None]
        if now.utc_ns is not None:
            lefts.append(self.plans.next_change_ns(now.utc_ns) - now.utc_ns)
        left_ns = min(lefts, default=NEVER_NS)
        left_ns = left_ns if self._rate == 1 else round(left_ns / self._rate)
        return min(now.mono_ns + left_ns, self.sensors.next_ns(now.mono_ns))

    def dark_by_hand(self, now: Stamp) -> frozenset[str]:
        """Lamps that have less than the dark level by a command that holds them."""
        dark = self._config.lighting.dark_level
        return frozenset(
            lamp
            for lamp, layer in self.layers.items()
            if (held := holding(layer, now)) is not None and self._reached(lamp, held[1].level) < dark
        )

    def darkened(self, lamps: Iterable[str], hold: Hold, now: Stamp) -> frozenset[str]:
        """Lamps that a hold would make dark at a time at which they would have more light without it.

        What counts is what a lamp makes of a level: one that only switches shines in full at any. While the
        clock is not set it is night, and the plan is bright.
        """
        dark = self._config.lighting.dark_level
        darker = [lamp for lamp in lamps if self._reached(lamp, hold.level) < dark]
        if not darker:
            return frozenset()
        others = [lamp for lamp in darker if not self._is_relief(lamp, hold, now)]
        if now.utc_ns is None:
            return frozenset(others)
        utc_ns, plans = now.utc_ns, self.plans
        nights = nights_within(plans.is_night, utc_ns, hold.ends_ns(now))
        night_now = plans.is_night(utc_ns)

        def is_made_darker(lamp: str) -> bool:
            wanted = self.wanted(lamp, now) if night_now else None
            if wanted is not None and wanted.level > hold.level:
                return True
            return is_darker(hold.level, nights, lambda at_ns: plans.level_at(lamp, at_ns))

        return frozenset(lamp for lamp in others if is_made_darker(lamp))

    def _reached(self, lamp: str, level: float) -> float:
        known = self._lamps.get(lamp)
        return level if known is None else reached(known, level)

    def _is_relief(self, lamp: str, hold: Hold, now: Stamp) -> bool:
        """Whether a lamp is held at least as dark already, and for at least as long."""
        held = holding(self.layers.get(lamp, EMPTY), now)
        if held is None or held[1].level > hold.level:
            return False
        before_ns, after_ns = held[1].left_ns(now), hold.left_ns(now)
        return before_ns is None or (after_ns is not None and after_ns <= before_ns)
