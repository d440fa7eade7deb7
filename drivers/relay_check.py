"""The relays that segments name, held against their devices' profiles. Pure."""

from collections.abc import Callable, Iterator

from drivers.profile import Profile, profile_ids
from edge.config.faults import Problem
from edge.config.lighting import Segment
from edge.config.schema import Config


def problems_of_relays(config: Config, load: Callable[[str], Profile]) -> Iterator[Problem]:
    """Relays that there are not, that feed two segments, or whose state nobody could verify."""
    known, devices = profile_ids(), {device.id: device for device in config.device}
    first: dict[tuple[str, str], str] = {}
    for index, segment in enumerate(config.segment):
        relay = devices.get(segment.relay)
        if relay is None or relay.profile not in known:
            continue  # found with the names and the devices
        profile, point = load(relay.profile), ("segment", index, "point")
        command = next((one for one in profile.commands if segment.point in (one.name, one.reads_back)), None)
        if command is None:
            yield point, _unknown(segment, profile)
            continue
        other = first.setdefault((segment.relay, command.name), segment.id)
        if other != segment.id:
            yield point, f"segment '{other}' has this relay already: one relay feeds one segment"
        if segment.is_lamp and command.reads_back is None:
            text = f"no point of {profile.id} reads {command.name} back, so that nobody could verify it"
            yield point, f"{text}: take a relay that can be read, or give the segment its lamps"


def _unknown(segment: Segment, profile: Profile) -> str:
    names = ", ".join(one.name for one in profile.commands) or "none"
    return f"{segment.relay} ({profile.id}) has no command '{segment.point}': known are {names}"
