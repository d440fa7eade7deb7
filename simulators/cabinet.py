"""A cabinet with eight unlabelled devices on one line, to practise on: `gianh sim cabinet`."""

from collections.abc import Callable, Sequence
from pathlib import Path

from drivers.profile import load_profile
from edge.core.errors import ConfigError
from simulators.cabinet_device import CabinetDevice, Follows, Reached
from simulators.devices import Occupant, SimulatedUnit, UtcSeconds
from simulators.mixed_wire import MixedWire
from simulators.models import Nature
from simulators.uart import Sent
from simulators.wire import LineSettings

USUAL = LineSettings(9600)
ODD_ONE = LineSettings(4800, "E")

DEVICES: tuple[tuple[str, str, Reached, Follows, float], ...] = (
    ("relays", "waveshare-relay-8", Reached(1, USUAL), Follows.AT_ONCE, 0.005),
    ("dust", "jxct-3001", Reached(1, USUAL), Follows.AT_ONCE, 0.009),
    ("vane", "dfrobot-wind-direction-v2", Reached(2, USUAL), Follows.AFTER_RESTART, 0.006),
    ("meter", "eastron-sdm630", Reached(5, USUAL), Follows.AT_ONCE, 0.012),
    ("supply", "pzem-016", Reached(12, USUAL), Follows.AT_ONCE, 0.010),
    ("climate", "xy-md02", Reached(20, USUAL), Follows.AFTER_RESTART, 0.007),
    ("clone", "xy-md02-x100", Reached(33, USUAL), Follows.AFTER_RESTART, 0.008),
    ("feeder", "eastron-sdm120", Reached(9, ODD_ONE), Follows.AT_ONCE, 0.015),
)
"""Name, profile, where it is, when it follows a new address, turnaround: two are both at 1, one is a clone
that shows hundredths and keeps its id where the original keeps the baud rate, one is at 4800 8E1."""

TURNAROUND_MIN_CHARS = 3.5


class Cabinet:
    """The line and its devices. `plug`, `unplug`, `restart` and `swap` are what hands do in the cabinet."""

    def __init__(
        self, link: Path, devices: Sequence[CabinetDevice], echo: bool = False, swapped: bool = False
    ) -> None:
        self.devices = {device.name: device for device in devices}
        self.wire = MixedWire(link, self._answers, echo, swapped)

    async def __aenter__(self) -> "Cabinet":
        self.wire.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.wire.close()

    def plug(self, name: str) -> None:
        """Connect one device again; it starts anew."""
        device = self._device(name)
        device.restart()
        device.powered = True

    def unplug(self, name: str) -> None:
        """Take one device off the line."""
        self._device(name).powered = False

    def restart(self, name: str) -> None:
        """Take one device's power away and give it again."""
        self._device(name).restart()

    def _device(self, name: str) -> CabinetDevice:
        if name not in self.devices:
            raise ConfigError(f"there is no {name} in this cabinet; there are: {', '.join(self.devices)}")
        return self.devices[name]

    def _answers(self, request: bytes, line: LineSettings, end_s: float) -> Sequence[Sent]:
        said = [(device, device.hear(request, line)) for device in self.devices.values()]
        return [
            Sent(data, line, end_s + max(device.turnaround_s, TURNAROUND_MIN_CHARS * line.char_s))
            for device, data in said
            if data is not None
        ]


def cabinet_devices(utc_s: UtcSeconds, seed: int = 1) -> list[CabinetDevice]:
    """The eight devices as they come out of their boxes."""
    return [
        make_device(name, profile, at, follows, turnaround_s, utc_s, seed + number)
        for number, (name, profile, at, follows, turnaround_s) in enumerate(DEVICES)
    ]


def make_device(
    name: str,
    profile_id: str,
    at: Reached,
    follows: Follows,
    turnaround_s: float,
    utc_s: Callable[[], float],
    seed: int = 1,
) -> CabinetDevice:
    """One device of a profile that shows its models' values."""
    profile = load_profile(profile_id)
    inner = SimulatedUnit([Occupant(profile, Nature(seed))], utc_s)
    return CabinetDevice(name, profile, inner, at, follows, turnaround_s)
