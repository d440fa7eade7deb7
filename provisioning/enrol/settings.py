"""The [mqtt] section of gateway.toml, written so that every comment and everything else in it stays."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from edge.config.faults import ConfigErrors
from edge.config.load import load
from edge.core.errors import ConfigError
from edge.core.owned import write_owned
from provisioning.enrol.identity import Pair

SECTION = "mqtt"


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the gateway sends its data and renews its certificate."""

    mqtt_url: str
    renew_url: str


def mqtt_settings(broker: Broker, pair: Pair, base: Path) -> dict[str, str]:
    """The keys of [mqtt]; files as seen from the folder of gateway.toml where they are below it."""
    files = {"ca_file": pair.root_file, "cert_file": pair.certificate_file, "key_file": pair.key_file}
    return {
        "url": broker.mqtt_url,
        **{key: _seen_from(base, file) for key, file in files.items()},
        "renew_url": broker.renew_url,
    }


def as_toml(settings: Mapping[str, str]) -> str:
    """The section as text, for whoever writes it in by hand."""
    return tomlkit.dumps({SECTION: dict(settings)})


def write_settings(file: Path, settings: Mapping[str, str]) -> list[str]:
    """Put the settings into gateway.toml; gives what changed, in words.

    The file is replaced whole, with its rights and owner. Raises ConfigError, and leaves it as it was, where
    the result would not be a sound configuration.
    """
    before = _read(file)
    for left in file.parent.glob(f".*{file.name}.trial*"):
        left.unlink(missing_ok=True)  # of a run that was cut off
    try:
        document = tomlkit.parse(before)
        section = document.setdefault(SECTION, tomlkit.table())
        changed = [
            f"{key} = {value!r}" + (f", was {section[key]!r}" if key in section else "")
            for key, value in settings.items()
            if section.get(key) != value
        ]
        section.update(settings)
    except (TOMLKitError, AttributeError, TypeError) as error:
        raise ConfigError(f"{file} is not sound TOML: {error}") from error
    if changed:
        _replace(file, tomlkit.dumps(document))
    return changed


def _replace(file: Path, text: str) -> None:
    owner = file.stat()
    trial = file.with_name(f".{file.name}.trial")
    try:
        write_owned(trial, text.encode(), owner.st_mode & 0o777)
        _judge(trial, file)
        if os.geteuid() == 0:
            os.chown(trial, owner.st_uid, owner.st_gid)
        trial.replace(file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written ({error.strerror}): run this as its owner") from error
    finally:
        trial.unlink(missing_ok=True)


def _judge(trial: Path, file: Path) -> None:
    try:
        load(trial)
    except ConfigErrors as errors:
        raise ConfigErrors([replace(fault, file=file) for fault in errors.faults]) from errors


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error


def _seen_from(base: Path, file: Path) -> str:
    absolute = Path(os.path.abspath(file))
    try:
        return str(absolute.relative_to(base.resolve()))
    except ValueError:
        return str(absolute)
