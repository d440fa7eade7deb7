"""What the boards are built from: profiles, vocabulary, indices and limits. Pure but for reading these."""

from collections import defaultdict
from datetime import date

from cloud_sync.grafana.shapes import Band, LimitLine, Text, Town
from drivers.profile import load_profile, profile_ids
from edge.air.averaging import averaging_of
from edge.air.correction import CORRECTED
from edge.air.index.build import POLLUTANTS, POLLUTANTS_OF, points_of
from edge.air.index.categories import categories
from edge.air.limits import Standard, limits_on
from edge.air.stations import JUDGED
from edge.core.air import Span
from edge.lighting import account_rows, night_rows
from edge.runtime.health import HEALTH
from edge.wifi.told import DAY_MEASUREMENT, DAY_POINTS, HOUR_POINTS, MEASUREMENT, MINUTE_POINTS

DEFAULT_ZONE = "Asia/Ho_Chi_Minh"


def town_of(day: date, console: str, timezone: str = DEFAULT_ZONE) -> Town:
    """All that the boards need, with the limits in force on `day`; `console` is the console's address."""
    classes = device_classes()
    return Town(
        classes=classes,
        derived=derived_points(classes),
        bands=_bands("vn"),
        us_bands=_bands("us"),
        limits=_limits(day, Standard.QCVN),
        advice=_limits(day, Standard.WHO),
        pollutants=tuple(POLLUTANTS),
        timezone=timezone,
        console=console,
    )


def device_classes() -> dict[str, tuple[str, ...]]:
    """The points of every class of device, as all profiles of the class have them together."""
    found: dict[str, set[str]] = defaultdict(set)
    for profile_id in profile_ids():
        profile = load_profile(profile_id)
        found[profile.measurement] |= {point.name for point in profile.points}
    return {name: tuple(sorted(points)) for name, points in sorted(found.items())}


def derived_points(classes: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The points of what gateways make themselves: means, indices, usage, accounts, their own health."""
    read = {point for name in JUDGED for point in classes.get(name, ())}
    means = tuple(sorted({*(name for name in read if averaging_of(name) is not None), CORRECTED}))
    indices = tuple(point for family in POLLUTANTS_OF for point in points_of(family))
    return {
        **{f"air_{span}": means for span in Span},
        "air_index": indices,
        MEASUREMENT: (*MINUTE_POINTS, *HOUR_POINTS),
        DAY_MEASUREMENT: DAY_POINTS,
        account_rows.MEASUREMENT: account_rows.POINTS,
        **night_rows.POINTS,
        **HEALTH,
    }


def _bands(scheme: str) -> tuple[Band, ...]:
    return tuple(
        Band(row.low, _hex(row.colour), Text(row.vi.name, row.en.name)) for row in categories(scheme)
    )


def _hex(colour: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in colour.split(";"))


def _limits(day: date, standard: Standard) -> tuple[LimitLine, ...]:
    return tuple(
        LimitLine(one.point, one.term.value, one.value, one.source, one.from_day.isoformat())
        for one in limits_on(day, standard)
    )
