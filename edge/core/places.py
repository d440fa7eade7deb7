"""The sixteen wards and communes of Ba Đồn town, Quảng Bình, and which of them a spot is in. Pure."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A ward or commune. Its coordinates are approximate: good for a dot on a map, not for a survey."""

    id: str
    name: str
    kind: str
    latitude: float
    longitude: float


WARD, COMMUNE = "ward", "commune"

PLACES = (
    Place("ba-don", "Ba Đồn", WARD, 17.7556, 106.4231),
    Place("quang-long", "Quảng Long", WARD, 17.770, 106.417),
    Place("quang-phong", "Quảng Phong", WARD, 17.757, 106.412),
    Place("quang-tho", "Quảng Thọ", WARD, 17.762, 106.440),
    Place("quang-thuan", "Quảng Thuận", WARD, 17.742, 106.428),
    Place("quang-phuc", "Quảng Phúc", WARD, 17.728, 106.452),
    Place("quang-hai", "Quảng Hải", COMMUNE, 17.738, 106.402),
    Place("quang-tan", "Quảng Tân", COMMUNE, 17.724, 106.408),
    Place("quang-trung", "Quảng Trung", COMMUNE, 17.719, 106.396),
    Place("quang-tien", "Quảng Tiên", COMMUNE, 17.711, 106.383),
    Place("quang-loc", "Quảng Lộc", COMMUNE, 17.722, 106.424),
    Place("quang-thuy", "Quảng Thủy", COMMUNE, 17.704, 106.402),
    Place("quang-son", "Quảng Sơn", COMMUNE, 17.676, 106.380),
    Place("quang-minh", "Quảng Minh", COMMUNE, 17.692, 106.428),
    Place("quang-hoa", "Quảng Hòa", COMMUNE, 17.708, 106.418),
    Place("quang-van", "Quảng Văn", COMMUNE, 17.726, 106.440),
)

EARTH_KM = 6371.0

REACH_KM = 4.0
"""A spot farther than this from the centre of a ward or commune is not in it: none here is that wide."""


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The way between two points, (latitude, longitude) in degrees; good to a metre within a town."""
    (south, west), (north, east) = one, other
    up = math.radians(north - south)
    right = math.radians(east - west) * math.cos(math.radians((south + north) / 2))
    return EARTH_KM * math.hypot(up, right)


def nearest(latitude: float, longitude: float) -> tuple[Place, float]:
    """The ward or commune whose centre is nearest, and how far that is in km."""
    found = min(PLACES, key=lambda one: distance_km((one.latitude, one.longitude), (latitude, longitude)))
    return found, distance_km((found.latitude, found.longitude), (latitude, longitude))


def commune_name(commune: str) -> str:
    """What people call the ward or commune with this id; the id itself where there is none here."""
    found = place_named(commune)
    return found.name if found is not None else commune


def place_named(commune: str) -> Place | None:
    """The ward or commune with this id, None if there is none here."""
    return next((one for one in PLACES if one.id == commune), None)
