"""`gianh sim town`: many gateways as a broker sees them, without any bus: for consoles of a whole town.

Everything they say is written as gateways write it, and commands are answered as gateways answer them; all of
them speak over one connection.
"""

import argparse
import asyncio
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cloud_sync.mqtt.dial import wire_options
from cloud_sync.mqtt.message import Incoming, Outgoing
from cloud_sync.mqtt.payload import (
    DeviceInfo,
    GatewayAbout,
    PointInfo,
    TargetAbout,
    about_payload,
    info_payload,
    light_payload,
    outcome_payload,
    state_payload,
    status_payload,
    target_payload,
)
from cloud_sync.mqtt.request import read_request
from cloud_sync.mqtt.topics import ROOT, Topics
from cloud_sync.mqtt.wire import Wire
from edge.config.schema import Mqtt
from edge.core.clock import SystemClock
from edge.core.errors import GianhError
from edge.core.lighting import LightSource, LightState, TargetState
from edge.core.model import Command, CommandState, DeviceState, Outcome
from edge.core.places import PLACES
from edge.core.vocabulary import quantity
from simulators.cli import until_over

DESCRIPTION = (
    "Simulate a town of gateways at an MQTT broker, without buses. Prints one line of JSON once all is said, "
    "and ends when its standard input (a pipe) closes, or by Ctrl-C."
)
EXAMPLE = "example: gianh sim town --mqtt mqtt://127.0.0.1:1883 --town 1000x20 --changes 300"
DONE, FAILED = 0, 1

STREETS = ("Hùng Vương", "Quang Trung", "Lý Thường Kiệt", "Trần Hưng Đạo", "Chu Văn An")
POINTS = ("level", "active_power", "active_energy", "operating_hours", "supply_voltage", "lamp_failure")
NOMINAL_W = 80.0
STEP_DEG = 0.0003
GATEWAYS_MAX, LAMPS_MAX = 5_000, 1_000
LOT = 500
"""Messages that are sent before their receipts are waited for."""

VERSION = "0.1.0"


@dataclass(slots=True)
class SimulatedLamp:
    """One lamp as its gateway tells of it."""

    level: float = 40.0
    source: LightSource = LightSource.PROGRAM
    energy_kwh: float = 100.0


