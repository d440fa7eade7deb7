"""What the configuration says of single lamps, held against their profiles. Pure."""

from collections.abc import Callable, Iterator

from drivers.profile import Profile, profile_ids
from edge.config.faults import Problem
from edge.config.schema import Config


def problems_of_lamps(config: Config, load: Callable[[str], Profile]) -> Iterator[Problem]:
    """Curves and least levels of devices that do not dim."""
    known = profile_ids()
    for index, device in enumerate(config.device):
        if device.profile not in known:
            continue  # found with the devices
        given = {"dimming_curve": device.dimming_curve, "minimum_level": device.minimum_level}
        if not any(given.values()) or _dims(profile := load(device.profile)):
            continue
        what = "only switches" if profile.lamp is not None else "is no lamp"
        for key, value in given.items():
            if value:
                yield (
                    ("device", index, key),
                    f"{device.id} ({profile.id}) {what}, and {key} is for lamps that dim: remove it",
                )


def _dims(profile: Profile) -> bool:
    return profile.lamp is not None and profile.command(profile.lamp.level).range != (0, 1)
