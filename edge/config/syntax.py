"""What tomllib found, in plain words. Pure."""

import re
import tomllib
from pathlib import Path
from typing import Any

from edge.config.faults import ConfigErrors, Fault

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_REMEDIES = (
    ("Cannot overwrite a value", "this key is here a second time; keep one"),
    ("Cannot declare", "this table is here a second time; keep one, or write [[...]] for several"),
    ("Invalid value", "this is no value; put text in double quotes"),
    ("Unterminated string", "a text has no closing quote"),
    ("Illegal character '\\n'", "a text has no closing quote on its line"),
    ("Unescaped '\\'", "write \\\\ for a backslash, or put the text in single quotes"),
    ("Expected '=' after a key", "a key needs = and a value; a key of several words needs quotes"),
    ("Expected ']'", "a [table] or [[table]] has no closing bracket"),
    ("Unclosed array", "a list has no closing ]"),
    ("Expected newline", "a line has one key and one value, and text in double quotes"),
    ("Invalid statement", "a line begins with a key, [table] or #; a key of other letters needs quotes"),
)


def parsed(text: str, file: Path) -> dict[str, Any]:
    """The text as tomllib reads it. Raises ConfigErrors with the line and what to write instead."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else max(1, len(text.rstrip().splitlines()))
        raise ConfigErrors([Fault(file, line, "", _sentence(_PLACE.sub("", str(error))))]) from error
    except RecursionError as error:
        raise ConfigErrors([Fault(file, None, "", "lists or tables nest too deeply")]) from error


def _sentence(said: str) -> str:
    remedy = next((words for start, words in _REMEDIES if said.startswith(start)), said.lower())
    return f"not valid TOML: {remedy}"
