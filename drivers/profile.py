"""Device profiles: finding and loading `drivers/profiles/<id>.toml`, all faults of a file at once."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final

from drivers.coded import Coded, Curve, Per, ProfileCommand, ProfilePoint, Table, Type, WordOrder
from drivers.device_model import (
    Addressing,
    DriverKind,
    Identify,
    LampModel,
    Limits,
    Profile,
    ProfileSample,
    Readdress,
    SampleBlock,
    Serial,
    Setting,
    Source,
    Title,
)
from drivers.profile_rules import profile_faults
from drivers.shapes import ShapeError, shaped
from edge.core.errors import ConfigError
from edge.core.sayings import say

__all__ = [
    "Addressing",
    "Coded",
    "Curve",
    "DriverKind",
    "Identify",
    "LampModel",
    "Limits",
    "Per",
    "Profile",
    "ProfileCommand",
    "ProfilePoint",
    "ProfileSample",
    "Readdress",
    "SampleBlock",
    "Serial",
    "Setting",
    "Source",
    "Table",
    "Title",
    "Type",
    "WordOrder",
    "load_profile",
    "parse_profile",
    "profile_ids",
]


ANSWERED: Final[Mapping[str, Any]] = MappingProxyType({"table": "answer", "address": 0, "type": "f64"})
"""What the shape of a point wants to know of one that is told by its path."""


def profile_ids() -> tuple[str, ...]:
    """Ids of all profiles that there are, sorted."""
    names = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_profile(profile_id: str) -> Profile:
    """The profile of that id. Raises ConfigError that names every fault of its file, one a line."""
    file = _folder().joinpath(f"{profile_id}.toml")
    if "/" in profile_id or not file.is_file():
        raise ConfigError(say("no_profile", profile=profile_id, known=", ".join(profile_ids())))
    return _parsed(profile_id, file.read_text("utf-8"))


def parse_profile(profile_id: str, text: str) -> Profile:
    """The profile that `text` describes, for the file `<profile_id>.toml`. Raises as `load_profile`."""
    file = f"{profile_id}.toml"
    try:
        profile = shaped(Profile, _placed(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: this is not TOML, correct it: {error}") from error
    except ShapeError as error:
        raise ConfigError("\n".join(f"{file}: {key}: {text}" for key, text in error.faults)) from error
    if faults := profile_faults(profile_id, profile):
        raise ConfigError("\n".join(f"{file}: {fault}" for fault in faults))
    return profile


@lru_cache(maxsize=256)
def _parsed(profile_id: str, text: str) -> Profile:
    """As `parse_profile`, once for each text: a gateway asks for that of every device several times."""
    return parse_profile(profile_id, text)


def _placed(content: dict[str, Any]) -> dict[str, Any]:
    """A point with a path needs no table, address and type: an answer's numbers have none."""
    points = content.get("points")
    if not isinstance(points, list):
        return content
    placed = [
        dict(ANSWERED) | point if isinstance(point, dict) and "path" in point else point for point in points
    ]
    return content | {"points": placed}


def _folder() -> Traversable:
    return resources.files("drivers.profiles")
