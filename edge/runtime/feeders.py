"""Feeders whose lamps have no address: each is a lamp that its relay switches."""

from collections.abc import Callable, Iterable, Mapping

from edge.config.lighting import Segment
from edge.core.errors import ConfigError
from edge.core.lighting import Lamp


def feeder_lamps(segments: Iterable[Segment], bus_of: Callable[[str], str]) -> Mapping[str, Lamp]:
    """The segments that are lamps themselves, by id; `bus_of` says on which bus a relay is.

    One whose relay is not there yet (`bus_of` raises ConfigError or KeyError) is left out.
    """
    found = {}
    for segment in segments:
        if not segment.is_lamp:
            continue
        try:
            bus = bus_of(segment.relay)
        except (ConfigError, KeyError):
            continue
        found[segment.id] = Lamp(segment.id, bus, dimmable=False, readable=True, nominal_w=segment.nominal_w)
    return found
