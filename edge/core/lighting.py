"""Shapes and ports of street lighting, shared by the town's rules, the drivers and the runtime."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, runtime_checkable

from edge.core.errors import GianhError
from edge.core.ports import Breathe

HOME_ASSISTANT = "home-assistant"
"""The `source` of commands that come by Home Assistant's own topics, which do not say who gave them."""


class LightSource(StrEnum):
    """Whose word a lamp's level is, the strongest first."""

    EMERGENCY = "emergency"
    OVERRIDE = "override"
    PROGRAM = "program"
    SENSOR = "sensor"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Lamp:
    """A thing that gives light and can be told a level in percent of light output.

    `bus` names its bus; `dimmable` is false for what can only be switched (0 or 100); `readable` is false
    where no point reads the level back, so that nothing can be verified; `nominal_w` is what it draws at
    full light, None where nobody said; `fades` is false where its own gear alone says how it fades.
    """

    device: str
    bus: str
    dimmable: bool
    readable: bool
    minimum_level: float = 0.0
    nominal_w: float | None = None
    fades: bool = False


@dataclass(frozen=True, slots=True)
class LampFrame:
    """One write on one bus that brings all of `devices` to `level`: to one lamp, a group, or a whole line.

    `key` is the driver's own name for where it is written; `unit` who answers, empty where nobody does.
    """

    devices: tuple[str, ...]
    level: float
    key: str
    wire_s: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class LampRead:
    """One question on one bus that brings the levels of `devices`; `key` and `unit` as in LampFrame."""

    devices: tuple[str, ...]
    key: str
    wire_s: float
    unit: str = ""


@runtime_checkable
class LampDriver(Protocol):
    """What a driver with lamps on its bus offers beside polling. Only that bus's own task calls it."""

    @property
    def lamps(self) -> Sequence[Lamp]:
        """The lamps on this bus."""

    def frames(self, levels: Mapping[str, float]) -> Sequence[LampFrame]:
        """The fewest writes that bring these lamps (by device id) to these levels (percent).

        A group or broadcast frame is used only where the profile calls it safe and where every lamp that
        it reaches is to have that level. Pure.
        """

    async def send(self, frame: LampFrame, fade_s: float, breathe: Breathe) -> None:
        """Write one frame. Raises as Driver.write does; a broadcast has no answer to wait for."""

    async def read_level(self, device: str, breathe: Breathe) -> float:
        """The level that the controller says it has, in percent. Raises as Driver.read does."""

    def reads(self, devices: Sequence[str]) -> Sequence[LampRead]:
        """The fewest questions that bring these lamps' levels; what cannot be read back is left out. Pure."""

    async def read_levels(self, read: LampRead, breathe: Breathe) -> Mapping[str, float]:
        """Ask one question; who knows no level is left out. Raises as Driver.read does."""

    def same(self, device: str, wanted: float, actual: float) -> bool:
        """Whether `actual` is what `wanted` became: one step of the scale apart at most, and both dark or
        both lit. Pure."""

    async def switch(self, device: str, point: str, on: bool, breathe: Breathe) -> None:
        """Switch a relay, by its command or the point that reads it back. Raises as Driver.write does."""

    async def read_switch(self, device: str, point: str, breathe: Breathe) -> bool:
        """Whether the relay says that it is closed. Raises as Driver.read does."""


@dataclass(frozen=True, slots=True)
class LampReport:
    """What became of one lamp's new level: written (`applied`), and read back as wanted (`verified`)."""

    device: str
    wanted: float
    applied: bool
    verified: bool
    actual: float | None = None
    error: GianhError | None = None


class Luminaires(Protocol):
    """All lamps of the gateway, over all buses. Implemented by the runtime on the buses' own tasks."""

    @property
    def lamps(self) -> Mapping[str, Lamp]:
        """The lamps by device id."""

    async def apply(self, levels: Mapping[str, float], fade_s: float) -> Mapping[str, LampReport]:
        """Write these levels, all buses side by side, in as few frames as can be; without reading back."""

    async def verify(self, levels: Mapping[str, float]) -> Mapping[str, LampReport]:
        """Read these lamps back and compare; within one step of the controller's own scale is equal."""


