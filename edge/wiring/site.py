"""What every room of the town's rules is made of."""

from dataclasses import dataclass

from edge.config.schema import Config
from edge.core.alarms import See
from edge.runtime.fitting import Surroundings
from edge.wiring.drivers import LoadProfile


@dataclass(frozen=True, slots=True)
class Site:
    """A gateway as its rooms find it; `see` takes what they find wrong or well."""

    config: Config
    around: Surroundings
    load: LoadProfile
    see: See
