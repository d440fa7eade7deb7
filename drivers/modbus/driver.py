"""Modbus devices as the runtime sees them: polls, probes and commands over one link."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from drivers.coded import ProfilePoint
from drivers.layout import by_interval, layout_of, unit_of
from drivers.modbus.counters import LinkCounters
from drivers.modbus.curves import on_curve
from drivers.modbus.decode import Decoder, decoder_of
from drivers.modbus.encode import encode
from drivers.modbus.lamps import ModbusLamps
from drivers.modbus.link import ModbusLink
from drivers.modbus.plan import Block, culprit, split
from drivers.modbus.refusal import ILLEGAL_ADDRESS
from drivers.modbus.registers import blocks_of, map_of, planned_block, unpacked
from drivers.modbus.round import Round, blocks_wire_s, memory_key, planned, recalled
from drivers.profile import Profile, load_profile
from edge.config.schema import Bus, Device, Gateway
from edge.core.errors import Busy, ConfigError, Refused
from edge.core.model import Poll, Reading, Stamp
from edge.core.ports import Breathe, Clock, Memory
from edge.core.registers import MappedPoint, RegisterBlock
from edge.core.sayings import say

BUSY_RETRY_S = 0.1
"""A device that says it is busy is asked once more within the same round, after this."""


@dataclass(slots=True)
class _Haul:
    """What one round has brought so far."""

    stamp: Stamp | None = None
    pieces: list[tuple[Block, bytes | None]] = field(default_factory=list)
    barriers: set[Block] = field(default_factory=set)
    refused: Refused | None = None


class ModbusDriver(ModbusLamps):
    """Reads and writes the devices of one Modbus bus, as their profiles say; lamps also as LampDriver.

    A successor on the same line (changed configuration) is given the open `link` of the one before.
    Raises ConfigError for a device that its profile cannot be.
    """

    def __init__(
        self,
        bus: Bus,
        devices: Sequence[Device],
        gateway: Gateway,
        memory: Memory,
        clock: Clock,
        link: ModbusLink | None = None,
        load: Callable[[str], Profile] = load_profile,
    ) -> None:
        self.link = ModbusLink(bus) if link is None else link
        models = {device.id: (device, on_curve(load(device.profile), device)) for device in devices}
        super().__init__(bus, models, self.link)
        self._gateway, self._memory, self._clock = gateway, memory, clock
        rounds = [
            made for device, profile in self._devices.values() for made in self._rounds_of(device, profile)
        ]
        self._polls = tuple(made.poll for made in rounds)
        self._rounds = {(made.poll.device, made.poll.interval_s): made for made in rounds}

    @property
    def polls(self) -> Sequence[Poll]:
        """One for each device and interval."""
        return self._polls

    @property
    def counters(self) -> LinkCounters:
        """What the link counted."""
        return self.link.counters

    async def open(self) -> None:
        """Open the line. Raises LinkDown."""
        await self.link.open()

    async def close(self) -> None:
        """Close the line; safe at any time, also twice."""
        await self.link.close()

    async def read(self, poll: Poll, breathe: Breathe) -> Reading:
        """One round. Raises NoAnswer, ProtocolError, Busy or LinkDown at the first request that meets it,
        Refused where no request brought anything."""
        made = self._rounds[poll.device, poll.interval_s]
        haul = _Haul()
        for index, block in enumerate(made.blocks):
            if index:
                await breathe()
            await self._fetch(made, block, breathe, haul)
        if haul.stamp is None:
            raise haul.refused or Refused(say("nothing_to_read", device=poll.device))
        decoder = made.decoder
        if haul.barriers:
            self._learn(made, frozenset(haul.barriers))
            decoder = Decoder(made.points, [block for block, _ in haul.pieces])
        values, flags = decoder.decode([data for _, data in haul.pieces])
        return Reading(haul.stamp, values, flags)

    async def probe(self, poll: Poll) -> None:
        """Ask for the first value of the first request alone. Raises as `read` does."""
        made = self._rounds[poll.device, poll.interval_s]
        if not made.blocks:
            raise Refused(say("nothing_to_read", device=poll.device))
        block = made.blocks[0]
        count = min(
            (
                point.count
                for point in made.points
                if point.table is block.table and point.address == block.address
            ),
            default=block.count,
        )
        await self.link.read(made.address, block.table, block.address, count)

    async def write(self, device: str, what: str, value: float, breathe: Breathe) -> None:
        """Carry out one of the profile's commands. Raises ConfigError for a command that there is not,
        Refused for a value outside its range, and as `read` does."""
        if device not in self._devices:
            raise ConfigError(say("no_device_on_bus", device=device, bus=self._bus.id))
        configured, profile = self._devices[device]
        command = profile.command(what, configured.channel, configured.sub_address)
        low, high = command.range
        if not math.isfinite(value) or not low <= value <= high:
            raise Refused(
                say(
                    "out_of_range",
                    device=device,
                    point=what,
                    low=f"{low:g}",
                    high=f"{high:g}",
                    value=f"{value:g}",
                )
            )
        registers = encode(command, value)
        await self.link.write(
            configured.address, command.table, command.address, registers, many=command.multiple
        )

    def blocks_of(self, device: str) -> Sequence[RegisterBlock]:
        """As RegisterDriver. Raises ConfigError."""
        return blocks_of(device, self._rounds.values())

    def map_of(self, device: str) -> Sequence[MappedPoint]:
        """As RegisterDriver."""
        return map_of(device, self._rounds.values())

    async def read_registers(self, device: str, block: RegisterBlock, breathe: Breathe) -> Sequence[int]:
        """As RegisterDriver. Raises ConfigError for a block that is not polled, else as `read`."""
        unit, asked = planned_block(device, block, self._rounds.values())
        return unpacked(asked, await self.link.read(unit, asked.table, asked.address, asked.count))

    async def _fetch(self, made: Round, block: Block, breathe: Breathe, haul: _Haul) -> None:
        """Ask for a block; one that has an address which is not there is taken apart."""
        try:
            data = await self._ask(made, block)
        except Refused as refused:
            haul.refused = refused
            halves = split(block, made.points) if refused.code == ILLEGAL_ADDRESS else ()
            if not halves:
                haul.pieces.append((block, None))
                if refused.code == ILLEGAL_ADDRESS:
                    haul.barriers.add(block)
                return
            await self._take_apart(made, block, halves, breathe, haul)
            return
        haul.stamp = self._clock.stamp()
        haul.pieces.append((block, data))

    async def _take_apart(
        self, made: Round, block: Block, halves: Sequence[Block], breathe: Breathe, haul: _Haul
    ) -> None:
        first = len(haul.pieces)
        for half in halves:
            await breathe()
            await self._fetch(made, half, breathe, haul)
        if all(data is not None for _, data in haul.pieces[first:]):
            haul.barriers.add(culprit(block, halves))

    async def _ask(self, made: Round, block: Block) -> bytes:
        try:
            return await self.link.read(made.address, block.table, block.address, block.count)
        except Busy:
            await self._clock.sleep(BUSY_RETRY_S)
            return await self.link.read(made.address, block.table, block.address, block.count)

    def _learn(self, made: Round, barriers: frozenset[Block]) -> None:
        # Only where the device answered something: one that refuses everything may just be starting.
        learnt = made.having_learnt(barriers)
        self._rounds[made.poll.device, made.poll.interval_s] = learnt
        learnt.remember(self._memory)

    def _rounds_of(self, device: Device, profile: Profile) -> list[Round]:
        return [
            self._round(device, profile, interval_s, points)
            for interval_s, points in by_interval(device, profile)
        ]

    def _round(
        self, device: Device, profile: Profile, interval_s: float, points: tuple[ProfilePoint, ...]
    ) -> Round:
        key = memory_key(device.id, profile, points)
        barriers = recalled(self._memory, key)
        blocks = planned(profile, points, barriers)
        poll = Poll(
            device=device.id,
            unit=unit_of(self._bus, device),
            layout=layout_of(self._gateway, device, profile, points),
            interval_s=interval_s,
            requests=len(blocks),
            wire_s=blocks_wire_s(self._bus, profile, blocks),
        )
        return Round(poll, device.address, points, profile, key, barriers, blocks, decoder_of(points, blocks))
