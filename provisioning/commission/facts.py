"""What each step of a commissioning leaves in the journal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field, SerializeAsAny, ValidationError, model_validator

from edge.config.commissioning import BusAnswer, CommentAnswer, DeviceAnswer, SignAnswer
from edge.config.commissioning_view import Measured, Photographed, Placed, Step, Tested
from edge.config.section import Section
from edge.core.errors import GianhError
from edge.core.sayings import say


class Begun(Section):
    """Which gateway, by which file, and under which name the record will be found."""

    id: str
    gateway: str
    file: str


class Removed(Section):
    """A device that is no longer part of this."""

    device: str


class Written(Section):
    """gateway.toml is to be `after` (SHA-256), was `before`, kept in `backup`; `plan` is what it says."""

    backup: str
    before: str
    after: str
    plan: str


class Reloaded(Section):
    """The running gateway took the file, and what it said."""

    said: str


class Undone(Section):
    """So many of the last standing steps were taken back."""

    count: Annotated[int, Field(ge=1)]


FACTS: Mapping[Step, type[Section]] = MappingProxyType(
    {
        Step.BEGIN: Begun,
        Step.PLACE: Placed,
        Step.BUS: BusAnswer,
        Step.DEVICE: DeviceAnswer,
        Step.REMOVE: Removed,
        Step.WRITE: Written,
        Step.RELOAD: Reloaded,
        Step.TEST: Tested,
        Step.POWER: Measured,
        Step.PHOTO: Photographed,
        Step.COMMENT: CommentAnswer,
        Step.SIGN: SignAnswer,
        Step.UNDO: Undone,
    }
)


class Entry(Section):
    """A line of the journal: `at` is RFC 3339, `by` who did it."""

    at: str
    by: str
    step: Step
    fact: SerializeAsAny[Section]

    @model_validator(mode="before")
    @classmethod
    def _typed(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("fact"), dict):
            return given | {"fact": FACTS[Step(str(given.get("step")))].model_validate(given["fact"])}
        return given


def entry_of(line: bytes) -> Entry:
    """A line of the journal read back. Raises GianhError."""
    try:
        return Entry.model_validate(json.loads(line))
    except (ValidationError, ValueError) as error:
        raise GianhError(say("journal_line", line=f"{line[:60]!r}")) from error


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label: `name` large, `where` and `what` small, `code` in the QR code."""

    name: str
    where: str
    what: str
    code: str
