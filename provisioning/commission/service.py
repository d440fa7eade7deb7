"""Does the steps of a commissioning, for the terminal and for pages: each is on disk before it counts."""

import contextlib
import hashlib
from collections.abc import Callable
from typing import TypeVar

from edge.config.commissioning import (
    BusAnswer,
    CommentAnswer,
    DeviceAnswer,
    PlaceAnswer,
    PowerAnswer,
    SignAnswer,
    TestAnswer,
)
from edge.config.commissioning_view import Photographed, Step, View
from edge.core.errors import ConfigError, TransientError
from edge.core.ports import Aside
from edge.core.sayings import say
from provisioning.commission.bench import Bench, known
from provisioning.commission.facts import Reloaded, Removed
from provisioning.commission.hands import Hands
from provisioning.commission.measuring import measured, tested
from provisioning.commission.photo import stripped
from provisioning.commission.place import checked
from provisioning.commission.state import Commission

T = TypeVar("T")


class Commissioning:
    """The commissioning of one gateway; `aside` does what blocks. `by` is who did a step."""

    def __init__(self, bench: Bench, hands: Hands, aside: Aside) -> None:
        self.bench = bench
        self._hands, self._aside = hands, aside

    async def look(self) -> View:
        """What was done and what is still to do."""
        return await self._done(self.bench.view)

    async def place(self, answer: PlaceAnswer, by: str) -> View:
        """Say where the cabinet is. Raises ConfigError where the place and the commune do not fit."""
        fact = checked(answer)
        return await self._done(lambda: self.bench.note(Step.PLACE, fact, by))

    async def bus(self, answer: BusAnswer, by: str) -> View:
        """Say which line there is."""
        return await self._done(lambda: self.bench.note(Step.BUS, answer, by))

    async def device(self, answer: DeviceAnswer, by: str) -> View:
        """Say which device there is; another answer about the same one takes the former's place."""
        return await self._done(lambda: self.bench.note(Step.DEVICE, answer, by))

    async def remove(self, device: str, by: str) -> View:
        """Leave a device out again; what gateway.toml says of it stays until writing is undone."""
        return await self._done(lambda: self.bench.note(Step.REMOVE, Removed(device=device), by))

    async def write(self, by: str) -> View:
        """Put what was answered into gateway.toml and have the gateway take it.

        Raises ConfigErrors, and changes nothing, if the file would not be right; ConfigError, and puts the
        former file back, if the running gateway refuses it; TransientError if no gateway runs: the file is in
        place then, and writing again once it runs finishes the step.
        """
        await self._done(lambda: self.bench.write(by))
        try:
            said = await self._hands.reload()
        except ConfigError:
            await self._done(lambda: self.bench.undo(by))
            raise
        return await self._done(lambda: self.bench.note(Step.RELOAD, Reloaded(said=said), by))

    async def test(self, device: str, answer: TestAnswer, by: str) -> View:
        """Show that a device is the one that is meant; the result is kept, good or not."""
        known(await self._loaded(), device)
        fact = await tested(self._hands, device, answer)
        return await self._done(lambda: self.bench.note(Step.TEST, fact, by))

    async def blink(self, device: str) -> None:
        """Let a lamp blink, for somebody who looks."""
        known(await self._loaded(), device)
        await self._hands.blink(device)

    async def power(self, device: str, answer: PowerAnswer, by: str) -> View:
        """Measure what a lamp draws at full light; the result is kept, good or not."""
        whole = await self._loaded()
        known(whole, device)
        fact = await measured(self._hands, whole.devices[device], answer)
        return await self._done(lambda: self.bench.note(Step.POWER, fact, by))

    async def photo(self, content: bytes, by: str) -> View:
        """Keep a photo beside the record. Raises ConfigError for what is none, or too large."""
        picture, kind = stripped(content)
        sha256 = hashlib.sha256(picture).hexdigest()
        fact = Photographed(file=f"photo-{sha256[:12]}.{kind}", sha256=sha256, bytes=len(picture))
        await self._done(lambda: self.bench.photo(fact.file, picture))
        return await self._done(lambda: self.bench.note(Step.PHOTO, fact, by))

    async def comment(self, answer: CommentAnswer, by: str) -> View:
        """Keep a remark."""
        return await self._done(lambda: self.bench.note(Step.COMMENT, answer, by))

    async def sign(self, answer: SignAnswer, by: str) -> View:
        """Sign: the record becomes PDF, JSON and labels.

        Raises ConfigError while a step is missing and nobody says why.
        """
        return await self._done(lambda: self.bench.note(Step.SIGN, answer, by))

    async def undo(self, by: str) -> View:
        """Take the last step back, with what it did; without one at work, the last record's signature."""
        _, changed = await self._done(lambda: self.bench.undo(by))
        if changed:
            with contextlib.suppress(TransientError):  # no gateway runs: it reads the file when it starts
                await self._hands.reload()
        return await self.look()

    async def discard(self) -> View:
        """Forget the commissioning at work; gateway.toml stays as it is."""
        await self._done(self.bench.discard)
        return await self.look()

    async def record(self, record: str, name: str) -> bytes:
        """A file of a signed record. Raises ConfigError if there is none."""
        return await self._done(lambda: self.bench.record(record, name).read_bytes())

    async def _loaded(self) -> Commission:
        """What stands; raises ConfigError while the gateway does not know the devices."""
        whole = await self._done(self.bench.whole)
        if not whole.reloaded:
            raise ConfigError(say("configuration_first"))
        return whole

    async def _done(self, work: Callable[[], T]) -> T:
        kept: list[T] = []
        await self._aside(lambda: kept.append(work()))
        return kept[0]
