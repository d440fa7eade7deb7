"""The effective configuration as TOML that loads again: defaults filled in, secrets masked. Pure."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from pathlib import Path

from edge.config.schema import Config
from edge.config.secrets import MQTT_PASSWORD_ENV, bus_env, data_file_env, influx_env, radius_env
from edge.config.section import Section

MASK = "********"
"""Stands for a secret, whatever its length."""


def explain(config: Config, environ: Mapping[str, str]) -> str:
    """Every section with every key; a key that the file does not give says `# default` behind it.

    Secrets appear as the path of their file, or masked as the variable that holds them.
    """
    return "\n".join(_lines(config, environ)).strip() + "\n"


def _lines(config: Config, environ: Mapping[str, str]) -> Iterator[str]:
    for name, value in config:
        if isinstance(value, Section):
            yield from ("", f"[{name}]", *_keys(value))
        elif isinstance(value, tuple):
            for section in value:
                yield from ("", f"[[{name}]]", *_keys(section))
                if name == "influx":
                    for what in ("password", "token"):
                        yield from _from_environment(what, influx_env(section.id, what), environ)
                if name == "data_file":
                    yield from _from_environment("password", data_file_env(section.id), environ)
                if name == "bus":
                    for what in ("password", "community"):
                        yield from _from_environment(what, bus_env(section.id, what), environ)
                if name == "radius_client":
                    yield from _from_environment("secret", radius_env(section.id), environ)
        if name == "mqtt" and value is not None:
            yield from _from_environment("password", MQTT_PASSWORD_ENV, environ)


def _keys(section: Section) -> Iterator[str]:
    for name, value in section:
        if value is None:
            yield f"# {name} is not set"
        else:
            default = "" if name in section.model_fields_set else "  # default"
            yield f"{name} = {_toml(value)}{default}"


def _from_environment(what: str, variable: str, environ: Mapping[str, str]) -> Iterator[str]:
    if environ.get(variable):
        yield f"# {what} is {MASK}, from {variable}"


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, Section):
        return _toml({name: inner for name, inner in value if inner is not None})
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_toml(name)} = {_toml(inner)}' for name, inner in value.items())}}}"
    if isinstance(value, Enum):
        return _toml(value.value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    text = str(value) if isinstance(value, Path) else value
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
