"""What the API of the plan asks of whoever keeps gateway.toml."""

from collections.abc import Sequence
from typing import Protocol

from edge.config.plan_view import PlanDraft, PlanFault, PlanView, Verdict
from edge.console.signing import Signature
from edge.core.errors import ConfigError


class PlanConflict(ConfigError):
    """The change cannot be made as things stand now; nothing was changed."""


class PlanRefused(ConfigError):
    """The draft is not right; nothing was changed."""

    def __init__(self, faults: Sequence[PlanFault]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = tuple(faults)


class PlanBoard(Protocol):
    """Everything raises ConfigError for what may not be, with one sentence, and has changed nothing then."""

    async def look(self) -> PlanView:
        """The plan as it stands in gateway.toml, and whether it is in force."""

    async def judge(self, draft: PlanDraft) -> Verdict:
        """What a draft is worth; changes nothing."""

    async def save(self, draft: PlanDraft, version: str, second_word: str, by: Signature) -> PlanView:
        """Write a draft that was begun with this version of the file, and apply it."""

    async def undo(self, version: str, by: Signature) -> PlanView:
        """Take the newest change back, with the file as it was."""

    async def text(self) -> str:
        """The sections of the plan as TOML."""
