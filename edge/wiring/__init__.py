"""Joins drivers, rooms and publishers to the runtime: explicit tables, name to factory.

`drivers.py` has the buses' drivers, `rooms.py` the town's rules, `targets.py` where data goes; `problems.py`
says what of a configuration only they know.
"""

from collections.abc import Sequence
from functools import cache

from drivers.profile import load_profile, profile_ids
from drivers.profile_check import check_profile
from edge.config.schema import Bus, Config, Device
from edge.config.wifi import Wifi
from edge.core.ports import Driver
from edge.runtime.fitting import Rooms, Surroundings, Target
from edge.wiring.drivers import DRIVERS, Fitting, LoadProfile, lamps_of, planning_driver
from edge.wiring.problems import problems_of_wiring
from edge.wiring.rooms import ROOMS, rooms_of
from edge.wiring.targets import TARGETS


class Wiring:
    """The runtime's Fitter. `load` finds profiles; each is read once."""

    def __init__(self, load: LoadProfile = load_profile) -> None:
        self._load = cache(load)

    def driver(
        self,
        config: Config,
        bus: Bus,
        devices: Sequence[Device],
        around: Surroundings,
        previous: Driver | None = None,
    ) -> Driver:
        """A driver for a bus; `previous` gives over its open line when only devices changed."""
        group_min = (config.wifi or Wifi()).group_min
        fit = Fitting(
            bus, devices, config.gateway, around.memory, around.clock, self._load, previous, group_min
        )
        return DRIVERS[bus.kind](fit)

    def rooms(self, config: Config, around: Surroundings) -> Rooms:
        """The town's rules for this configuration."""
        return rooms_of(config, around, self._load)

    def targets(self, config: Config, around: Surroundings) -> Sequence[Target]:
        """All targets that the configuration names."""
        return [target for make in TARGETS.values() for target in make(config, around, self._load)]


def profile_names() -> tuple[str, ...]:
    """Ids of all device profiles."""
    return profile_ids()


__all__ = [
    "DRIVERS",
    "ROOMS",
    "TARGETS",
    "Wiring",
    "check_profile",
    "lamps_of",
    "planning_driver",
    "problems_of_wiring",
    "profile_names",
]
