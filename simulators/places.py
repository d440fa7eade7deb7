"""The sixteen wards and communes of Ba Đồn town, Quảng Bình."""

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
