"""Takes a gateway out of service: tells the centre, then wipes keys, secrets and data."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.config.files import secret_files
from edge.config.schema import Config
from edge.core.errors import ConfigError, GianhError, TransientError
from provisioning.enrol.client import Centre
from provisioning.enrol.identity import FOLDER, Identity
from provisioning.enrol.wipe import wipe_file, wipe_folder

MARKS = ("gianh.db", FOLDER)
"""What lies in a gateway's data_dir; a folder with none of it is not wiped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes and what stays: `outside` are secrets elsewhere, which others may use too."""

    gateway: str
    data_dir: Path
    secrets: tuple[Path, ...]
    outside: tuple[Path, ...]


def plan_of(config: Config, file: Path) -> Plan:
    """What would be wiped. Raises ConfigError where data_dir is not a gateway's own folder."""
    data_dir, home = config.gateway.data_dir.resolve(), file.resolve().parent
    if not any((data_dir / mark).exists() for mark in MARKS):
        raise ConfigError(f"{data_dir} holds no data of a gateway: there is nothing to wipe")
    if home.is_relative_to(data_dir) or Path.home().is_relative_to(data_dir):
        raise ConfigError(f"{data_dir} holds more than this gateway's data: remove it by hand")
    beside: list[Path] = []
    outside: list[Path] = []
    for secret in secret_files(config):
        if not secret.absolute().is_relative_to(data_dir):
            (beside if secret.absolute().is_relative_to(home) else outside).append(secret)
    return Plan(config.gateway.id, data_dir, tuple(beside), tuple(outside))


async def tell_centre(config: Config) -> bool:
    """Have the centre revoke what this gateway has; False where it has no identity to give back.

    Raises TransientError where the centre was not told.
    """
    mqtt = config.mqtt
    identity = Identity.of(mqtt.cert_file) if mqtt and mqtt.cert_file else None
    if mqtt is None or mqtt.renew_url is None or identity is None:
        return False
    pair = identity.in_use
    try:
        await Centre(mqtt.renew_url, pair.root_file, pair.files).leave(config.gateway.id)
    except GianhError as error:
        raise TransientError(
            f"{error}. Nothing was wiped: try again, or wipe with --offline and run "
            f"`gianh ca revoke {config.gateway.id}` at the centre"
        ) from error
    return True


def wipe(plan: Plan) -> int:
    """Wipe everything of the plan, keys first; gives the number of files. A run that was cut off goes on."""
    count = 0
    for secret in _existing(plan.secrets):
        wipe_file(secret)
        count += 1
    # The store last: it is the mark by which a second run knows what it may wipe.
    for place in sorted(plan.data_dir.iterdir(), key=_order):
        if place.is_dir() and not place.is_symlink():
            count += wipe_folder(place)
        else:
            wipe_file(place)
            count += 1
    return count


def _order(place: Path) -> tuple[int, str]:
    first = place.name == FOLDER
    return (0 if first else 2 if place.name == MARKS[0] else 1, place.name)


def _existing(files: Sequence[Path]) -> list[Path]:
    return [file for file in files if file.is_symlink() or file.exists()]
