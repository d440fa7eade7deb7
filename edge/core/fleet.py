"""Which configuration a gateway has from the centre, and what became of it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum

from edge.core.watchers import Watchers


class Phase(StrEnum):
    """What became of the newest configuration that the centre sent."""

    NONE = "none"
    """None was ever sent: the file was made here."""
    TRIAL = "trial"
    """It is in place, and has to show that the gateway is well with it."""
    KEPT = "kept"
    """It stays."""
    RETURNED = "returned"
    """It was taken back, and the one before is in place again."""


@dataclass(frozen=True, slots=True)
class ConfigState:
    """`version` and `digest` of the newest one sent, `at_ns` when this phase began (UTC), `reason` why it was
    taken back, `changed` whether the file was changed here since.
    """

    phase: Phase
    version: int = 0
    digest: str = ""
    at_ns: int | None = None
    reason: str = ""
    signed_by: str = ""
    changed: bool = False


class ConfigBoard:
    """The state for whoever shows it."""

    def __init__(self, state: ConfigState) -> None:
        self.state = state
        self._watchers: Watchers[ConfigState] = Watchers(lambda _: self.state)

    def tell(self, state: ConfigState) -> None:
        """Show another state."""
        self.state = state
        self._watchers.tell(_ONE)

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[ConfigState]]:
        """The state as it changes, as it is first."""
        return self._watchers.watch([_ONE])


_ONE = "state"
