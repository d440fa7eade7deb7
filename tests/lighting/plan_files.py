"""Configurations of plans for these tests."""

from collections.abc import Mapping, Sequence
from typing import Any

from edge.config.schema import Config
from edge.core.lighting import Lamp

EVENING = {
    "id": "evening",
    "steps": [
        {"at": "sunset+10m", "level": 100},
        {"at": "22:30", "level": 60},
        {"at": "04:30", "level": 100},
        {"at": "sunrise-10m", "level": 0},
    ],
}
FESTIVE = {
    "id": "festive",
    "steps": [{"at": "sunset", "level": 80}, {"at": "sunrise", "level": 0}],
}
PLACE = {"id": "gw", "latitude": 17.7556, "longitude": 106.4231}


def program(name: str, *steps: tuple[str, float] | tuple[str, float, str]) -> dict[str, Any]:
    """A program of (at, level) or (at, level, operation)."""
    keys = ("at", "level", "operation")
    return {"id": name, "steps": [dict(zip(keys, step, strict=False)) for step in steps]}


def town(
    lamps: Sequence[str] = ("lamp-1", "lamp-2", "lamp-3"),
    follows: Mapping[str, str] | None = None,
    gateway: Mapping[str, Any] | None = None,
    **sections: Any,
) -> Config:
    """A gateway with lamps, two programs, and the calendars `town` (evening) and `feast` (festive)."""
    follows = {"gw": "town"} if follows is None else follows
    return Config.model_validate(
        {
            "gateway": {**PLACE, **(gateway or {})},
            "bus": [{"id": "bus", "kind": "tcp", "host": "127.0.0.1"}],
            "device": [
                {"id": lamp, "profile": "ecodim-dali-gw2", "bus": "bus", "sub_address": nth}
                for nth, lamp in enumerate(lamps)
            ],
            "program": [EVENING, FESTIVE],
            "calendar": [{"id": "town", "default": "evening"}, {"id": "feast", "default": "festive"}],
            "assignment": [{"target": target, "calendar": name} for target, name in follows.items()],
            **sections,
        }
    )


def lamps_of(config: Config) -> dict[str, Lamp]:
    """Every device as a lamp."""
    return {device.id: Lamp(device.id, device.bus, True, True) for device in config.device}
