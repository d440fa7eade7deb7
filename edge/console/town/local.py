"""The sight of one gateway, in process. It reads what is there when somebody looks, and nothing else."""

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

from drivers.profile import load_profile
from edge.config.schema import Config, Device
from edge.console.town.picture import Picture
from edge.console.town.sight import Ask, Origin, Reply, Series, Span
from edge.console.town.steps import Steps
from edge.console.town.things import (
    Light,
    Mode,
    Place,
    Presence,
    TargetInfo,
    ThingInfo,
    words_of,
)
from edge.core.lighting import LightState, TargetState
from edge.core.model import Command, Event, EventRow
from edge.core.ports import Clock
from edge.runtime.gateway import Gateway
from edge.runtime.store.rows import sample_row

_NOBODY: Mapping[str, Sequence[str]] = MappingProxyType({})

ROWS_BACK_MAX = 1_500_000
"""How far back a series looks into the journal, in rows: some seconds of the store's thread."""


class LocalSight:
    """Implements Sight."""

    def __init__(self, gateway: Gateway, clock: Clock) -> None:
        self._gateway, self._clock = gateway, clock
        self.picture = Picture(Mode.GATEWAY)
        self._described: Config | None = None
        self._members: Mapping[str, Sequence[str]] = {}
        self._began_ns = clock.stamp().utc_ns
        self._targets: frozenset[str] = frozenset()
        gateway.ears.append(self._heard)

    def refresh(self) -> None:
        """Bring the picture up to date."""
        gateway, picture, name = self._gateway, self.picture, self._gateway.config.gateway.id
        rooms = gateway.rooms
        members = rooms.lights.targets.members() if rooms.lights is not None else _NOBODY
        if self._described is not gateway.config or members is not self._members:
            self._describe(gateway.config, members)
        for state in gateway.live.states():
            flags = {point: flag.value for point, flag in state.flags}
            picture.see_state(name, state.device, state.online, state.last_utc_ns, dict(state.values), flags)
        if rooms.lights is not None:
            for light in rooms.lights.states():
                picture.see_light(name, light.target, light_of(light))
            self._see_targets(rooms.lights.targets.states())
        self._see_alarms()

    def submit(self, ask: Ask, reply: Reply) -> None:
        """Have a command carried out by the desk."""
        received = self._clock.stamp()
        deadline_ns = received.mono_ns + round(ask.life_s * 1e9)
        command = Command(
            ask.id, ask.verb, ask.target, ask.arguments, ask.by, ask.source, received, deadline_ns
        )
        self._gateway.desk.submit(command, reply)

    def remember(self, key: str, value: str) -> None:
        """Keep something small of the console's own over restarts."""
        self._gateway.store.remember(key, value)

    def recall(self, key: str) -> str | None:
        """What was kept."""
        return self._gateway.store.recall(key)

    async def series(self, gateway: str, device: str, point: str, span: Span) -> Series:
        """The past of a point out of the store."""
        store, steps = self._gateway.store, Steps(span)
        await store.flush()
        page, layouts = await store.history([device], 0, span.from_ns, span.from_ns)
        wanted = {key: one for key, one in layouts.items() if point in one.names}
        after = max(0, page.last - ROWS_BACK_MAX)
        while wanted and after < page.last:
            page, _ = await store.history([device], after, span.from_ns, span.to_ns)
            for row in (sample_row(row, wanted) for row in page.rows if row.layout in wanted):
                text = row.values[row.layout.names.index(point)]
                if text:
                    steps.put(row.at_ns, float(text))
            after = page.through
        return steps.series(Origin.STORE)

    def _heard(self, event: Event) -> None:
        at_ns = event.stamp.utc_ns if event.stamp.utc_ns is not None else self._clock.utc_ns()
        row = EventRow(0, at_ns, event.kind, event.subject, event.severity, event.text, event.fields)
        self.picture.see_event(self._gateway.config.gateway.id, row)

    def _describe(self, config: Config, members: Mapping[str, Sequence[str]]) -> None:
        self._described, self._members = config, members
        own, picture = config.gateway, self.picture
        place = Place(own.latitude, own.longitude, own.commune or "", own.site or "")
        version = self._gateway.status().version
        picture.see_presence(own.id, Presence.ONLINE, self._began_ns, version)
        picture.describe_gateway(own.id, own.id, place, targets_of(config, members))
        known = {device.id for device in config.device} | {one.id for one in config.segment if one.is_lamp}
        for gone in [thing.device for thing in picture.things_of(own.id) if thing.device not in known]:
            picture.forget(own.id, gone)
        for device in config.device:
            picture.describe(own.id, info_of(config, device))

    def _see_targets(self, states: Sequence[TargetState]) -> None:
        name = self._gateway.config.gateway.id
        now = frozenset(state.target for state in states if state.lamps)
        for gone in self._targets - now:
            self.picture.see_light(name, gone, None)
        self._targets = now
        for state in states:
            if state.lamps:
                self.picture.see_light(name, state.target, target_light(state))

    def _see_alarms(self) -> None:
        name, board = self._gateway.config.gateway.id, self._gateway.rooms.alarms
        standing = {alarm.id: alarm for alarm in board.active()} if board is not None else {}
        for known in [*self.picture.alarms]:
            alarm_id = known.partition("/")[2]
            if alarm_id not in standing:
                self.picture.see_alarm(name, alarm_id, None)
        for alarm_id, alarm in standing.items():
            self.picture.see_alarm(name, alarm_id, alarm)


def info_of(config: Config, device: Device) -> ThingInfo:
    """What is fixed of a device."""
    own = config.gateway
    classed, title, points = _model(device.profile, device.channel, device.sub_address)
    if device.points is not None:
        points = tuple(name for name in points if name in device.points)
    place = Place(
        device.latitude,
        device.longitude,
        device.commune or own.commune or "",
        device.site or own.site or "",
        device.street or "",
        device.pole or "",
    )
    return ThingInfo(device.id, device.profile, classed, device.title or title, place, words_of(points))


def targets_of(config: Config, members: Mapping[str, Sequence[str]]) -> list[TargetInfo]:
    """The gateway, its groups and its segments, with their members as they are now."""
    own = config.gateway
    named = [TargetInfo(own.id, "gateway", own.id)]
    named += [
        TargetInfo(group.id, "group", group.title or group.id, tuple(members.get(group.id, group.devices)))
        for group in config.group
    ]
    named += [
        TargetInfo(one.id, "segment", one.title or one.id, one.lamps, feeder=one.is_lamp)
        for one in config.segment
    ]
    return named


def light_of(state: LightState) -> Light:
    """What a lamp is to have."""
    return Light(state.level, state.source.value, state.until_ns, state.verified, state.at_ns)


def target_light(state: TargetState) -> Light:
    """What several lamps are to have together."""
    return Light(
        state.level,
        state.source.value,
        state.until_ns,
        state.verified,
        state.at_ns,
        state.lowest,
        state.highest,
        state.lamps,
        state.failed,
    )


@cache
def _model(profile: str, channel: int, sub_address: int) -> tuple[str, str, tuple[str, ...]]:
    found = load_profile(profile)
    points = tuple(point.name for point in found.points_of(channel, sub_address))
    return found.measurement, found.title.vi, points
