"""The simulated town as data: which gateways, buses and devices there are. Pure.

Places are real; streets are named as streets are in such towns, poles and lamps are made up.
`python -m simulators.town` runs it (simulators.cli says how).
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.config.schema import BusKind
from edge.core.air import StationKind
from edge.core.places import PLACES, Place
from simulators.devices import Spot
from simulators.nature import Nature
from simulators.wifi_places import NETWORK, Nas
from simulators.wire import LineSettings

UNIT_ITSELF = Spot()
STREETS = ("Hùng Vương", "Quang Trung", "Lý Thường Kiệt", "Trần Hưng Đạo")
LINE_9600 = LineSettings(9600)
LINE_19200 = LineSettings(19_200, stop_bits=2)
POLE_STEP_DEG = 0.0003
"""Poles stand about 32 m apart."""

METER_S, CABINET_S, LAMP_S, AIR_S = 5.0, 5.0, 10.0, 5.0
"""How often meters, cabinets, lamps and air sensors are read."""


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """One device as the gateway knows it, and what it is like."""

    id: str
    title: str
    profile: str
    address: int
    interval_s: float
    nature: Nature
    spot: Spot = UNIT_ITSELF
    street: str | None = None
    pole: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def in_air(self) -> bool:
        """Whether it is a sensor of the air or the weather outside."""
        return self.nature.site is not None


@dataclass(frozen=True, slots=True)
class BusPlan:
    """One bus of a gateway; `link` is the device file of a serial one.

    `lamps` is what its lamps are called together.
    """

    id: str
    kind: BusKind
    devices: tuple[DevicePlan, ...]
    settings: LineSettings = LINE_9600
    link: Path | None = None
    lamps: str = ""


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """A circuit that a relay feeds: the relay's device and command, the point that shows it, its lamps.

    Without `lamps` nobody can address those on it; `nominal_w` is what they draw together.
    """

    id: str
    title: str
    relay: str
    command: str
    point: str
    lamps: tuple[str, ...] = ()
    nominal_w: float | None = None


@dataclass(frozen=True, slots=True)
class StationPlan:
    """Sensors that stand together; `neighbours` are stations whose air should be alike."""

    id: str
    title: str
    kind: StationKind
    devices: tuple[str, ...]
    cabinet: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class GatewayPlan:
    """One gateway, where it stands, its buses, the segments that its relays feed, its stations.

    `metered` says of meters what hangs on them: lamps, segments without any, other meters; `network` are the
    senders of Wi-Fi accounting that tell this gateway.
    """

    id: str
    place: Place
    buses: tuple[BusPlan, ...]
    segments: tuple[SegmentPlan, ...] = ()
    stations: tuple[StationPlan, ...] = ()
    metered: tuple[tuple[str, tuple[str, ...]], ...] = ()
    network: tuple[Nas, ...] = ()

    @property
    def devices(self) -> tuple[DevicePlan, ...]:
        """All devices of all its buses."""
        return tuple(device for bus in self.buses for device in bus.devices)


EAST = SegmentPlan(
    "east", "Tuyến đông", "relays", "relay_3", "relay_state_3", tuple(f"lamp-{n:02d}" for n in range(1, 11))
)
"""The lamps of the serial line hang on the third relay of the cabinet."""

MARKET = SegmentPlan("market", "Tuyến chợ", "relays", "relay_4", "relay_state_4", nominal_w=1200.0)
"""Old lamps without any controller, switched together by the fourth relay."""


STREET_AIR = StationPlan(
    "street-air",
    "Trạm không khí đường Hùng Vương",
    StationKind.INDICATIVE,
    ("air", "air-twin", "air-climate", "wind-speed", "wind-direction", "rain", "noise"),
    cabinet=("cabinet-climate",),
    neighbours=("centre-air",),
    corrected=True,
)
"""Cheap sensors: dust twice, climate, wind, rain and noise."""

CENTRE_AIR = StationPlan(
    "centre-air",
    "Trạm quan trắc trung tâm",
    StationKind.CERTIFIED,
    ("analyser-pm", "analyser-o3", "analyser-co", "analyser-so2", "analyser-no2", "analyser-weather"),
    neighbours=("street-air",),
)
"""Reference analysers of all six pollutants behind a Modbus TCP converter, and a weather station."""

METERED = (
    ("meter-east", EAST.lamps),
    ("meter-market", (MARKET.id,)),
    ("meter-centre", tuple(f"lamp-{n:02d}" for n in range(11, 23))),
    ("meter-main", ("meter-east", "meter-west", "meter-market")),
)
"""What hangs on which meter; the lamps of the western line nobody controls, and follow the programme."""


@dataclass(frozen=True, slots=True)
class Town:
    """The gateways that were asked for, always the same for the same numbers."""

    gateways: tuple[GatewayPlan, ...]
    seed: int

    @property
    def device_count(self) -> int:
        """How many devices there are in all."""
        return sum(len(gateway.devices) for gateway in self.gateways)


def build_town(gateways: int, directory: Path, seed: int = 1) -> Town:
    """A town of so many gateways, one in each ward and commune in turn; device files in `directory`.

    The first has the town's two stations of air and its Wi-Fi; each of the others a dust sensor.
    """
    return Town(tuple(_gateway(n, directory, seed) for n in range(gateways)), seed)


def _gateway(n: int, directory: Path, seed: int) -> GatewayPlan:
    turn, index = divmod(n, len(PLACES))
    place = PLACES[index]
    gateway = f"gw-{place.id}" if turn == 0 else f"gw-{place.id}-{turn + 1}"
    first = seed * 1_000_003 + n * 1_000

    def link(bus: str) -> Path:
        return directory / f"usb-Gianh_Simulated_RS485_{gateway}-{bus}-if00-port0"

    east = tuple(_east_lamps(first, place, seed))
    buses = (
        BusPlan("cabinet", BusKind.RTU, tuple(_cabinet(first)), LINE_9600, link("cabinet")),
        BusPlan("lamps", BusKind.RTU, east, LINE_19200, link("lamps"), "Đèn phía đông"),
        BusPlan("centre", BusKind.TCP, tuple(_centre_lamps(first, place)), lamps="Đèn trung tâm"),
        BusPlan("air", BusKind.SERIAL, tuple(_air(first, place, seed)), LINE_9600, link("air")),
    )
    if n > 0:
        return GatewayPlan(gateway, place, buses, (EAST, MARKET), metered=METERED)
    stations = (
        BusPlan("weather", BusKind.RTU, tuple(_street_air(first, place, seed)), LINE_9600, link("weather")),
        BusPlan("analysers", BusKind.TCP, tuple(_centre_air(first, place, seed))),
    )
    every = (STREET_AIR, CENTRE_AIR)
    return GatewayPlan(gateway, place, buses + stations, (EAST, MARKET), every, METERED, NETWORK)


def _cabinet(seed: int) -> Iterator[DevicePlan]:
    def meter(id: str, title: str, profile: str, address: int, lamps_w: float) -> DevicePlan:
        nature = Nature(seed + address, 40.0 + 10.0 * address, lamps_w)
        return DevicePlan(id, title, profile, address, METER_S, nature)

    yield meter("meter-main", "Công tơ tổng", "eastron-sdm630", 1, 4200.0)
    yield meter("meter-east", "Công tơ tuyến đông", "eastron-sdm120", 2, 900.0)
    yield meter("meter-west", "Công tơ tuyến tây", "pzem-016", 3, 1100.0)
    yield meter("meter-market", "Công tơ chợ", "selec-em2m", 4, 1200.0)
    yield DevicePlan("relays", "Rơ-le tủ", "waveshare-relay-8", 5, CABINET_S, Nature(seed + 5))
    yield DevicePlan("cabinet-climate", "Nhiệt ẩm tủ", "xy-md02", 6, LAMP_S, Nature(seed + 6))


def _lamp(number: int, seed: int, place: Place, profile: str, spot: Spot) -> DevicePlan:
    along = POLE_STEP_DEG * number
    return DevicePlan(
        id=f"lamp-{number:02d}",
        title=f"Đèn {number:02d}",
        profile=profile,
        address=1,
        interval_s=LAMP_S,
        nature=Nature(seed + 100 + number, rated_w=(60.0, 80.0, 120.0)[number % 3], is_lamp=True),
        spot=spot,
        street=STREETS[number // 6 % len(STREETS)],
        pole=f"{''.join(word[0] for word in place.id.split('-')).upper()}-{number:03d}",
        latitude=round(place.latitude + along * 0.6, 6),
        longitude=round(place.longitude + along * 0.8, 6),
    )


def _east_lamps(seed: int, place: Place, town: int) -> Iterator[DevicePlan]:
    for number in range(1, 11):
        yield _lamp(number, seed, place, "ecodim-dali-gw2", Spot(0, number - 1))
    gateway = "ecodim-dali-gw2-line"
    yield DevicePlan("dali-east", "Cổng DALI tuyến đông", gateway, 1, LAMP_S, Nature(seed + 21))
    street = Nature(seed + 20, site=town)
    yield DevicePlan("street-climate", "Nhiệt ẩm đường", "xy-md02-x100", 2, LAMP_S, street)


def _centre_lamps(seed: int, place: Place) -> Iterator[DevicePlan]:
    for number in range(11, 23):
        channel, sub_address = divmod(number - 11, 8)
        yield _lamp(number, seed, place, "intesis-dali", Spot(channel, sub_address))
    nature = Nature(seed + 30, 25.0, 1000.0)
    yield DevicePlan("meter-centre", "Công tơ trung tâm", "eastron-sdm120", 2, METER_S, nature)


def _air(seed: int, place: Place, town: int) -> Iterator[DevicePlan]:
    nature = Nature(seed + 40, site=town, optical=True)
    yield _sensor("air", f"Bụi không khí {place.name}", "pms5003", 1, nature, place)


def _sensor(id: str, title: str, profile: str, address: int, nature: Nature, place: Place) -> DevicePlan:
    return DevicePlan(
        id, title, profile, address, AIR_S, nature, latitude=place.latitude, longitude=place.longitude
    )


def _street_air(seed: int, place: Place, town: int) -> Iterator[DevicePlan]:
    def sensor(id: str, title: str, profile: str, address: int) -> DevicePlan:
        nature = Nature(seed + 40 + address, site=town, optical=True)
        return _sensor(id, title, profile, address, nature, place)

    yield sensor("air-twin", "Bụi không khí, cảm biến thứ hai", "jxct-3001", 1)
    yield sensor("air-climate", "Nhiệt ẩm không khí", "xy-md02", 2)
    yield sensor("wind-speed", "Tốc độ gió", "jxct-wind-speed", 3)
    yield sensor("wind-direction", "Hướng gió", "jxct-wind-direction", 4)
    yield sensor("rain", "Mưa", "jxct-rain", 5)
    yield sensor("noise", "Tiếng ồn", "rs485-noise", 6)


def _centre_air(seed: int, place: Place, town: int) -> Iterator[DevicePlan]:
    def sensor(id: str, title: str, profile: str, address: int) -> DevicePlan:
        return _sensor(id, title, profile, address, Nature(seed + 60 + address, site=town), place)

    yield sensor("analyser-pm", "Máy đo bụi", "teledyne-t640", 1)
    yield sensor("analyser-o3", "Máy phân tích O3", "teledyne-t400", 2)
    yield sensor("analyser-co", "Máy phân tích CO", "teledyne-t300", 3)
    yield sensor("analyser-so2", "Máy phân tích SO2", "teledyne-t101", 4)
    yield sensor("analyser-no2", "Máy phân tích NO2", "teledyne-n500", 5)
    yield sensor("analyser-weather", "Trạm thời tiết", "sensecap-s700", 20)


if __name__ == "__main__":
    from simulators.cli import main

    sys.exit(main(sys.argv[1:]))
