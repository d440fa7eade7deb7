"""Witnesses of a profile: what the answers of its samples must become. Pure."""

from collections.abc import Sequence

from drivers.access_points import mikrotik, openwrt, snmp
from drivers.access_points.figures import Figures, Rates, judged
from drivers.device_model import DriverKind, Profile
from drivers.modbus.decode import Flags
from edge.core.errors import GianhError


def sample_values(profile: Profile, texts: Sequence[str]) -> tuple[tuple[float | None, ...], Flags]:
    """Values after polls whose answers are `texts`, as far apart as the profile's interval.

    Raises GianhError where they cannot be read.
    """
    paths = [point.path for point in profile.points]
    rates = Rates()
    figures: Figures = {}
    for at, text in enumerate(texts):
        told = _figures(profile, paths, text)
        figures = rates.joined(paths, told, round(at * profile.interval_s * 1e9))
    return judged(profile.points, figures)


def _figures(profile: Profile, paths: Sequence[str], text: str) -> Figures:
    try:
        if profile.driver is DriverKind.SNMP:
            return snmp.sample_figures(text, paths)
        if profile.driver is DriverKind.OPENWRT:
            return openwrt.sample_figures(text)
        return mikrotik.sample_figures(text)
    except ValueError as error:
        raise GianhError(f"it cannot be read: {error}") from error
