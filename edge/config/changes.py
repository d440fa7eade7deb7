"""What is different between two configurations, in words for whoever reloaded. Pure."""

from collections.abc import Iterator, Sequence

from edge.config.schema import Config
from edge.config.section import Section

TOLD_ELSEWHERE = frozenset(("gateway", "store", "http", "bus", "device", "mqtt", "influx"))
"""What the gateway tells of itself, as it opens and closes them."""

UNNAMED = frozenset(("check",))
"""Sections of which several may be about the same."""


def changes(old: Config, new: Config) -> list[str]:
    """`data_file province added`, `station market changed`, `air changed`: one for each section."""
    return [
        text
        for section in Config.model_fields
        if section not in TOLD_ELSEWHERE
        for text in _between(section, getattr(old, section), getattr(new, section))
    ]


def _between(section: str, old: object, new: object) -> Iterator[str]:
    if old == new:
        return
    if not isinstance(old, tuple) or not isinstance(new, tuple) or section in UNNAMED:
        yield f"{section} changed"
        return
    before, after = _by_name(old), _by_name(new)
    yield from (f"{section} {name} removed" for name in before if name not in after)
    for name, one in after.items():
        if name not in before:
            yield f"{section} {name} added"
        elif one != before[name]:
            yield f"{section} {name} changed"


def _by_name(sections: Sequence[Section]) -> dict[str, list[Section]]:
    found: dict[str, list[Section]] = {}
    for one in sections:
        found.setdefault(_name(one), []).append(one)
    return found


def _name(section: Section) -> str:
    """What tells it from its like."""
    found = (getattr(section, key, None) for key in ("id", "kind", "target"))
    return next((str(one) for one in found if one is not None), "")


def needs_restart(before: Config, after: Config) -> list[str]:
    """Which keys changed that a running gateway cannot take up: it has to start anew with them."""
    keys = {
        **_never_from_afar(before, after),
        "store": (before.store, after.store),
        "http": (before.http, after.http),
        "wifi": (before.wifi, after.wifi),
    }
    return [key for key, (old, new) in keys.items() if old != new]


def never_from_afar(before: Config, after: Config) -> list[str]:
    """Which keys changed that nobody may change from the centre: with them it would be another gateway."""
    return [key for key, (old, new) in _never_from_afar(before, after).items() if old != new]


def _never_from_afar(before: Config, after: Config) -> dict[str, tuple[object, object]]:
    return {
        "gateway.id": (before.gateway.id, after.gateway.id),
        "gateway.data_dir": (before.gateway.data_dir, after.gateway.data_dir),
    }
