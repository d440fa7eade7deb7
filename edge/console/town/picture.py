"""The picture of a gateway or of a town: what is there, how it is now, and what changed since last asked.

Whoever feeds it says what it saw; whoever shows it takes the changes. Everything in it has a maximum.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from edge.console.town.things import (
    GatewayRow,
    Light,
    Mode,
    Place,
    Presence,
    Target,
    TargetInfo,
    Thing,
    ThingInfo,
)
from edge.core.alarms import Alarm
from edge.core.model import EventRow

GATEWAYS_MAX = 5_000
THINGS_MAX = 100_000
TARGETS_MAX = 50_000
ALARMS_MAX = 50_000
EVENTS_MAX = 2_000
"""Most of each that a picture has; what comes beyond is left out and counted."""

SEVERITIES = ("", "info", "warning", "alarm")
"""From the least to the worst."""


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """An event, and of which gateway."""

    gateway: str
    row: EventRow


@dataclass(frozen=True, slots=True)
class Link:
    """Why nothing is heard of any gateway, empty while all is well, and since when it is so."""

    trouble: str = ""
    since_ns: int | None = None


@dataclass(slots=True)
class Changes:
    """What changed: things anew or in their state alone, targets, gateways, alarms (None: over), and more."""

    described: dict[Thing, None] = field(default_factory=dict)
    things: dict[Thing, None] = field(default_factory=dict)
    targets: dict[Target, None] = field(default_factory=dict)
    gateways: dict[GatewayRow, None] = field(default_factory=dict)
    alarms: dict[str, Alarm | None] = field(default_factory=dict)
    gone_things: dict[str, None] = field(default_factory=dict)
    gone_targets: dict[str, None] = field(default_factory=dict)
    events: deque[SeenEvent] = field(default_factory=lambda: deque(maxlen=200))
    link: Link | None = None

    def anew(self, thing: Thing) -> None:
        """What is fixed of a thing changed."""
        self.described[thing] = None
        thing.told = ""

    def moved(self, thing: Thing) -> None:
        """The state of a thing changed."""
        self.things[thing] = None
        thing.told = ""

    def __bool__(self) -> bool:
        return any(
            (self.described, self.things, self.targets, self.gateways, self.alarms, self.gone_things,
             self.gone_targets, self.events, self.link)
        )  # fmt: skip


class Picture:
    """Everything that is known now. Ids are qualified: `gateway/` and the id of a device, target or alarm."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.gateways: dict[str, GatewayRow] = {}
        self.things: dict[str, Thing] = {}
        self.targets: dict[str, Target] = {}
        self.alarms: dict[str, Alarm] = {}
        self.events: deque[SeenEvent] = deque(maxlen=EVENTS_MAX)
        self.link = Link()
        self.left_out = 0
        self.heard: list[Callable[[Thing], None]] = []
        self._changes = Changes()
        self._of: dict[str, dict[str, Thing]] = {}
        self._members: dict[str, dict[str, TargetInfo]] = {}
        self._alarms_of: dict[str, dict[str, Alarm]] = {}

    def take_changes(self) -> Changes:
        """What changed since this was last asked."""
        changes, self._changes = self._changes, Changes()
        return changes

    @property
    def waiting(self) -> int:
        """How many things changed since that was last asked."""
        return len(self._changes.things) + len(self._changes.described)

    def gateway(self, name: str) -> GatewayRow | None:
        """A gateway, which is there from now on; None where there are too many."""
        row = self.gateways.get(name)
        if row is None:
            if len(self.gateways) >= GATEWAYS_MAX:
                self.left_out += 1
                return None
            row = self.gateways[name] = GatewayRow(name)
            self._of[name], self._members[name] = {}, {}
            self._changes.gateways[row] = None
        return row

    def things_of(self, gateway: str) -> Iterable[Thing]:
        """The things of one gateway."""
        return self._of.get(gateway, {}).values()

    def see_link(self, trouble: str, now_ns: int) -> None:
        """The way to all gateways is there (empty) or not; `since` counts from its loss, for any reason."""
        if trouble == self.link.trouble:
            return
        goes_on = bool(trouble) and bool(self.link.trouble)
        self.link = self._changes.link = Link(trouble, self.link.since_ns if goes_on else now_ns)

    def see_presence(self, gateway: str, presence: Presence, since_ns: int | None, version: str) -> None:
        """A gateway came or went; all that is behind it with it."""
        row = self.gateway(gateway)
        if row is None or (row.presence, row.said_ns, row.version) == (presence, since_ns, version):
            return
        moved = row.presence is not presence or presence is Presence.OFFLINE
        row.presence, row.said_ns, row.version = presence, since_ns, version
        self._changes.gateways[row] = None
        if moved:
            for thing in self.things_of(gateway):
                self._changes.moved(thing)

    def describe_gateway(self, gateway: str, title: str, place: Place, targets: Iterable[TargetInfo]) -> None:
        """Where a gateway is, and its targets with their members."""
        row = self.gateway(gateway)
        if row is None:
            return
        if (row.title, row.place) != (title, place):
            row.title, row.place = title, place
            self._changes.gateways[row] = None
        infos = {info.id: info for info in targets}
        if infos == self._members[gateway]:
            return
        for gone in self._members[gateway].keys() - infos.keys():
            self._drop_target(f"{gateway}/{gone}")
        self._members[gateway] = infos
        for info in infos.values():
            self._describe_target(row, info)
        for thing in self.things_of(gateway):
            self._group(thing)

    def describe(self, gateway: str, info: ThingInfo) -> None:
        """What is fixed of a thing."""
        thing = self.thing(gateway, info.device)
        if thing is None:
            return
        fixed = (info.classed, info.profile, info.title, info.place, info.points)
        if fixed == (thing.classed, thing.profile, thing.title, thing.place, thing.points):
            return
        thing.classed, thing.profile, thing.title, thing.place, thing.points = fixed
        self._changes.anew(thing)
        self._group(thing)

    def see_state(
        self,
        gateway: str,
        device: str,
        online: bool | None,
        last_ns: int | None,
        values: Mapping[str, float],
        flags: Mapping[str, str],
    ) -> None:
        """A thing's last known good values."""
        thing = self.thing(gateway, device)
        if thing is None or (
            thing.last_ns == last_ns
            and thing.online is online
            and thing.values == values
            and thing.flags == flags
        ):
            return
        thing.online, thing.last_ns, thing.values, thing.flags = online, last_ns, values, flags
        self._changes.moved(thing)
        self._hear(thing.gateway, last_ns)
        for heard in self.heard:
            heard(thing)

    def _hear(self, row: GatewayRow, at_ns: int | None) -> None:
        if at_ns is not None and at_ns > (row.heard_ns or 0):
            row.heard_ns = at_ns
            if row.presence is Presence.OFFLINE:
                self._changes.gateways[row] = None
                for thing in self.things_of(row.id):
                    self._changes.moved(thing)

    def see_light(self, gateway: str, target: str, light: Light | None) -> None:
        """What a lamp, or a target of several, is to have; None where there is nothing to have any more.

        A target that its gateway has described stays without: its lamps may be on their way back.
        """
        name = f"{gateway}/{target}"
        if light is None and name in self.targets:
            if target in self._members.get(gateway, ()):
                self._see_target(gateway, target, None)
            else:
                self._drop_target(name)
        elif light is not None and light.lamps:
            self._see_target(gateway, target, light)
        elif light is not None or name in self.things:
            thing = self.thing(gateway, target)
            if thing is not None and thing.light != light:
                thing.light = light
                self._changes.moved(thing)

    def see_alarm(self, gateway: str, alarm_id: str, alarm: Alarm | None) -> None:
        """An alarm that stands, or None once it is over."""
        name = f"{gateway}/{alarm_id}"
        before = self.alarms.get(name)
        if before == alarm:
            return
        if alarm is None:
            del self.alarms[name]
        elif before is None and len(self.alarms) >= ALARMS_MAX:
            self.left_out += 1
            return
        else:
            self.alarms[name] = alarm
        self._changes.alarms[name] = alarm
        for one in (before, alarm):
            if one is not None:
                self._note(f"{gateway}/{one.device}", alarm_id, one if one is alarm else None)

    def see_event(self, gateway: str, row: EventRow) -> None:
        """Something happened."""
        event = SeenEvent(gateway, row)
        self.events.append(event)
        self._changes.events.append(event)

    def forget(self, gateway: str, device: str) -> None:
        """A thing left the configuration."""
        thing = self.things.pop(f"{gateway}/{device}", None)
        if thing is None:
            return
        self._of[gateway].pop(device, None)
        for changed in (self._changes.described, self._changes.things):
            changed.pop(thing, None)
        self._changes.gone_things[thing.id] = None

    def thing(self, gateway: str, device: str) -> Thing | None:
        """A thing, which is there from now on; None where there are too many."""
        found = self.things.get(f"{gateway}/{device}")
        row = self.gateway(gateway) if found is None else None
        if found is not None or row is None:
            return found
        if len(self.things) >= THINGS_MAX:
            self.left_out += 1
            return None
        made = self.things[f"{gateway}/{device}"] = self._of[gateway][device] = Thing(row, device)
        self._changes.anew(made)
        self._changes.gone_things.pop(made.id, None)
        self._group(made)
        self._worst(made.id)
        return made

    def _describe_target(self, row: GatewayRow, info: TargetInfo) -> None:
        if info.feeder:
            thing = self.thing(row.id, info.id)
            if thing is not None:
                thing.classed, thing.title = "feeder", info.title
                self._changes.anew(thing)
            return
        target = self._target(row.id, info.id)
        if target is not None:
            target.kind, target.title = info.kind, info.title
            self._changes.targets[target] = None

    def _see_target(self, gateway: str, name: str, light: Light | None) -> None:
        target = self._target(gateway, name)
        if target is not None and target.light != light:
            target.light = light
            self._changes.targets[target] = None

    def _target(self, gateway: str, name: str) -> Target | None:
        found = self.targets.get(f"{gateway}/{name}")
        row = self.gateway(gateway) if found is None else None
        if found is not None or row is None:
            return found
        if len(self.targets) >= TARGETS_MAX:
            self.left_out += 1
            return None
        made = self.targets[f"{gateway}/{name}"] = Target(row, name)
        self._changes.gone_targets.pop(made.id, None)
        return made

    def _drop_target(self, name: str) -> None:
        target = self.targets.pop(name, None)
        if target is not None:
            self._changes.targets.pop(target, None)
            self._changes.gone_targets[name] = None

    def _group(self, thing: Thing) -> None:
        of = self._members[thing.gateway.id].values()
        groups = tuple(info.id for info in of if thing.device in info.members)
        if groups != thing.groups:
            thing.groups = groups
            self._changes.anew(thing)

    def _note(self, thing_id: str, alarm_id: str, alarm: Alarm | None) -> None:
        """Note an alarm with its thing, and which is the worst."""
        of = self._alarms_of.setdefault(thing_id, {})
        if alarm is None:
            of.pop(alarm_id, None)
        else:
            of[alarm_id] = alarm
        if not of:
            del self._alarms_of[thing_id]
        self._worst(thing_id)

    def _worst(self, thing_id: str) -> None:
        thing = self.things.get(thing_id)
        if thing is None:
            return
        standing = [alarm.severity.value for alarm in self._alarms_of.get(thing_id, {}).values()]
        worst = max(standing, key=SEVERITIES.index, default="")
        if worst != thing.alarm:
            thing.alarm = worst
            self._changes.moved(thing)
