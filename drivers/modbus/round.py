"""One poll of one device as requests: what is asked, what was learnt, and what the answers mean."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from drivers.coded import ProfilePoint
from drivers.device_model import Profile
from drivers.modbus.decode import Decoder, decoder_of
from drivers.modbus.plan import Block, plan_blocks, read_barriers, wire_time_s, write_barriers
from drivers.modbus.timing import WireTiming
from edge.config.schema import Bus, BusKind
from edge.core.model import Poll
from edge.core.ports import Memory

TCP_REQUEST_S = 0.005
"""What one request over the network is taken to cost when nothing was measured."""

DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class Round:
    """The plan of one poll: `blocks` avoid the `barriers`, which the device refused (exception 02).

    The barriers are kept under `memory_key`, which changes with the points and limits they were learnt for.
    """

    poll: Poll
    address: int
    points: tuple[ProfilePoint, ...]
    profile: Profile
    memory_key: str
    barriers: frozenset[Block]
    blocks: tuple[Block, ...]
    decoder: Decoder

    def having_learnt(self, barriers: frozenset[Block]) -> "Round":
        """The same with more barriers."""
        known = self.barriers | barriers
        blocks = planned(self.profile, self.points, known)
        return replace(self, barriers=known, blocks=blocks, decoder=decoder_of(self.points, blocks))

    def remember(self, memory: Memory) -> None:
        """Keep the barriers over restarts."""
        memory.remember(self.memory_key, write_barriers(sorted(self.barriers)))


def planned(
    profile: Profile, points: Sequence[ProfilePoint], barriers: frozenset[Block]
) -> tuple[Block, ...]:
    """The requests that bring `points`, by the profile's limits."""
    return plan_blocks(points, profile.limits.gap_max, profile.limits.count_max, barriers)


def memory_key(device: str, profile: Profile, points: Sequence[ProfilePoint]) -> str:
    """Where the barriers are kept; another key as soon as the points or limits are others."""
    told = repr((profile.limits, [(str(p.table), p.address, p.count) for p in points]))
    digest = hashlib.blake2s(told.encode(), digest_size=DIGEST_BYTES).hexdigest()
    return f"barriers/{device}/{profile.id}/{digest}"


def recalled(memory: Memory, key: str) -> frozenset[Block]:
    """The barriers that were learnt before."""
    text = memory.recall(key)
    return read_barriers(text) if text else frozenset()


def blocks_wire_s(bus: Bus, profile: Profile, blocks: Sequence[Block]) -> float:
    """Seconds that one round takes on the bus."""
    network_s = 0.0 if bus.kind is BusKind.RTU else TCP_REQUEST_S * len(blocks)
    if bus.kind is BusKind.TCP:
        return network_s
    response_s = profile.serial.response_s
    timing = WireTiming.of(bus)
    return network_s + sum(wire_time_s(block, timing, response_s) + bus.pause_s for block in blocks)
