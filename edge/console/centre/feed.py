"""What gateways say over MQTT, into the picture. Nothing that a gateway sends can break it: it is counted."""

import json
import logging
import math
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from cloud_sync.mqtt.message import Incoming
from cloud_sync.mqtt.topics import ROOT
from edge.console.centre.reading import alarm_of, event_of, info_of, light_of, place_of, targets_of, time_of
from edge.console.town.picture import Picture
from edge.console.town.things import TEXT_MAX, VALUES_MAX, Presence
from edge.core.ids import is_id

log = logging.getLogger(__name__)

PAYLOAD_MAX = 1_000_000
"""Largest message that is looked at, in bytes."""

Answered = Callable[[str, str, Mapping[str, Any]], None]
"""Hears of answers to commands: gateway, id, the whole answer."""


class Feed:
    """Takes messages; `answered` hears of answers to commands."""

    def __init__(self, picture: Picture, answered: Answered) -> None:
        self._picture, self._answered = picture, answered
        self.malformed = 0
        self._stale: dict[str, set[str]] = {}
        self._kinds: Mapping[str, Callable[[str, list[str], Incoming], None]] = MappingProxyType(
            {
                "status": self._status,
                "info": self._about,
                "device": self._device,
                "light": self._light,
                "alarm": self._alarm,
                "event": self._event,
                "reply": self._reply,
            }
        )

    def heard(self, message: Incoming) -> None:
        """Take a message; never raises."""
        parts = message.topic.removeprefix(f"{ROOT}/").split("/")
        gateway = parts[0]
        handle = self._kinds.get(parts[1]) if len(parts) > 1 and is_id(gateway) else None
        if handle is None:
            return
        try:
            if len(message.payload) > PAYLOAD_MAX:
                raise ValueError(f"more than {PAYLOAD_MAX} bytes")
            handle(gateway, parts[2:], message)
        except (
            ValueError,
            TypeError,
            KeyError,
            IndexError,
            AttributeError,
            OverflowError,
            RecursionError,
        ) as error:
            self._count(gateway, message.topic, error)

    def asked(self, gateway: str) -> None:
        """What stands of a gateway is about to come; what does not come any more is over."""
        of, picture = f"{gateway}/", self._picture
        self._stale[gateway] = {
            *(f"alarm/{name}" for name in picture.alarms if name.startswith(of)),
            *(f"device/{thing.id}" for thing in picture.things_of(gateway) if thing.classed != "feeder"),
        }

    def told(self, gateway: str) -> None:
        """All of it has come."""
        for name in self._stale.pop(gateway, ()):
            kind, _, rest = name.partition("/")
            of, _, one = rest.partition("/")
            if kind == "alarm":
                self._picture.see_alarm(of, one, None)
            else:
                self._picture.forget(of, one)

    def _status(self, gateway: str, _rest: list[str], message: Incoming) -> None:
        if not message.payload:
            return
        found = _object(message.payload)
        state = Presence(found["state"])
        version = str(found.get("version", ""))[:32]
        row = self._picture.gateways.get(gateway)
        if state is Presence.OFFLINE and row is not None and row.presence is Presence.OFFLINE:
            return
        self._picture.see_presence(gateway, state, time_of(found.get("at")), version)

    def _about(self, gateway: str, _rest: list[str], message: Incoming) -> None:
        if message.payload:
            found = _object(message.payload)
            place = place_of(found.get("place", {}))
            title = str(found.get("title") or gateway)[:TEXT_MAX]
            self._picture.describe_gateway(gateway, title, place, targets_of(found.get("targets", [])))

    def _device(self, gateway: str, rest: list[str], message: Incoming) -> None:
        device, what = rest[0], "/".join(rest[1:])
        if not is_id(device):
            raise ValueError("this is no device")
        if what == "info" and not message.payload:
            self._picture.forget(gateway, device)
        elif not message.payload:
            return
        elif what == "info":
            self._seen(gateway, f"device/{gateway}/{device}")
            self._picture.describe(gateway, info_of(device, _object(message.payload)))
        elif what == "state":
            found = _object(message.payload)
            online = found["online"] if isinstance(found["online"], bool) else None
            flags = {sys.intern(str(name)[:64]): str(flag)[:8] for name, flag in found.get("q", {}).items()}
            values = _values(found["v"])
            self._picture.see_state(gateway, device, online, time_of(found["at"]), values, flags)
        else:
            self._derived(gateway, device, what, _object(message.payload))

    def _derived(self, gateway: str, device: str, what: str, found: Mapping[str, Any]) -> None:
        """Means, indices and use: beside what a thing says itself, never in its place."""
        thing = self._picture.things.get(f"{gateway}/{device}")
        if thing is None or (what.startswith("mean/") and thing.profile != "station"):
            return
        at_ns = time_of(found["at"])
        online = True if thing.profile in ("station", "usage") else thing.online
        last_ns = max(at_ns or 0, thing.last_ns or 0) or None
        values = {**thing.values, **_values(found["v"])}
        self._picture.see_state(gateway, device, online, last_ns, values, thing.flags)

    def _light(self, gateway: str, rest: list[str], message: Incoming) -> None:
        target, what = rest
        if not is_id(target) or what != "state":
            raise ValueError("this is no target")
        light = light_of(_object(message.payload)) if message.payload else None
        self._picture.see_light(gateway, target, light)

    def _alarm(self, gateway: str, rest: list[str], message: Incoming) -> None:
        (alarm_id,) = rest
        self._seen(gateway, f"alarm/{gateway}/{alarm_id}")
        alarm = alarm_of(alarm_id, _object(message.payload)) if message.payload else None
        self._picture.see_alarm(gateway, alarm_id, alarm)

    def _event(self, gateway: str, _rest: list[str], message: Incoming) -> None:
        self._picture.see_event(gateway, event_of(_object(message.payload)))

    def _reply(self, gateway: str, _rest: list[str], message: Incoming) -> None:
        found = _object(message.payload)
        self._answered(gateway, str(found["id"]), found)

    def _seen(self, gateway: str, name: str) -> None:
        if gateway in self._stale:
            self._stale[gateway].discard(name)

    def _count(self, gateway: str, topic: str, error: Exception) -> None:
        self.malformed += 1
        row = self._picture.gateways.get(gateway)
        if row is not None:
            row.malformed += 1
        level = logging.WARNING if row is None or row.malformed <= 1 else logging.DEBUG
        log.log(level, "mqtt: %s is not as this version writes it (%s)", topic[:200], type(error).__name__)


def _object(payload: bytes) -> dict[str, Any]:
    found = json.loads(payload)
    if not isinstance(found, dict):
        raise TypeError("no object")
    return found


def _values(found: Mapping[str, Any]) -> dict[str, float]:
    """Good numbers under names that are kept once for all things."""
    values: dict[str, float] = {}
    for name, value in found.items():
        if len(values) >= VALUES_MAX:
            break
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            values[_name(name)] = float(value)
    return values


@lru_cache(maxsize=4096)
def _name(name: str) -> str:
    if not 0 < len(name) <= 64:
        raise ValueError("a point's name is too long")
    return sys.intern(name)
