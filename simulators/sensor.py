"""Sensors that talk by themselves on a raw serial line: frames of the Plantower family."""

import asyncio
from pathlib import Path

from drivers.modbus.decode import encode
from drivers.profile import Profile
from simulators.devices import UtcSeconds
from simulators.models import Nature, value
from simulators.wire import LineSettings, SerialWire

HEADER = b"\x42\x4d"
FRAME_BYTES = 32
PERIOD_S = 1.0


def plantower_frame(profile: Profile, nature: Nature, utc_s: float) -> bytes:
    """A PMS5003 frame: header, length 28, the profile's points in place, checksum over all before it."""
    body = bytearray(FRAME_BYTES - 2)
    body[:2] = HEADER
    body[2:4] = (FRAME_BYTES - 4).to_bytes(2, "big")
    for point in profile.points:
        words = encode(point, round(value(nature, point.name, utc_s)))
        raw = b"".join(word.to_bytes(2, "big") for word in words)
        body[point.address : point.address + len(raw)] = raw
    return bytes(body) + sum(body).to_bytes(2, "big")


class SensorBus:
    """A raw serial line on which one sensor sends a frame every `period_s`, asked or not."""

    def __init__(
        self,
        link: Path,
        settings: LineSettings,
        profile: Profile,
        nature: Nature,
        utc_s: UtcSeconds,
        period_s: float = PERIOD_S,
    ) -> None:
        self.wire = SerialWire(link, settings)
        self.frames = 0
        self._profile = profile
        self._nature = nature
        self._utc_s = utc_s
        self._period_s = period_s
        self._timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Plug the sensor in; its first frame comes at once."""
        self.wire.open()
        self._talk(asyncio.get_running_loop().time())

    async def stop(self) -> None:
        """Take the sensor away."""
        if self._timer is not None:
            self._timer.cancel()
        self.wire.close()

    def _talk(self, at_s: float) -> None:
        self.wire.send(plantower_frame(self._profile, self._nature, self._utc_s()), at_s)
        self.frames += 1
        next_s = at_s + self._period_s
        self._timer = asyncio.get_running_loop().call_at(next_s, self._talk, next_s)
