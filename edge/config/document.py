"""docs/configuration.md, made from the schema: `python -m edge.config.document docs/configuration.md`."""

import ast
import inspect
import sys
import textwrap
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from edge.config.schema import Config
from edge.config.section import Section

INTRODUCTION = """\
# gateway.toml

Every section and key of the configuration, made from the schema by `python -m edge.config.document`.
`gianh check -c gateway.toml` tells every fault at once, `gianh check --explain` prints what is in force.
Sections in double brackets may stand more than once. A key without a default must be given. An id is 1 to 32
of a-z, 0-9 and -, not beginning with -.
"""


def configuration_markdown() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *sections_markdown(Config)])


def sections_markdown(config: type[Section]) -> list[str]:
    """The sections of a file, each with its keys."""
    parts = []
    for name, field in config.model_fields.items():
        model = section_of(field)
        title = f"[[{name}]]" if get_origin(field.annotation) is tuple else f"[{name}]"
        parts.append(f"## {title}\n\n{_about(model)}\n\n{_table(model)}\n")
        for key, inner in model.model_fields.items():
            if (table := inner_section(inner)) is not None:
                parts.append(f"### {name}.{key}: inline tables\n\n{_about(table)}\n\n{_table(table)}\n")
    return parts


def section_of(field: FieldInfo) -> type[Section]:
    """The model of a section, however it is wrapped."""
    found = inner_section(field)
    assert found is not None
    return found


def inner_section(field: FieldInfo) -> type[Section] | None:
    """The model of the tables that a key holds, or None if it holds none."""
    found = [part for part in _flat(field.annotation) if isinstance(part, type) and issubclass(part, Section)]
    return found[0] if found else None


def _flat(annotation: Any) -> list[Any]:
    parts = get_args(annotation)
    return [leaf for part in parts for leaf in _flat(part)] if parts else [annotation]


def _about(model: type[Section]) -> str:
    text = inspect.cleandoc(model.__doc__ or "")
    about = " ".join(text.split(": ", 1)[-1].split())
    return about[0].upper() + about[1:]


def _table(model: type[Section]) -> str:
    meanings = key_meanings(model)
    rows = ["| key | default | meaning |", "| --- | --- | --- |"]
    for name, field in model.model_fields.items():
        default = "" if field.is_required() else f"`{_literal(field.get_default(call_default_factory=True))}`"
        limits = _limits(field)
        meaning = " ".join(part for part in (meanings.get(name, ""), limits) if part)
        rows.append(f"| `{name}` | {'-' if default == '`not set`' else default} | {meaning} |")
    return "\n".join(rows)


def key_meanings(model: type[Section]) -> dict[str, str]:
    """What stands as a docstring behind each key, on one line."""
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(body, ast.ClassDef)
    meanings: dict[str, str] = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        match before, after:
            case ast.AnnAssign(target=ast.Name(id=key)), ast.Expr(value=ast.Constant(value=str(text))):
                meanings[key] = " ".join(text.split())
    return meanings


def _limits(field: FieldInfo) -> str:
    words = {"ge": "from", "gt": "above", "le": "to", "lt": "below"}
    limits = [
        f"{words[name]} {value:,}".replace(",", " ")
        for part in field.metadata
        for name in words
        if (value := getattr(part, name, None)) is not None
    ]
    return f"({' '.join(limits)})" if limits else ""


def _literal(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[]" if not value else str(list(value))
    return f'"{value}"' if isinstance(value, str | Path) else str(value)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(configuration_markdown(), "utf-8")
