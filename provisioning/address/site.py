"""Where an address is changed: the line, the journal, and who stands at the device."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from drivers.coded import Table
from drivers.device_model import Profile
from edge.core.errors import PermanentError, TransientError
from provisioning.address.journal import Journal, Way, Where
from provisioning.scan.evidence import Trial
from provisioning.scan.plan import Choice, Question


class AddressLine(Protocol):
    """An open line."""

    async def ask(self, unit: int, question: Question) -> Trial:
        """One question, whatever becomes of it."""

    async def read(self, unit: int, table: Table, address: int, count: int) -> bytes:
        """As ModbusLink.read."""

    async def write(self, unit: int, table: Table, address: int, values: Sequence[int], many: bool) -> None:
        """As ModbusLink.write."""


class Lines(Protocol):
    """Opens the line with given settings."""

    def at(
        self, choice: Choice | None, answer_s: float, quiet_s: float
    ) -> AbstractAsyncContextManager[AddressLine]:
        """The line at these settings."""

    async def pause(self, for_s: float) -> None:
        """Ask nobody for so long, so that whoever is late has said what it has to say."""


class Hands(Protocol):
    """Who stands at the device."""

    async def restart(self, profile: str, where: Where) -> bool:
        """Take its power away and give it again; False where nobody can."""


Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Site:
    """All that a change needs around it."""

    lines: Lines
    journal: Journal
    hands: Hands
    say: Say


@dataclass(frozen=True, slots=True)
class Change:
    """What is wanted: a device of this profile from one place to another. `others` are all profiles.

    `began` is where it was at first, where an interrupted change goes on.
    """

    place: str
    profile: Profile
    old: Where
    new: Where
    others: Sequence[Profile] = ()
    began: Where | None = None
    way: Way = Way.THERE


class NotAlone(PermanentError):
    """More than one device could obey, or the new address is taken: nothing was written."""


class Guess(PermanentError):
    """The device is not surely of this kind: nothing was written."""


class Kept(PermanentError):
    """The device is where it was, though it was written to."""


class Shared(PermanentError):
    """The device went to its new place, but another one was or is at the same address."""


class Lost(TransientError):
    """Where it is, or where it will be when it starts next, is not known; the journal knows what was done."""
