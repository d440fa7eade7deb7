"""The week's visitors on Wi-Fi, counted from simulated stays; few are left out as the gateway does it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from drivers.layout import layout_of
from drivers.profile import load_profile
from edge.config.schema import Config, Device
from edge.core.model import Layout, Sample, Stamp
from edge.wifi.places import Level, Place, places_of
from edge.wifi.told import DAY_MEASUREMENT, DAY_POINTS, HOUR_POINTS, MEASUREMENT, MINUTE_POINTS
from simulators.wifi_places import Nas
from simulators.wifi_visitors import STAY_S_MAX, Scene, Stay, stays_of_hour

FEW, MINUTE_S, POLL_S, HOUR_S, DAY_S = 5, 300, 1200, 3600, 86_400
"""Minutes are told every five here, access points read every twenty: enough for a picture."""

VISITORS = 2.0
"""Times as many as on an ordinary day of November."""

ZONE_S = 7 * HOUR_S


class Crowd:
    """All stays at one place."""

    def __init__(self, stays: Sequence[Stay]) -> None:
        self.stays = sorted(stays, key=lambda stay: stay.begin_s)
        self._begins = [stay.begin_s for stay in self.stays]
        self._ends = sorted(stay.end_s for stay in stays)

    def there(self, at_s: float) -> int:
        return bisect_right(self._begins, at_s) - bisect_right(self._ends, at_s)

    def figures(self, from_s: int, to_s: int) -> dict[str, float]:
        """What happened in a stretch; nothing of a few."""
        first = bisect_right(self._begins, from_s - STAY_S_MAX)
        near = self.stays[first : bisect_right(self._begins, to_s)]
        came = [stay for stay in near if stay.begin_s > from_s]
        gone = [stay for stay in near if from_s < stay.end_s <= to_s]
        if len(came) < FEW or len(gone) < FEW:
            return {}
        shares = [(stay, max(0.0, min(stay.end_s, to_s) - max(stay.begin_s, from_s))) for stay in near]
        return {
            "sessions_started": len(came),
            "sessions_ended": len(gone),
            "sessions_lost": len(gone) // 40,
            "sessions_roamed": len(came) // 6,
            "bytes_up": sum(seconds * stay.up_per_s for stay, seconds in shares),
            "bytes_down": sum(seconds * stay.down_per_s for stay, seconds in shares),
            "dwell_mean": sum(stay.end_s - stay.begin_s for stay in gone) / len(gone),
            "peak_sessions": max(map(self.there, range(from_s, to_s, 600))),
            "visitors": len({stay.guest.address for stay in came}),
            "busiest_hour": 19,
        }


def wifi_samples(config: Config, network: Sequence[Nas], start_s: float, end_s: float) -> Iterator[Sample]:
    """Usage of every place by minute, hour and day, and the access points' own values."""
    scene = Scene(visitors=VISITORS, network=tuple(network))
    stays: dict[str, list[Stay]] = defaultdict(list)
    for hour in range(int(start_s // HOUR_S) - 6, int(end_s // HOUR_S)):
        for stay in stays_of_hour(scene, hour):
            stays[stay.point].append(stay)
    for place in places_of(config).all:
        crowd = Crowd([stay for point in place.hotspots for stay in stays[point]])
        yield from _usage(place, crowd, int(start_s), int(end_s))
        if place.level is Level.HOTSPOT:
            yield from _access_point(config, place.id, crowd, int(start_s), int(end_s))


def _usage(place: Place, crowd: Crowd, start_s: int, end_s: int) -> Iterator[Sample]:
    for at_s in range(start_s + MINUTE_S, end_s + 1, MINUTE_S):
        if (count := crowd.there(at_s)) >= FEW:
            yield _row(place, MEASUREMENT, MINUTE_POINTS, "1m", at_s, {"sessions_open": count})
    for at_s in range(start_s + HOUR_S, end_s + 1, HOUR_S):
        if told := crowd.figures(at_s - HOUR_S, at_s):
            yield _row(place, MEASUREMENT, HOUR_POINTS, "1h", at_s, told)
    midnight_s = ((start_s + ZONE_S) // DAY_S + 1) * DAY_S - ZONE_S
    for at_s in range(midnight_s, end_s + 1, DAY_S):
        if told := crowd.figures(at_s - DAY_S, at_s):
            yield _row(place, DAY_MEASUREMENT, DAY_POINTS, "1d", at_s, told)


def _row(
    place: Place, of: str, points: Sequence[str], span: str, at_s: int, told: Mapping[str, float]
) -> Sample:
    layout = Layout(place.id, of, tuple(points), place.tags, f"usage/{span}")
    return Sample(layout, Stamp(0, at_s * 10**9), tuple(told.get(point) for point in points))


def _access_point(config: Config, hotspot: str, crowd: Crowd, start_s: int, end_s: int) -> Iterator[Sample]:
    """One access point of each hotspot; that by the river is off the air for a while."""
    profile = load_profile("openwrt-ap")
    device = Device(id=f"{hotspot}-ap", profile=profile.id, bus="ap", address=1)
    layout = layout_of(config.gateway, device, profile, profile.points)
    down_octets = 0.0
    for at_s in range(start_s + POLL_S, end_s + 1, POLL_S):
        count = crowd.there(at_s)
        down = 9e4 * count * (0.8 + 0.2 * (at_s // POLL_S % 3))
        down_octets += down / 8 * POLL_S
        told = {
            "ap_up": float(hotspot != "wifi-riverside" or not 0 <= at_s - (end_s - 50_000) < 9000),
            "clients": count,
            "clients_2g": count // 3,
            "clients_5g": count - count // 3,
            "channel_utilisation_2g": min(98.0, 14 + count * 0.28),
            "channel_utilisation_5g": min(98.0, 6 + count * 0.12),
            "octets_up": down_octets / 10,
            "octets_down": down_octets,
            "throughput_up": down / 10,
            "throughput_down": down,
            "uptime": at_s - start_s + 3e5,
        }
        yield Sample(layout, Stamp(0, at_s * 10**9), tuple(told.get(name) for name in layout.names))
