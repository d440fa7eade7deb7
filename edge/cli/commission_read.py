"""What a technician types into the guide of `gianh commission`, read and judged at once."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from drivers.profile import load_profile, profile_ids
from edge.cli.common import plain
from edge.config.commissioning import BusAnswer, DeviceAnswer, PlaceAnswer, SignAnswer
from edge.config.load import section_from
from edge.config.section import Section
from edge.core.errors import ConfigError
from edge.core.places import PLACES, REACH_KM, nearest, place_named

NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
SHOWN = 6
"""So many profiles are named where several could be meant."""

_DEVICE = {"id": "x", "profile": "x", "bus": "x"}
_PLACE = {"title": "x", "latitude": 0, "longitude": 0}
POWER = "active_power"


def spot(text: str) -> tuple[float, float]:
    """Latitude and longitude, as phones and maps write them, also with decimal commas."""
    found = [float(one.replace(",", ".")) for one in NUMBER.findall(text)]
    if len(found) != 2:
        raise ConfigError(f"{text!r} is no place: give latitude and longitude, such as 17.7571, 106.4122")
    section_from(_PLACE | {"latitude": found[0], "longitude": found[1]}, PlaceAnswer, "place")
    return found[0], found[1]


def far_from_all(place: tuple[float, float]) -> str:
    """A sentence if this is in no ward or commune of the town, else nothing."""
    near, near_km = nearest(*place)
    if near_km <= REACH_KM:
        return ""
    return f"{place[0]:g}, {place[1]:g} is {near_km:,.0f} km from the nearest commune, {near.name}"


def commune(text: str) -> str:
    """The id of a ward or commune, from its id or its name, with accents or without."""
    slug = re.sub(r"\s+", "-", plain(text).strip().lower())
    if place_named(slug) is None:
        raise ConfigError(f"there is no {text!r} here: give one of {', '.join(one.id for one in PLACES)}")
    return slug


def profile(text: str) -> str:
    """The id of a profile, from it or a part of it that only one has."""
    known = profile_ids()
    near = [one for one in known if text.lower() in one]
    if text in known or len(near) == 1:
        return text if text in known else near[0]
    if not near:
        raise ConfigError(f"there is no profile {text!r}: type a part of its name, or ask `gianh identify`")
    more = ", …" if len(near) > SHOWN else ""
    raise ConfigError(f"several have {text!r}: {', '.join(near[:SHOWN])}{more}")


def is_lamp(profile_id: str) -> bool:
    """Whether it is a lamp with a power at full light."""
    return load_profile(profile_id).lamp is not None


def places_behind(profile_id: str) -> list[str]:
    """What else than its unit id says where such a device is: channel and sub-address of a DALI gateway."""
    addressing = load_profile(profile_id).addressing
    there = {"channel": addressing.channel_max, "sub_address": addressing.sub_address_max}
    return [key for key, last in there.items() if last > 0]


def kind_of(profile_id: str) -> str:
    """What sort of device it is, as a word for an id: lamp, meter, air."""
    return load_profile(profile_id).measurement.replace("_", "-")


def measures_power(profile_id: str) -> bool:
    """Whether it can measure what a lamp draws."""
    return any(point.name == POWER for point in load_profile(profile_id).points)


def of_device(key: str) -> Callable[[str], Any]:
    """Reads one key of a device."""
    return _one(DeviceAnswer, _DEVICE, key)


def of_line(key: str) -> Callable[[str], Any]:
    """Reads one key of a line."""
    return _one(BusAnswer, {"id": "x", "kind": "rtu"}, key)


def of_place(key: str) -> Callable[[str], Any]:
    """Reads one key of the place."""
    return _one(PlaceAnswer, _PLACE, key)


def of_signature(key: str) -> Callable[[str], Any]:
    """Reads one key of the signature."""
    return _one(SignAnswer, {"name": "x"}, key)


def one_of(names: Sequence[str], what: str) -> Callable[[str], str]:
    """Reads one of these names."""

    def read(text: str) -> str:
        if text not in names:
            raise ConfigError(f"there is no {what} {text!r}: give one of {', '.join(names)}")
        return text

    return read


def line_at(name: str) -> Callable[[str], BusAnswer]:
    """Reads where a line is: a device file, or HOST or HOST:PORT."""

    def read(text: str) -> BusAnswer:
        if text.startswith("/"):
            return section_from({"id": name, "kind": "rtu", "port": text}, BusAnswer, name)
        host, _, number = text.partition(":")
        if not host or (number and not number.isdecimal()):
            raise ConfigError(f"{text!r} is no port: give /dev/serial/by-id/..., HOST or HOST:PORT")
        said: dict[str, Any] = {"id": name, "kind": "tcp", "host": host}
        return section_from(said | ({"port": int(number)} if number else {}), BusAnswer, name)

    return read


def _one(model: type[Section], sound: dict[str, Any], key: str) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if not text:
            raise ConfigError("this needs an answer")
        said = text.replace(",", ".") if key == "expected_w" else text
        return getattr(section_from(sound | {key: said}, model, f"{text!r} will not do"), key)

    return read