@dataclass(slots=True)
class SimulatedGateway:
    """One gateway with its lamps, all of them one group."""

    id: str
    number: int
    lamps: dict[str, SimulatedLamp] = field(default_factory=dict)
    topics: Topics = field(init=False)

    def __post_init__(self) -> None:
        self.topics = Topics(self.id)

    def standing(self, now_ns: int) -> Iterator[Outgoing]:
        """Everything that stands retained."""
        yield self._keep(self.topics.status, status_payload(True, now_ns, VERSION, f"{self.number:012x}"))
        place = PLACES[self.number % len(PLACES)]
        where = (("commune", place.id), ("latitude", place.latitude), ("longitude", place.longitude))
        group = TargetAbout("street", "group", self._street, tuple(self.lamps))
        yield self._keep(self.topics.about, about_payload(GatewayAbout(self.id, where, (group,))))
        for number, lamp in enumerate(self.lamps):
            yield self._keep(self.topics.info(lamp), info_payload(self._info(number, lamp)))
            yield from self.changed(lamp, now_ns)
        yield self.group(now_ns)

    def changed(self, lamp: str, now_ns: int) -> Iterator[Outgoing]:
        """What is said of one lamp as it is now."""
        own = self.lamps[lamp]
        light = LightState(lamp, own.level, own.source, None, True, now_ns)
        yield self._keep(self.topics.light(lamp), light_payload(light))
        yield self.measured(lamp, now_ns)

    def measured(self, lamp: str, now_ns: int) -> Outgoing:
        """What one lamp measures now."""
        own = self.lamps[lamp]
        values = (own.level, NOMINAL_W * own.level / 100, own.energy_kwh, 1_200.0, 231.5, 0.0)
        state = DeviceState(lamp, True, now_ns, tuple(zip(POINTS, values, strict=True)))
        return self._keep(self.topics.state(lamp), state_payload(state))

    def group(self, now_ns: int) -> Outgoing:
        """What all lamps are to have together."""
        levels = [lamp.level for lamp in self.lamps.values()]
        low, high = min(levels), max(levels)
        source = next(iter(self.lamps.values())).source
        state = TargetState(
            "street", low if low == high else None, low, high, source, None, True, now_ns, len(levels), 0
        )
        return self._keep(self.topics.light("street"), target_payload(state))

    def obey(self, command: Command, now_ns: int) -> Iterator[Outgoing | Outcome]:
        """What becomes of a command: outcomes, and what is said of the lamps."""
        asked = dict(command.arguments)
        lamps = list(self.lamps) if command.target in ("street", self.id) else [command.target]
        if command.verb != "light" or any(lamp not in self.lamps for lamp in lamps):
            yield Outcome(
                command.id, CommandState.FAILED, f"nothing to do {command.verb} with: {command.target}"
            )
            return
        level = asked.get("level")
        wanted = 40.0 if level is None else float(level)
        yield Outcome(command.id, CommandState.ACCEPTED)
        fields = (("level", wanted), ("lamps", len(lamps)))
        yield Outcome(command.id, CommandState.APPLIED, "", (*fields, ("verified", 0)))
        for lamp in lamps:
            source = LightSource.OVERRIDE if level is not None else LightSource.PROGRAM
            self.lamps[lamp].level, self.lamps[lamp].source = wanted, source
            yield from self.changed(lamp, now_ns)
        yield self.group(now_ns)
        yield Outcome(command.id, CommandState.VERIFIED, "", (*fields, ("verified", len(lamps))))

    @property
    def _street(self) -> str:
        return STREETS[self.number % len(STREETS)]

    def _info(self, number: int, lamp: str) -> DeviceInfo:
        place = PLACES[self.number % len(PLACES)]
        row = self.number // len(PLACES)
        where = (
            ("commune", place.id),
            ("street", self._street),
            ("pole", f"{self.number:04d}/{number + 1:02d}"),
            ("latitude", round(place.latitude + STEP_DEG * (row % 8) * 2, 6)),
            ("longitude", round(place.longitude + STEP_DEG * (number + 25 * (row // 8)), 6)),
        )
        points = tuple(_point(name) for name in POINTS)
        return DeviceInfo(lamp, "simulated-lamp", f"Đèn {number + 1}", points, where, "lamp")

    def _keep(self, topic: str, payload: bytes) -> Outgoing:
        return Outgoing(topic, payload, retain=True)


def gateways_of(count: int, lamps: int) -> list[SimulatedGateway]:
    """The town."""
    made = []
    for number in range(count):
        gateway = SimulatedGateway(f"sim-{number:04d}", number)
        gateway.lamps = {f"lamp-{lamp + 1:02d}": SimulatedLamp() for lamp in range(lamps)}
        made.append(gateway)
    return made


class MqttTown:
    """Speaks for all gateways over one connection."""

    def __init__(self, settings: Mqtt, gateways: Sequence[SimulatedGateway], seed: int = 1) -> None:
        self.gateways = {gateway.id: gateway for gateway in gateways}
        self._clock, self._chance = SystemClock(), random.Random(seed)
        self._wire = Wire(wire_options(settings, "gianh-sim-town", None), self._heard)
        self._commands: asyncio.Queue[Incoming] = asyncio.Queue()
        self.told = 0

    async def open(self) -> None:
        """Connect, and say everything that stands."""
        await self._wire.open()
        await self._wire.subscribe_to(f"{ROOT}/+/command/+/+")
        for gateway in self.gateways.values():
            await self.say(list(gateway.standing(self._clock.utc_ns())))

    async def close(self) -> None:
        """Leave; what stands goes on standing."""
        await self._wire.close()

    async def say(self, messages: Sequence[Outgoing]) -> None:
        """Send messages, and wait for their receipts."""
        for begin in range(0, len(messages), LOT):
            lot = messages[begin : begin + LOT]
            await self._wire.send(lot).done
            self.told += len(lot)

    async def answer(self) -> None:
        """Obey commands, until cancelled."""
        while True:
            message = await self._commands.get()
            gateway = self.gateways.get(message.topic.split("/")[2])
            if gateway is None:
                continue
            stamp = self._clock.stamp()
            request = read_request(message, gateway.topics, stamp)
            command = request.command
            news = (
                [Outcome(request.id, CommandState.FAILED, request.reason)]
                if command is None
                else gateway.obey(command, stamp.utc_ns or 0)
            )
            correlation = request.address.correlation
            said = [
                one
                if isinstance(one, Outgoing)
                else Outgoing(request.address.topic, outcome_payload(one), correlation=correlation)
                for one in news
            ]
            await self.say(said)

    async def change(self, per_second: float) -> None:
        """Have lamps measure something new, so many a second, until cancelled."""
        names = list(self.gateways)
        while True:
            gateway = self.gateways[self._chance.choice(names)]
            lamp = self._chance.choice(list(gateway.lamps))
            gateway.lamps[lamp].energy_kwh += 0.01
            await self.say([gateway.measured(lamp, self._clock.utc_ns())])
            await asyncio.sleep(1 / per_second)

    def _heard(self, message: Incoming) -> None:
        if not message.retain:
            self._commands.put_nowait(message)


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `run` wants to be told."""
    parser.add_argument("--mqtt", default="mqtt://127.0.0.1:1883", metavar="URL", help="the broker")
    parser.add_argument(
        "--town", type=_town, default=(20, 20), metavar="GxL", help="gateways and lamps of each (20x20)"
    )
    parser.add_argument(
        "--changes", type=float, default=5.0, metavar="N", help="lamps that change in a second"
    )
    parser.add_argument("--seed", type=int, default=1, help="same seed, same changes (default 1)")


def run(options: argparse.Namespace) -> int:
    """Speak until stdin (a pipe) closes, SIGINT or SIGTERM; gives the exit code."""
    try:
        settings = Mqtt(url=options.mqtt)
        asyncio.run(_run(options, settings))
    except (GianhError, ValueError, OSError) as error:
        sys.stderr.write(f"gianh sim town: {error}\n")
        return FAILED
    return DONE


async def _run(options: argparse.Namespace, settings: Mqtt) -> None:
    stop = until_over()
    count, lamps = options.town
    town = MqttTown(settings, gateways_of(count, lamps), options.seed)
    tasks: list[asyncio.Task[None]] = []
    try:
        await town.open()
        sys.stdout.write(json.dumps({"ready": True, "gateways": count, "lamps": count * lamps}) + "\n")
        sys.stdout.flush()
        tasks = [asyncio.ensure_future(town.answer())]
        if options.changes > 0:
            tasks.append(asyncio.ensure_future(town.change(options.changes)))
        waiting = asyncio.ensure_future(stop.wait())
        await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await town.close()


def _town(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,4})x(\d{1,4})", text)
    if found is None or not 0 < int(found[1]) <= GATEWAYS_MAX or not 0 < int(found[2]) <= LAMPS_MAX:
        raise argparse.ArgumentTypeError("give gateways x lamps of each, such as 1000x20")
    return int(found[1]), int(found[2])


def _point(name: str) -> PointInfo:
    known = quantity(name)
    assert known is not None
    return PointInfo(name, known.unit, known.display, known.kind.value, known.en, known.vi)
