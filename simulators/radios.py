"""What an access point is made of: radios, and the stations that use them, with all that names people."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Station:
    """One device of a visitor, as an access point knows it; `user` has logged in at the hotspot."""

    mac: str
    address: str = ""
    user: str = ""
    authorized: bool = True


@dataclass(slots=True)
class SimulatedRadio:
    """One network of one radio; `busy` is the share of time its channel is busy, 0 to 1. Live."""

    name: str
    frequency_mhz: int
    ssid: str = "Quang Tri Free Wi-Fi"
    stations: list[Station] = field(default_factory=list)
    received: int = 0
    sent: int = 0
    busy: float = 0.0
    on_air: bool = True

    @property
    def is_2g(self) -> bool:
        """Whether it is in the band of 2.4 GHz."""
        return self.frequency_mhz < 3000


@dataclass(slots=True)
class SimulatedAccessPoint:
    """An access point; whoever simulates visitors moves its stations and octets. Live."""

    radios: list[SimulatedRadio]
    username: str = "gianh"
    password: str = "only to read"  # noqa: S105 - of a simulated device
    started_s: float = 0.0
