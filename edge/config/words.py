"""What pydantic found, in plain words: what is wrong with a key, and what to write instead. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from edge.config.faults import Problem
from edge.config.lines import KeyPath
from edge.config.schema import Config
from edge.config.section import Section

SHOWN_MAX = 40
"""Longest piece of a wrong value that is shown, in characters."""

_SECRET = re.compile(r"password|token|key|secret")
_CREDENTIALS = re.compile(r"//[^/@\s]*@")
_WANTED = {
    "string": "text in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "path": "a path in quotes",
    "tuple": "a list in [ ]",
    "model": "a table",
    "finite": "a finite number",
}
_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}


def problems_of(
    error: ValidationError, data: Mapping[str, Any], root: type[Section] = Config
) -> list[Problem]:
    """Every key that pydantic refused, once, with its sentence; `root` is the model of the whole file."""
    found: dict[KeyPath, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        found.setdefault(_written(detail["loc"], data), []).append(detail)
    return [(path, _masked(_sentence(path, details, root))) for path, details in found.items()]


def model_at(path: KeyPath, root: type[Section] = Config) -> type[Section] | None:
    """The model of the table at `path`, or None where the schema has no table there."""
    model = root
    for part in path:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        inner = _model_in(field.annotation) if field else None
        if inner is None:
            return None
        model = inner
    return model


def is_many(path: KeyPath, root: type[Section] = Config) -> bool:
    """Whether the schema takes several tables at `path`: [[bus]], not [bus]."""
    return len(path) == 1 and isinstance(root.model_fields[str(path[0])].default, tuple)


def suggestion(word: str, words: Iterable[str]) -> str:
    """`; did you mean 'x'?` where one of `words` is near `word`, else nothing."""
    near = get_close_matches(word, list(words), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _model_in(annotation: Any) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _written(loc: tuple[int | str, ...], data: Any) -> KeyPath:
    """`loc` up to the value that is written: pydantic adds which member of a union it tried."""
    path: KeyPath = ()
    for part in loc:
        if isinstance(data, Mapping):
            data = data.get(str(part))
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part]
        else:
            break
        path += (part,)
    return path


def _sentence(path: KeyPath, details: list[ErrorDetails], root: type[Section]) -> str:
    first = details[0]
    match first["type"]:
        case "missing":
            return _missing(path, root)
        case "extra_forbidden":
            return _unknown(path, root)
        case "value_error":
            return str(first["ctx"]["error"])
        case "tuple_type" if model_at(path, root):
            return f"is one table, but there can be several: write [[{path[-1]}]]"
        case "model_type" if len(path) == 1:
            return f"is not one table: write [{path[-1]}], once"
    wanted = " or ".join(dict.fromkeys(_wanted(path, detail, root) for detail in details))
    return f"must be {wanted}{_but_not(path, first['input'])}"


def _missing(path: KeyPath, root: type[Section]) -> str:
    if len(path) == 1:
        return f"missing: add a table [{path[0]}]"
    table = path[-2] if isinstance(path[-2], str) else path[-3]
    return (
        f"missing: add {path[-1]} = ... to this [[{table}]]"
        if is_many(path[:1], root)
        else (f"missing: add {path[-1]} = ... to [{table}]")
    )


def _unknown(path: KeyPath, root: type[Section]) -> str:
    model = model_at(path[:-1], root) or root
    kind = "section" if len(path) == 1 else "key"
    near = suggestion(str(path[-1]), model.model_fields)
    return f"unknown {kind}" + (near or f": this takes {', '.join(model.model_fields)}")


def _wanted(path: KeyPath, detail: ErrorDetails, root: type[Section]) -> str:
    kind = detail["type"]
    if kind in ("literal_error", "enum"):
        return str(detail["ctx"]["expected"]).replace("'", '"')
    if kind.startswith(("greater", "less")):
        return _bounds(path, root)
    return _WANTED.get(kind.split("_")[0], detail["msg"].removeprefix("Input should be "))


def _bounds(path: KeyPath, root: type[Section]) -> str:
    """Both bounds of a number, or of one in a list, as the schema has them."""
    key = path[:-1] if isinstance(path[-1], int) else path
    model = model_at(key[:-1], root) or root
    rule = model.model_json_schema()["properties"][str(key[-1])]
    rules = [rule, *rule.get("anyOf", ()), rule.get("items", {})]
    return " and ".join(
        f"{words} {rule[bound]:g}" for bound, words in _BOUNDS.items() for rule in rules if bound in rule
    )


def _but_not(path: KeyPath, value: object) -> str:
    if _SECRET.search(str(path[-1])):
        return ""
    if isinstance(value, Mapping | list):
        return ", not a table" if isinstance(value, Mapping) else ", not a list"
    plain = isinstance(value, str | bool | int | float)
    text = json.dumps(value, ensure_ascii=False) if plain else str(value)
    return f", not {text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + '...'}"


def _masked(text: str) -> str:
    return _CREDENTIALS.sub("//***@", text)
