"""The town's Wi-Fi running: the plan is told as its time comes, and the truth is written."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from types import TracebackType

from simulators.simulation import SimulatedTime
from simulators.wifi_plan import Message, plan
from simulators.wifi_sender import NasSender, Patience, SenderCount
from simulators.wifi_truth import truth_json, truth_of
from simulators.wifi_visitors import Scene

TRUTH_EVERY_S = 5.0


class WifiSimulation:
    """Access points that tell `target` of their sessions while the context is entered.

    `secrets` by the id of the NAS. `answered` holds every message that was answered, so that the truth is
    that of the messages told; those on their way may count there or not.
    """

    def __init__(
        self,
        scene: Scene,
        secrets: Mapping[str, bytes],
        target: tuple[str, int],
        clock: SimulatedTime,
        patience: Patience | None = None,
    ) -> None:
        self.scene = scene
        self.answered: list[Message] = []
        self._clock = clock
        self.senders = {
            nas.id: NasSender(
                nas, secrets[nas.id], target, clock.utc_s, self.answered.append, patience, scene.seed
            )
            for nas in scene.network
        }

    async def __aenter__(self) -> "WifiSimulation":
        try:
            for sender in self.senders.values():
                await sender.start()
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        for sender in self.senders.values():
            sender.close()

    async def run(self, until_s: float = float("inf")) -> None:
        """Tell what happens from the simulated start to `until_s`; does not wait for the last answers."""
        for message in plan(self.scene, self._clock.start_s, until_s):
            ahead_s = (message.at_s - self._clock.utc_s()) / self._clock.speed
            await asyncio.sleep(max(0.0, ahead_s))
            self.senders[message.nas].send(message)

    async def drained(self) -> None:
        """Wait until every message that was told is answered."""
        for sender in self.senders.values():
            await sender.drained()

    @property
    def count(self) -> SenderCount:
        """What all senders did together."""
        total = SenderCount()
        for sender in self.senders.values():
            for field in fields(SenderCount):
                setattr(total, field.name, getattr(total, field.name) + getattr(sender.count, field.name))
        return total

    def truth(self) -> dict[str, object]:
        """The exact truth of what was told, as JSON has it."""
        return {"days": truth_json(truth_of(self.answered)), "messages": asdict(self.count)}

    async def keep_truth(self, file: Path) -> None:
        """Write the truth now and then, until cancelled."""
        while True:
            await asyncio.sleep(TRUTH_EVERY_S)
            self.write_truth(file)

    def write_truth(self, file: Path) -> None:
        """Write the truth; a reader never sees half of it."""
        fresh = file.with_name(file.name + ".new")
        fresh.write_text(json.dumps(self.truth(), indent=1) + "\n", "utf-8")
        fresh.replace(file)


def identities(messages: Sequence[Message]) -> set[tuple[bytes, str, bytes, str, str]]:
    """Address, user name, IP, session id and visit of every session in `messages`: what may be nowhere."""
    return {
        (one.guest.address, one.guest.user, one.guest.ip, one.id, one.visit)
        for message in messages
        if (one := message.session) is not None
    }
