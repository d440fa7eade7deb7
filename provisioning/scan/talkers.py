"""Sensors that speak by themselves, known by their frames. Pure."""

from dataclasses import dataclass

from drivers.device_model import DriverKind
from drivers.serial.frame import VALUES
from drivers.serial.sensors import SENSORS

LONG_PLANTOWER = 36
"""What a frame of the PMS5003ST says of its length; the other Plantowers say 28."""

HEARD_MIN = 8
"""Fewer bytes without a frame are a disturbance and nothing more."""

_USUAL = {
    DriverKind.PMS5003: "pms5003",
    DriverKind.SDS011: "sds011",
    DriverKind.NMEA: "nmea-weather",
}


@dataclass(frozen=True, slots=True)
class Talker:
    """Who speaks: its protocol, how many good frames were heard, and the profile that fits first."""

    kind: DriverKind
    frames: int
    profile: str


def recognise(heard: bytes) -> Talker | None:
    """Whose frames these are; of several the one with the most of them."""
    found: list[Talker] = []
    for kind, profile in _USUAL.items():
        frames = [frame for frame in SENSORS[kind].parser().feed(heard) if frame.kind == VALUES]
        if frames:
            found.append(Talker(kind, len(frames), _variant(kind, profile, heard)))
    return max(found, key=lambda talker: talker.frames, default=None)


def _variant(kind: DriverKind, profile: str, heard: bytes) -> str:
    if kind is not DriverKind.PMS5003:
        return profile
    at = heard.find(b"\x42\x4d")
    return "pms5003st" if heard[at + 2 : at + 4] == bytes((0, LONG_PLANTOWER)) else profile
