"""A cabinet on paper: a gateway.toml with comments, answers, and a gateway that does as it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edge.config.commissioning import BusAnswer, DeviceAnswer, PlaceAnswer
from edge.core.errors import ConfigError, TransientError
from edge.core.owned import write_owned
from edge.wiring import problems_of_wiring
from provisioning.commission.bench import Bench, Finish, Finished
from provisioning.commission.record import record_json
from provisioning.commission.service import Commissioning

TOML = """\
# Tủ 3 – do not move this line: the mayor likes it
[gateway]
id = "gw-hung-vuong"   # painted on the door
latitude = 17.7
longitude = 106.4
data_dir = "data"

[mqtt]
url = "mqtt://127.0.0.1:1883"  # the centre

[[bus]]
id = "old"
kind = "tcp"
host = "127.0.0.1"

# put in by An in 2024
[[device]]
id = "meter-old"
profile = "eastron-sdm120"
bus = "old"

[lighting]
default_level = 80
"""

PLACE = PlaceAnswer(title="Tủ 3 đường Hùng Vương", latitude=17.7571, longitude=106.4122)
BUS = BusAnswer(id="line-1", kind="rtu", port="/dev/serial/by-id/usb-FTDI-1", baudrate=9600, parity="N")
LAMP = DeviceAnswer(
    id="lamp-3", profile="ecodim-dali-gw2", bus="line-1", address=3, pole="HV-03", circuit="L1", expected_w=70
)
METER = DeviceAnswer(id="meter-1", profile="eastron-sdm630", bus="line-1", address=1, score=0.98)


@dataclass(slots=True)
class Gateway:
    """Hands that note what is asked; `watts` is the lamp at 100 %, `base` all else on the meter."""

    runs: bool = True
    refuses: str = ""
    watts: float = 68.0
    base: float = 200.0
    silent: Sequence[str] = ()
    levels: dict[str, float] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def reload(self) -> str:
        self.asked.append("reload")
        if not self.runs:
            raise TransientError("gw-hung-vuong is not running")
        if self.refuses:
            raise ConfigError(self.refuses)
        return "2 devices added"

    async def read(self, device: str) -> Mapping[str, float | None]:
        self.asked.append(f"read {device}")
        if device in self.silent:
            raise TransientError(f"{device} does not answer")
        lamp_w = self.watts * self.levels.get("lamp-3", 0) / 100
        if device == "meter-1":
            return {"supply_voltage": 231.4, "active_power": self.base + lamp_w}
        return {"level": self.levels.get(device, 0), "active_power": lamp_w}

    async def blink(self, device: str) -> None:
        self.asked.append(f"blink {device}")

    async def light(self, device: str, level: float) -> None:
        self.asked.append(f"light {device} {level:g}")
        self.levels[device] = level

    async def release(self, device: str) -> None:
        self.asked.append(f"release {device}")
        self.levels.pop(device, None)

    async def pause(self, seconds: float) -> None:
        self.asked.append(f"pause {seconds:g}")


async def direct(work) -> None:
    work()


def briefly(finished: Finished, folder: Path) -> None:
    """The record without its PDFs, where only its being there matters."""
    write_owned(folder / "record.json", record_json(finished).encode())


def bench_of(folder: Path, finish: Finish) -> Bench:
    file = folder / "gateway.toml"
    if not file.exists():
        file.write_text(TOML, "utf-8")
    return Bench(file, problems_of_wiring, lambda: 1_795_000_000_000_000_000, finish)


def cabinet(
    folder: Path, gateway: Gateway | None = None, finish: Finish = briefly
) -> tuple[Commissioning, Gateway]:
    hands = gateway or Gateway()
    return Commissioning(bench_of(folder, finish), hands, direct), hands


async def answered(work: Commissioning) -> None:
    await work.place(PLACE, "hoa")
    await work.bus(BUS, "hoa")
    await work.device(METER, "hoa")
    await work.device(LAMP, "hoa")
