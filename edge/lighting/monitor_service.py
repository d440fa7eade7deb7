"""The watch over lamps and cabinets: what is read and what is wanted, held against the rules."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from edge.config.alarms import Rule
from edge.config.lighting import Segment
from edge.core.alarms import AlarmKind, See
from edge.core.lighting import LampAccount, LampNight, LightBoard, LightState
from edge.core.model import DeviceState, Event, EventKind, Severity
from edge.core.ports import Clock, Live, Memory, Report
from edge.core.sayings import say
from edge.lighting.feeders import is_closed, shown_by
from edge.lighting.monitor import View, findings
from edge.lighting.monitor_burn import Burn, Saving, burn_of, is_lit, saving
from edge.lighting.monitor_starts import Starts

log = logging.getLogger(__name__)
T = TypeVar("T")

TICK_S = 30.0
"""How often every device is looked at, changed or not; also the longest step of counting."""

STEP_S = 1.0
"""The shortest step of counting."""

NIGHT_KEY = "lamps night"
"""Under this it is kept when the night that is counted was first seen."""

LONGEST_NIGHT_NS = 18 * 3_600_000_000_000

KEEP_S = 900.0
"""How often the counts of lamps are kept: what a power cut may cost of them."""

PART = 100
"""So many devices are looked at before others have their turn."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What of the configuration the watch goes by; `lamps` are nominal powers (W) by device id.

    `cabinets` are the devices whose temperature is that of a cabinet's inside.
    """

    gateway: str
    rules: Mapping[AlarmKind, Rule]
    lamps: Mapping[str, float | None]
    segments: Sequence[Segment] = ()
    cabinets: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Lamp:
    starts: Starts = field(default_factory=Starts)
    burn: Burn = field(default_factory=Burn)
    advanced_ns: int = 0
    kept: str = ""


class Monitor:
    """Implements Service. `is_night` says of a UTC time (ns) whether it lies between sunset and sunrise."""

    name = "monitor"

    def __init__(
        self,
        watched: Watched,
        live: Live,
        lights: LightBoard,
        is_night: Callable[[int], bool],
        see: See,
        memory: Memory,
        report: Report,
        clock: Clock,
    ) -> None:
        self._watched, self._live, self._lights, self._is_night = watched, live, lights, is_night
        self._see, self._memory, self._report, self._clock = see, memory, report, clock
        self._feeders = _feeders(watched)
        self._states: dict[str, DeviceState] = {}
        self._wanted: dict[str, LightState] = {}
        self._lamps: dict[str, _Lamp] = {}
        self._night: bool | None = None
        self._asked: tuple[int, bool] | None = None
        self._kept_ns = self._now_ns()

    def follow(self, watched: Watched) -> None:
        """Go by a changed configuration."""
        self._watched, self._asked = watched, None
        self._feeders = _feeders(watched)
        for device in self._lamps.keys() - watched.lamps.keys():
            del self._lamps[device]
        known = {state.device for state in self._live.states()}
        self._states = {device: state for device, state in self._states.items() if device in known}

    def accounts(self) -> list[LampAccount]:
        """Burn hours, starts and energy, lamp by lamp: the controller's own counters where it has them."""
        return [self._account(device, lamp.burn) for device, lamp in self._lamps.items()]

    def saving(self) -> Saving:
        """What the running night used and saved so far: an estimate."""
        return saving(lamp.burn for lamp in self._lamps.values())

    def nights(self) -> list[LampNight]:
        """The running night, lamp by lamp."""
        return [lamp.burn.night(device) for device, lamp in self._lamps.items()]

    @property
    def began_ns(self) -> int | None:
        """When the night that is counted was first seen, UTC; also after a restart. None by day."""
        kept = self._memory.recall(NIGHT_KEY) or ""
        return int(kept) if kept.isdigit() else None

    async def run(self) -> None:
        """Run until cancelled; what was counted is kept also then."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow(self._live.watch(), self._read), name="monitor live")
                group.create_task(self._follow(self._lights.watch(), self._told), name="monitor lights")
                group.create_task(self._tick(), name="monitor tick")
        finally:
            self._keep()

    async def _follow(
        self, watching: AbstractAsyncContextManager[AsyncIterator[T]], take: Callable[[T], None]
    ) -> None:
        async with watching as changes:
            count = 0
            async for one in changes:
                take(one)
                count += 1
                if count % PART == 0:
                    await asyncio.sleep(0)

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(max(TICK_S / self._clock.rate, STEP_S))
            self._note_night()
            devices = [*self._states, *(one for one in self._feeders if one in self._wanted)]
            for start in range(0, len(devices), PART):
                for device in devices[start : start + PART]:
                    self._look(device)
                await asyncio.sleep(0)
            if self._now_ns() - self._kept_ns >= KEEP_S * 1e9:
                self._keep()

    def _read(self, state: DeviceState) -> None:
        feeders = [one for one, segment in self._feeders.items() if segment.relay == state.device]
        for one in (state.device, *feeders):
            self._advance(one)
        self._states[state.device] = state
        for one in (state.device, *feeders):
            if (lamp := self._lamp(one)) is not None and state.online:
                view = self._view(one)
                lamp.starts.seen(view.values.get("switch_on_counter"), is_lit(view), self._now_ns())
            self._look(one)

    def _told(self, state: LightState) -> None:
        self._advance(state.target)
        self._wanted[state.target] = state
        if (lamp := self._lamp(state.target)) is not None:
            lamp.starts.wanted(state.level)
        if state.target in self._states or state.target in self._feeders:
            self._look(state.target)
        if (feeder := self._feeders.get(state.target)) is not None and feeder.relay in self._states:
            self._look(feeder.relay)

    def _look(self, device: str) -> None:
        self._advance(device)
        for finding in findings(self._view(device), self._watched.rules):
            self._see(finding)

    def _view(self, device: str) -> View:
        state, wanted = self._state(device), self._wanted.get(device)
        lamp = self._lamp(device)
        return View(
            device=device,
            values=dict(state.values) if state else {},
            online=state.online if state else None,
            is_lamp=lamp is not None,
            wanted=wanted.level if wanted else None,
            source=wanted.source if wanted else None,
            nominal_w=self._watched.lamps.get(device),
            night=self._night_now(),
            restarts_h=lamp.starts.count(self._now_ns()) if lamp is not None else None,
            relays=dict(self._relays(device, state)),
            is_feeder=device in self._feeders,
            in_cabinet=device in self._watched.cabinets,
        )

    def _state(self, device: str) -> DeviceState | None:
        """What is read of a device; a segment that is a lamp itself burns while its relay is closed."""
        if (segment := self._feeders.get(device)) is None:
            return self._states.get(device)
        if (relay := self._states.get(segment.relay)) is None:
            return None
        closed = is_closed(segment, dict(relay.values))
        return replace(relay, device=device, values=() if closed is None else (("lamp_on", float(closed)),))

    def _relays(self, device: str, state: DeviceState | None) -> list[tuple[str, bool]]:
        """The relays of a device that are wanted closed or open.

        One that is all there is to a segment is as commanded; one with lamps behind it must be closed while
        one of them is to shine, whoever else opens it.
        """
        read = dict(state.values) if state else {}
        found = []
        for segment in self._watched.segments:
            if segment.relay != device:
                continue
            if segment.is_lamp and segment.id in self._wanted:
                found.append((shown_by(segment, read), self._shines(segment.id)))
            elif any(self._shines(lamp) for lamp in segment.lamps):
                found.append((shown_by(segment, read), True))
        return found

    def _shines(self, lamp: str) -> bool:
        wanted = self._wanted.get(lamp)
        return wanted is not None and wanted.level > 0

    def _account(self, device: str, burn: Burn) -> LampAccount:
        state = self._states.get(device)
        read = dict(state.values) if state else {}
        counts = {
            "operating_hours": burn.burn_s / 3600,
            "switch_on_counter": float(burn.starts),
            "active_energy": burn.used_kwh,
        }
        counted = tuple(name for name in counts if name not in read)
        best = counts | {name: read[name] for name in counts if name in read}
        return LampAccount(device=device, counted=counted, **best)

    def _lamp(self, device: str) -> _Lamp | None:
        if device not in self._watched.lamps:
            return None
        lamp = self._lamps.get(device)
        if lamp is None:
            kept = self._memory.recall(_key(device)) or ""
            lamp = _Lamp(burn=burn_of(kept), advanced_ns=self._now_ns(), kept=kept)
            self._lamps[device] = lamp
        return lamp

    def _advance(self, device: str) -> None:
        lamp, now_ns = self._lamp(device), self._now_ns()
        if lamp is not None and now_ns - lamp.advanced_ns >= STEP_S * 1e9:
            lamp.burn.advance(self._view(device), (now_ns - lamp.advanced_ns) / 1e9)
            lamp.advanced_ns = now_ns

    def _now_ns(self) -> int:
        """Time as it passes for the lamps: hours are hours of theirs also where a simulated day runs fast."""
        now_ns, rate = self._clock.mono_ns(), self._clock.rate
        return now_ns if rate == 1 else round(now_ns * rate)

    def _night_now(self) -> bool | None:
        if not self._clock.is_set():
            return None
        second = self._clock.utc_ns() // 10**9
        if self._asked is None or self._asked[0] != second:
            self._asked = (second, self._is_night(second * 10**9))
        return self._asked[1]

    def _note_night(self) -> None:
        before, self._night = self._night, self._night_now()
        if before is not False and self._night is False:
            self._end_night()
        elif before is not True and self._night is True:
            began_ns, now_ns = self.began_ns, self._clock.utc_ns()
            if began_ns is not None and now_ns - began_ns > LONGEST_NIGHT_NS:
                self._end_night()  # of an evening since which the gateway was off
            if self.began_ns is None:
                self._memory.remember(NIGHT_KEY, str(now_ns))

    def _end_night(self) -> None:
        self._tell_night(self.saving())
        for lamp in self._lamps.values():
            lamp.burn.new_night()
        self._memory.remember(NIGHT_KEY, "")
        self._keep()

    def _tell_night(self, night: Saving) -> None:
        if not night.lamps:
            return
        text = say(
            "night_used",
            used=f"{night.used_kwh:.2f}",
            saved=f"{night.saved_kwh:.2f}",
            percent=f"{night.saved_percent:.0f}",
        )
        fields = (
            ("used_kwh", night.used_kwh),
            ("full_kwh", night.full_kwh),
            ("saved_kwh", night.saved_kwh),
            ("saved_percent", night.saved_percent),
            ("lamps", float(night.lamps)),
            ("measured", night.measured),
            ("estimate", True),
        )
        log.info("%s", text)
        stamp = self._clock.stamp()
        self._report(Event(stamp, EventKind.NIGHT_ENDED, self._watched.gateway, Severity.INFO, text, fields))

    def _keep(self) -> None:
        self._kept_ns = self._now_ns()
        for device, lamp in self._lamps.items():
            text = lamp.burn.text()
            if text != lamp.kept:
                lamp.kept = text
                self._memory.remember(_key(device), text)


def _feeders(watched: Watched) -> dict[str, Segment]:
    """The segments that are lamps themselves."""
    return {segment.id: segment for segment in watched.segments if segment.is_lamp}


def _key(device: str) -> str:
    return f"burn/{device}"
