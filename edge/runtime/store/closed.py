"""A look into a store that no gateway has open."""

from pathlib import Path

from edge.config.schema import Store as Settings
from edge.runtime.store.database import Database


def remembered(path: Path, key: str, settings: Settings) -> str | None:
    """What a gateway that does not run remembers under `key`; None where there is no store.

    Raises ConfigError while a gateway has it open, StoreTrouble or StoreDamaged where it cannot be read.
    """
    if not path.exists():
        return None
    database = Database(path, settings.bytes_max)
    try:
        database.open()
        return database.remembered(key)
    finally:
        database.close()