@dataclass(frozen=True, slots=True)
class LightState:
    """The level that a target (lamp, group, segment or gateway) is to have, and whose word that is.

    `until_ns` is when an override ends, None where nothing ends; `verified` says whether the level was read
    back as wanted; `at_ns` is when this began, both in UTC, `at_ns` None while the clock was never set.
    """

    target: str
    level: float
    source: LightSource
    until_ns: int | None
    verified: bool
    at_ns: int | None


@dataclass(frozen=True, slots=True)
class TargetState:
    """What the lamps of a group, a segment or the whole gateway are to have, taken together.

    `level` is the one that all of them have, None where they differ or of one it is not known; `lowest` and
    `highest` bound them. `source` is the strongest among them, `until_ns` the first end of what holds any of
    them, `at_ns` when the last of them changed. `verified` says that all are, `failed` how many of the
    `lamps` do not follow after all tries. With `lamps` 0 there is nothing to show any more.
    """

    target: str
    level: float | None
    lowest: float
    highest: float
    source: LightSource
    until_ns: int | None
    verified: bool
    at_ns: int | None
    lamps: int
    failed: int


class TargetBoard(Protocol):
    """What the targets of several lamps are to have, for whoever shows or watches it."""

    def members(self) -> Mapping[str, Sequence[str]]:
        """The lamps of each target as they are now."""

    def states(self) -> Sequence[TargetState]:
        """All groups, segments and the gateway, as far as they have lamps with a state."""

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[TargetState]]:
        """States as they change, all of them first, each target at most once a second."""


class LightBoard(Protocol):
    """What every lamp is to have, for whoever shows or watches it."""

    @property
    def targets(self) -> TargetBoard:
        """The same of what stands for several lamps."""

    def states(self) -> Sequence[LightState]:
        """All lamps that have a state."""

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[LightState]]:
        """States as they change, all of them first; a slow watcher gets the newest of each lamp."""


@dataclass(frozen=True, slots=True)
class LampAccount:
    """Burn hours (h), starts and energy (kWh) of a lamp; `counted` names those that the gateway counted.

    All others are the controller's own counters.
    """

    device: str
    operating_hours: float
    switch_on_counter: float
    active_energy: float
    counted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LampNight:
    """What a lamp used in a night, kWh, and would have in full light in the `counted_h` that were seen.

    `measured_kwh` is the part of the use that was measured, the rest is worked out from level and nominal
    power; `lit_h` are the hours in which it shone. A lamp without nominal power has 0 kWh everywhere.
    """

    device: str
    used_kwh: float
    full_kwh: float
    measured_kwh: float
    lit_h: float
    counted_h: float


@dataclass(frozen=True, slots=True)
class NightRecord:
    """The night that began on `night`: `hours` from sunset to sunrise, and each lamp.

    `meters` are the readings of energy meters at its end, kWh; `running` says that it is not over.
    """

    night: date
    hours: float
    lamps: tuple[LampNight, ...]
    meters: tuple[tuple[str, float], ...] = ()
    running: bool = False


class NightBoard(Protocol):
    """The nights that are kept, and the one that runs."""

    def running(self) -> NightRecord | None:
        """The running night as far as it was counted; None by day."""

    def kept(self, first: date, last: date) -> list[NightRecord]:
        """The nights that began on these days, the oldest first. Blocks for reading files."""

    def oldest(self) -> date | None:
        """The oldest night that is kept. Blocks as well."""


class Relays(Protocol):
    """Relays and contactors that feed segments. Implemented by the runtime, beside Luminaires."""

    async def switch(self, device: str, point: str, on: bool) -> LampReport:
        """Switch a relay and read it back; its levels are 0 (open) and 100 (closed)."""

    async def read_switch(self, device: str, point: str) -> bool:
        """Whether the relay says that it is closed. Raises GianhError where it does not say."""
