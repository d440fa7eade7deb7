"""The plan of lighting as the console shows and takes it: lenient, so that faults get our sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, ValidationError

from edge.config.lines import Plain
from edge.config.plan import FADE, SECTIONS
from edge.config.schema import Config
from edge.config.section import Section
from edge.core.errors import ConfigError

Name = Annotated[str, Field(max_length=64)]
Text = Annotated[str, Field(max_length=120)]


class StepDraft(Section):
    """A switching: `at` is a local time (`22:30`), or `sunset`, `sunrise` with an offset (`sunset+10m`).

    `fade_s` is how long lamps take to it, null: as all others.
    """

    at: Name
    level: float
    operation: Name = "set"
    fade_s: float | None = None


class SensorDraft(Section):
    """What a sensor may change; kept as it is where nobody changes it."""

    device: Name
    point: Name
    above: float | None = None
    below: float | None = None
    level: float
    operation: Name = "max"
    hold_s: float = 120


class ProgramDraft(Section):
    """A night, step by step."""

    id: Name
    title: Text | None = None
    steps: Annotated[tuple[StepDraft, ...], Field(max_length=100)]
    sensor: Annotated[tuple[SensorDraft, ...], Field(max_length=50)] = ()


class RuleDraft(Section):
    """On which nights another program; the first rule that fits wins."""

    program: Name
    dates: Name | None = None
    weekdays: Annotated[tuple[Name, ...], Field(max_length=7)] = ()
    holiday: Name | None = None


class CalendarDraft(Section):
    """Rules in their order, and the program of all other nights."""

    id: Name
    title: Text | None = None
    default: Name
    rules: Annotated[tuple[RuleDraft, ...], Field(max_length=200)] = ()


class HolidayDraft(Section):
    """Named days."""

    id: Name
    title: Text | None = None
    dates: Annotated[tuple[Name, ...], Field(max_length=100)]


class AssignmentDraft(Section):
    """Which calendar a lamp, group, segment or the gateway follows."""

    target: Name
    calendar: Name


class PlanDraft(Section):
    """All of it; `fade_s` is how long every lamp takes to a new level of the plan, null: as it is."""

    program: Annotated[tuple[ProgramDraft, ...], Field(max_length=200)] = ()
    calendar: Annotated[tuple[CalendarDraft, ...], Field(max_length=200)] = ()
    holiday: Annotated[tuple[HolidayDraft, ...], Field(max_length=200)] = ()
    assignment: Annotated[tuple[AssignmentDraft, ...], Field(max_length=5000)] = ()
    fade_s: float | None = None

    def tables(self) -> dict[str, list[Plain]]:
        """The tables as gateway.toml has them; what is as by default is left out."""
        said = self.model_dump(exclude_none=True, exclude_defaults=True, exclude={FADE})
        return {name: [_whole(one) for one in said.get(name, ())] for name in SECTIONS}


class TargetPlan(Section):
    """What can have a calendar: its own, and the one that all its lamps follow; null where there is none."""

    id: str
    title: str
    kind: str
    own: str | None
    follows: str | None


class Managed(Section):
    """This gateway has its configuration from the centre; `changed` says that it was changed here since."""

    version: int
    phase: str
    changed: bool


class LastChange(Section):
    """The newest change of the plan that can be taken back."""

    at: str | None
    by: str
    what: tuple[str, ...]


class PlanView(Section):
    """The plan as gateway.toml has it; `version` goes into what changes it.

    `trouble` is why it is not in force, empty if it is; `undo` is null where nothing can be taken back.
    """

    plan: PlanDraft
    version: str
    trouble: str
    default_level: float
    targets: tuple[TargetPlan, ...]
    managed: Managed | None
    undo: LastChange | None


@dataclass(frozen=True, slots=True)
class PlanFault:
    """One thing to change: where in the draft, such as program, 0, steps, 2, at; and a sentence."""

    path: tuple[str | int, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a draft is worth: its configuration if it is sound, what it changes, and whom it leaves dark.

    `second_word` has to come with it when it is saved, where lamps would be dark that are not so now.
    """

    config: Config | None
    faults: Sequence[PlanFault]
    changes: Sequence[str]
    dark: str = ""
    second_word: str = ""


def mended(tables: Mapping[str, list[Plain]]) -> dict[str, list[Plain]]:
    """The tables with steps that can be judged by their times, though a level or a word is wrong."""
    programs = [
        program | {"steps": [{"at": step["at"], "level": 100} for step in program["steps"]]}
        for program in tables["program"]
    ]
    return dict(tables) | {"program": programs}


def drafted(data: Mapping[str, Any]) -> PlanDraft:
    """The plan of a file, as a draft to begin with. Raises ConfigError if it is too wrong to be shown."""
    try:
        fade_s = data.get("lighting", {}).get(FADE)
        return PlanDraft.model_validate({name: data.get(name, ()) for name in SECTIONS} | {FADE: fade_s})
    except (ValidationError, AttributeError) as error:
        raise ConfigError(
            "the plan in gateway.toml cannot be read: `gianh check` says what is to be corrected there"
        ) from error


def config_of(data: Mapping[str, Any]) -> Config | None:
    """The configuration of a parsed file, None if it is not right."""
    try:
        return Config.model_validate(data)
    except ValidationError:
        return None


def _whole(value: Any) -> Any:
    """Whole numbers without a point, lists for tuples: as a person writes them."""
    if isinstance(value, dict):
        return {key: _whole(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
