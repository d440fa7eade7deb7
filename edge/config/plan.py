"""The plan of lighting in gateway.toml: which sections it is, and how other ones are written there. Pure."""

import tomllib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from edge.config.lines import Plain
from edge.core.errors import ConfigError
from edge.core.sayings import say

SECTIONS: Mapping[str, str] = MappingProxyType(
    {"program": "id", "holiday": "id", "calendar": "id", "assignment": "target"}
)
"""The sections of the plan, and what tells one table of each from the others."""

FADE = "fade_s"
"""The key of [lighting] that belongs to the plan too."""

Plan = Mapping[str, Sequence[Plain]]
"""The tables of each section as tomllib reads them."""


def plan_in(data: Mapping[str, Any]) -> dict[str, list[Plain]]:
    """The plan of a parsed file."""
    return {name: list(data.get(name, ())) for name in SECTIONS}


def with_plan(text: str, plan: Plan, fade_s: float | None = None) -> str:
    """The text with another plan; everything else stays as it was written, comments too.

    Raises ConfigError where the text says its plan in a way that cannot be kept.
    """
    written = _written(text, plan, fade_s)
    if _read(written) != _expected(text, plan, fade_s):
        raise ConfigError(say("no_room_for_plan"))
    return written


def plan_text(plan: Plan) -> str:
    """The sections of the plan alone, as TOML."""
    return _written("", plan, None).lstrip("\n")


def _written(text: str, plan: Plan, fade_s: float | None) -> str:
    # Loaded here: tomlkit takes 1 MB, which a gateway needs on the day alone when its plan is changed.
    from edge.config.rewrite import Rewriting

    writing = Rewriting(text)
    for name, key in SECTIONS.items():
        writing.replace_members(name, key, plan[name])
    if fade_s is not None:
        writing.put("lighting", {FADE: fade_s})
    return writing.text


def _expected(text: str, plan: Plan, fade_s: float | None) -> dict[str, Any]:
    data = tomllib.loads(text) | {name: list(plan[name]) for name in SECTIONS}
    if fade_s is not None:
        data["lighting"] = data.get("lighting", {}) | {FADE: fade_s}
    return _ordered(data)


def _read(text: str) -> dict[str, Any]:
    try:
        return _ordered(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return {}


def _ordered(data: Mapping[str, Any]) -> dict[str, Any]:
    """With the tables of the plan in one order, since those that stay keep theirs; no section is empty."""
    kept = {name: value for name, value in data.items() if name not in SECTIONS}
    for name, key in SECTIONS.items():
        if tables := data.get(name):
            kept[name] = sorted(tables, key=lambda one: str(one.get(key)))
    return kept
