"""gateway.toml as the editor of the plan reads and writes it, with what it was before each change. Blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.config import installed
from edge.config.faults import ConfigErrors
from edge.config.load import problems_in, read_text
from edge.config.plan_view import PlanDraft, PlanFault, config_of, drafted, mended
from edge.config.schema import Config
from edge.config.syntax import parsed
from edge.config.versions import Version, Versions
from edge.console.plan_board import PlanConflict
from edge.core.errors import ConfigError
from edge.core.owned import writing
from edge.core.sayings import say
from edge.lighting.problems import problems_of_plans
from edge.wiring.problems import problems_of_wiring

CHANGED = say("plan_changed_meanwhile")


@dataclass(frozen=True, slots=True)
class Written:
    """The file as it lies there; `newest` is the last change of the plan that is kept."""

    text: str
    data: Mapping[str, Any]
    newest: Version | None

    @property
    def version(self) -> str:
        """By what the text is recognised."""
        return installed.sha_of(self.text)

    @property
    def undoable(self) -> Version | None:
        """The last change, if nobody changed the file since."""
        return self.newest if self.newest is not None and self.newest.after == self.version else None

    @property
    def draft(self) -> PlanDraft:
        """The plan. Raises PlanConflict where it is written so wrongly that it cannot be shown."""
        try:
            return drafted(self.data)
        except ConfigError as error:
            raise PlanConflict(str(error)) from error

    @property
    def config(self) -> Config | None:
        """The configuration, None if it is not right."""
        return config_of(self.data)

    def with_draft(self, draft: PlanDraft) -> tuple[Config | None, list[PlanFault]]:
        """The configuration with another plan, or everything that is wrong with it; drivers are not asked."""
        fade = {} if draft.fade_s is None else {"fade_s": draft.fade_s}
        lighting = dict(self.data.get("lighting", {})) | fade
        tables = draft.tables()
        data = dict(self.data) | tables | ({"lighting": lighting} if lighting else {})
        problems = problems_in(data, Path(), problems_of_plans, files=False)
        if problems:  # a step whose level is wrong may come at a wrong time as well
            problems += problems_in(data | mended(tables), Path(), problems_of_plans, files=False)
        found = dict.fromkeys(PlanFault(tuple(path), message) for path, message in problems)
        return (None if found else config_of(data)), [*found]


class PlanFile:
    """The file and its versions. Raises TransientError where they cannot be read or written."""

    def __init__(self, file: Path, data_dir: Path) -> None:
        self._file, self._versions = file, Versions(data_dir)

    def read(self) -> Written:
        """The file now. Raises PlanConflict where it cannot be read, or is no TOML."""
        try:
            text = read_text(self._file)
            return Written(text, parsed(text, self._file), self._versions.newest())
        except ConfigErrors as errors:
            raise PlanConflict(str(errors.faults[0])) from errors

    def write(self, version: str, after: str, what: Sequence[str], by: str, at_ns: int | None) -> None:
        """Put another text in place of that version: checked whole, and what was before kept first."""
        with writing(self._file):
            before = self.read()
            if before.version != version:
                raise PlanConflict(CHANGED)
            try:
                installed.check_text(self._file, after, problems_of_wiring)
            except ConfigErrors as errors:
                one = errors.faults[0]
                raise PlanConflict(say("plan_not_right", key=one.key, why=one.message)) from errors
            self._versions.add(at_ns, by, list(what), before.text, installed.sha_of(after))
            installed.put(self._file, after)

    def put_back(self, one: Version) -> None:
        """What was before a change."""
        with writing(self._file):
            installed.put(self._file, one.before)

    def put_again(self, text: str) -> None:
        """A text that was there already."""
        with writing(self._file):
            installed.put(self._file, text)

    def drop(self, one: Version) -> None:
        """Forget a change that was taken back."""
        with writing(self._file):
            self._versions.drop(one)
