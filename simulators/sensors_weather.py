"""A simulated weather station that speaks NMEA 0183."""

from drivers.profile import Profile
from simulators.devices import UtcSeconds
from simulators.models import value
from simulators.nature import Nature

INHG_HPA = 33.863_886_67
MPS_PER_KNOT = 0.514_444


class NmeaStation:
    """Sends wind against itself and the earth, the composite, transducers, and a compass's chatter."""

    def __init__(self, profile: Profile, nature: Nature, utc_s: UtcSeconds) -> None:
        self._names = {point.name for point in profile.points}
        self._nature, self._utc_s = nature, utc_s

    def tell(self) -> bytes:
        """One second's sentences."""
        now_s = self._utc_s()
        found = {name: value(self._nature, name, now_s) for name in self._names}
        speed, angle = found["wind_speed"], found["wind_direction"] % 360
        air, humidity, pressure = (
            found[name] for name in ("temperature", "relative_humidity", "atmospheric_pressure")
        )
        dew = air - (100 - humidity) / 5
        knots = speed / MPS_PER_KNOT
        wind = f"{angle:.1f},T,{(angle + 1.2) % 360:.1f},M,{knots:.2f},N,{speed:.2f},M"
        barometer = f"{pressure / INHG_HPA:.4f},I,{pressure / 1000:.4f},B"
        return b"".join(
            map(
                sentence,
                (
                    f"HCHDG,{angle:.1f},,,1.2,W",
                    f"WIMWV,{angle:.1f},R,{knots:.1f},N,A",
                    f"WIMWD,{wind}",
                    f"WIMDA,{barometer},{air:.1f},C,,,{humidity:.1f},,{dew:.1f},C,{wind}",
                    f"WIXDR,C,{air + 4:.1f},C,1,H,{humidity:.1f},P,0,P,{pressure:.1f},H,0",
                ),
            )
        )

    def answer(self, data: bytes) -> bytes:
        """It takes no orders."""
        return b""


def sentence(body: str) -> bytes:
    """`body` between $ and its checksum."""
    check = 0
    for byte in body.encode("ascii"):
        check ^= byte
    return f"${body}*{check:02X}\r\n".encode("ascii")
