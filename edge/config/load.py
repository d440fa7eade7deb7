"""Load gateway.toml: the configuration, or all of its faults at once with file, line and key."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from edge.config.checks import problems_across, problems_of_references
from edge.config.faults import Check, ConfigErrors, Fault, Problem, placed
from edge.config.files import anchored, exposed_secrets, problems_of_files
from edge.config.lines import dotted, lines_of
from edge.config.salvage import mended_devices, salvaged, written_ids
from edge.config.schema import Config
from edge.config.section import Section
from edge.config.syntax import parsed
from edge.config.words import problems_of
from edge.core.errors import ConfigError

S = TypeVar("S", bound=Section)

FILE_BYTES_MAX = 4_000_000
"""Largest configuration; some ten thousand devices."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A sound configuration, its paths absolute; `warnings` ask for a change and do not demand it."""

    config: Config
    file: Path
    warnings: tuple[Fault, ...] = ()


def load(file: Path, extra: Check | None = None, files: bool = True) -> Loaded:
    """The configuration in `file`. Raises ConfigErrors with every fault.

    Without `files` the files that it names are not looked for: they are on another machine.

    `extra` judges further, also when there are faults: it gets the tables that are sound. A bus comes only
    with all of its devices, a group only with members that are there; a device may come without its bus.
    """
    text = read_text(file)
    data = parsed(text, file)
    lines = lines_of(text)
    base = file.resolve().parent
    problems = problems_in(data, base, extra, files)
    if problems:
        raise ConfigErrors(placed(problems, file, lines))
    config = anchored(Config.model_validate(data), base)
    exposed = exposed_secrets(config) if files else ()
    return Loaded(config, file, placed(exposed, file, lines))


def load_section(file: Path, model: type[S]) -> S:
    """Another file of ours, such as the centre's: its model, or ConfigErrors with every fault."""
    text = read_text(file)
    data = parsed(text, file)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigErrors(placed(problems_of(error, data, model), file, lines_of(text))) from error


def section_from(given: Mapping[str, Any], model: type[S], whole: str) -> S:
    """A section from words that were typed, `key=value`; raises ConfigError with every fault of `whole`."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        faults = [f"{dotted(path)}: {text}" for path, text in problems_of(error, given, model)]
        raise ConfigError(f"{whole}: {'; '.join(faults)}") from error


def problems_in(data: Mapping[str, Any], base: Path, extra: Check | None, files: bool) -> list[Problem]:
    """Everything that is wrong with a parsed file that lies in `base`."""
    problems: list[Problem] = []
    try:
        Config.model_validate(data)
    except ValidationError as error:
        problems += problems_of(error, data)
    sound = salvaged(data)
    written = written_ids(data)
    problems += sound.problems(lambda config: problems_across(config, written))
    if files:
        problems += sound.problems(lambda config: problems_of_files(anchored(config, base)))
    mended = mended_devices(data)
    problems += mended.problems(lambda config: list(problems_of_references(config, written)))
    if extra is not None:
        problems += sound.whole(data).problems(extra)
        if mended.config.device:
            problems += mended.problems(extra)
    return problems


def read_text(file: Path) -> str:
    """The text of a configuration. Raises ConfigErrors if it cannot be read, is too large or not UTF-8."""
    try:
        with file.open("rb") as stream:
            content = stream.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise _unreadable(file, f"cannot be read ({error.strerror}): name a file that is there") from error
    if len(content) > FILE_BYTES_MAX:
        raise _unreadable(file, f"has more than {FILE_BYTES_MAX} bytes: is this a configuration?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(file, "is not UTF-8 text here: save the file as UTF-8", line) from error


def _unreadable(file: Path, message: str, line: int | None = None) -> ConfigErrors:
    return ConfigErrors([Fault(file, line, "", message)])
