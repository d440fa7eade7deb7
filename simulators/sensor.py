"""A raw serial line with one simulated sensor on it."""

import asyncio
from pathlib import Path

from drivers.profile import Profile
from simulators.devices import UtcSeconds
from simulators.flaws import silent
from simulators.nature import Nature
from simulators.sensors import plantower_frame, simulated_sensor
from simulators.wire import Heard, LineSettings, SerialWire

__all__ = ["SensorBus", "plantower_frame"]

PERIOD_S = 1.0
ANSWER_S = 0.01
"""How long a sensor takes to answer."""


class SensorBus:
    """A raw serial line; the sensor sends every `period_s` while it does so by itself, and answers."""

    def __init__(
        self,
        link: Path,
        settings: LineSettings,
        profile: Profile,
        nature: Nature,
        utc_s: UtcSeconds,
        period_s: float = PERIOD_S,
    ) -> None:
        self.wire = SerialWire(link, settings, self._hear)
        self.sensor = simulated_sensor(profile, nature, utc_s)
        self.frames = 0
        self._nature, self._utc_s = nature, utc_s
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
        said = self.sensor.tell()
        if said and not silent(self._nature, self._utc_s()):
            self.wire.send(said, at_s)
            self.frames += 1
        next_s = at_s + self._period_s
        self._timer = asyncio.get_running_loop().call_at(next_s, self._talk, next_s)

    def _hear(self, heard: Heard) -> None:
        answer = self.sensor.answer(heard.data)
        if answer and not silent(self._nature, self._utc_s()):
            self.wire.send(answer, heard.end_s + ANSWER_S)
            self.frames += 1
