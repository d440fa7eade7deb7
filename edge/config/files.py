"""The files that a configuration names: found beside it, readable, and secrets for their owner only."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from edge.config.faults import Problem
from edge.config.lines import KeyPath
from edge.config.schema import Config
from edge.config.section import Section
from edge.config.words import suggestion

SECRET_FILES = ("password_file", "token_file", "key_file", "secret_file", "community_file")
"""Keys whose files must be readable by nobody else."""

OTHERS_READ = stat.S_IROTH

S = TypeVar("S", bound=Section)


def anchored(config: Config, base: Path) -> Config:
    """The configuration with every path absolute: relative ones begin at `base`, the file's directory."""
    changes: dict[str, object] = {
        "gateway": _anchored(config.gateway, base),
        "mqtt": config.mqtt and _anchored(config.mqtt, base),
        "http": config.http and _anchored(config.http, base),
        "fleet": config.fleet and _anchored(config.fleet, base),
        "influx": tuple(_anchored(target, base) for target in config.influx),
        "data_file": tuple(_anchored(file, base) for file in config.data_file),
        "wifi": config.wifi and _anchored(config.wifi, base),
        "radius_client": tuple(_anchored(client, base) for client in config.radius_client),
        "bus": tuple(_anchored(bus, base) for bus in config.bus),
    }
    return config.model_copy(update=changes)


def problems_of_files(config: Config) -> list[Problem]:
    """Files that are not there or cannot be read, a data_dir that is no directory, an unknown timezone."""
    found = [
        (path, f"{file} cannot be read ({reason}): check the path and its permissions")
        for path, file in _files(config)
        if (reason := _unreadable(file))
    ]
    data_dir = config.gateway.data_dir
    if data_dir.exists() and not data_dir.is_dir():
        found.append((("gateway", "data_dir"), f"{data_dir} is a file: name a directory"))
    return found + list(_timezone(config.gateway.timezone))


def exposed_secrets(config: Config) -> list[Problem]:
    """Secret files that every user of the machine can read."""
    return [
        (path, f"every user can read {file}: run chmod 600 {file}")
        for path, file in _files(config)
        if path[-1] in SECRET_FILES and not _unreadable(file) and file.stat().st_mode & OTHERS_READ
    ]


def secret_files(config: Config) -> list[Path]:
    """Every file with a secret that a configuration names."""
    return [file for path, file in _files(config) if path[-1] in SECRET_FILES]


def _anchored(section: S, base: Path) -> S:
    paths = {name: base / value for name, value in section if isinstance(value, Path)}
    return section.model_copy(update=paths)


def _files(config: Config) -> Iterator[tuple[KeyPath, Path]]:
    places: list[tuple[KeyPath, Section]] = [
        (("influx", index), target) for index, target in enumerate(config.influx)
    ]
    places += [(("data_file", index), file) for index, file in enumerate(config.data_file)]
    places += [(("bus", index), bus) for index, bus in enumerate(config.bus)]
    places += [(("radius_client", index), client) for index, client in enumerate(config.radius_client)]
    single = (("mqtt", config.mqtt), ("http", config.http), ("wifi", config.wifi), ("fleet", config.fleet))
    places += [((name,), one) for name, one in single if one]
    for path, section in places:
        for name, value in section:
            if isinstance(value, Path):
                yield (*path, name), value


def _unreadable(file: Path) -> str:
    try:
        with file.open("rb"):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__


def _timezone(name: str) -> Iterator[Problem]:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Which of them depends on the name: unknown, outside the database, a directory of it.
        near = suggestion(name, ("Asia/Ho_Chi_Minh", "Asia/Bangkok", "UTC"))
        yield ("gateway", "timezone"), f"no timezone is called '{name}'" + (near or ": use Asia/Ho_Chi_Minh")
