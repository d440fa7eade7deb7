"""A back-up from its beginning to its end, and the way back."""

import os
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from edge.config.backup import Backup, Part, PartKind
from edge.core.errors import PermanentError, TransientError
from provisioning.backup.folder import restore_folder, save_folder
from provisioning.backup.influx import restore_influx, save_influx
from provisioning.backup.manifest import NAME, Manifest, damage, kept_files, read_manifest

UNFINISHED = ".unfinished"

Say = Callable[[str], None]
"""Takes a line of progress."""


def make(config: Backup, version: str, now: datetime, say: Say) -> Path:
    """A new back-up; gives its folder. It has its name only once all of it is on disk.

    Raises TransientError or PermanentError, and then leaves the ones before it as they were.
    """
    name = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    final, begun = config.folder / name, config.folder / f"{name}{UNFINISHED}"
    if final.exists():
        raise PermanentError(f"{final} is there already: wait a second")
    try:
        config.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _clear_unfinished(config.folder)
        begun.mkdir(mode=0o700)
        for part in config.part:
            say(f"{part.id}: {part.kind}")
            _save(part, begun / part.id, config.timeout_s)
        _seal(begun, config.part, version, now)
        begun.rename(final)
        _sync(config.folder)
    except OSError as error:
        raise TransientError(f"{config.folder}: {error.strerror}; free space or correct folder") from error
    finally:
        shutil.rmtree(begun, ignore_errors=True)
    for old in finished(config.folder)[: -config.keep]:
        say(f"{old.name}: goes, {config.keep} are kept")
        shutil.rmtree(old, ignore_errors=True)
    return final


def finished(folder: Path) -> list[Path]:
    """All complete back-ups, the oldest first."""
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.iterdir() if (one / NAME).is_file() and one.suffix != UNFINISHED)


def check(folder: Path) -> Manifest:
    """Read every byte of a back-up. Raises PermanentError that names what is damaged."""
    manifest = read_manifest(folder)
    found = list(damage(folder, manifest))
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise PermanentError(f"{folder} is damaged: {found[0]}{more}; take another back-up")
    return manifest


def restore(folder: Path, config: Backup, only: Sequence[str], say: Say) -> list[str]:
    """Bring parts back (`only` these, or all), after checking every byte; gives the ids of what was restored.

    Services that use the folders must be stopped, InfluxDB must run. Raises PermanentError, TransientError.
    """
    manifest = check(folder)
    saved = dict(manifest.parts)
    wanted = [part for part in config.part if not only or part.id in only]
    for name in only or [part.id for part in wanted]:
        if name not in {part.id for part in config.part}:
            raise PermanentError(
                f"no part {name!r} in the file: it has {', '.join(p.id for p in config.part)}"
            )
        if name not in saved:
            raise PermanentError(f"no part {name!r} in {folder}: it has {', '.join(saved)}")
    done = []
    for part in wanted:
        if saved[part.id] != part.kind:
            raise PermanentError(
                f"part {part.id} was saved as {saved[part.id]}, and the file says {part.kind}"
            )
        say(f"{part.id}: {part.kind}")
        if part.kind is PartKind.FOLDER:
            assert part.path is not None
            restore_folder(folder / part.id, part.path)
        else:
            restore_influx(part, folder / part.id, config.timeout_s)
        done.append(part.id)
    return done


def _save(part: Part, target: Path, timeout_s: float) -> None:
    if part.kind is PartKind.FOLDER:
        assert part.path is not None
        save_folder(part.path, target)
    else:
        save_influx(part, target, timeout_s)


def _seal(begun: Path, parts: Sequence[Part], version: str, now: datetime) -> None:
    """Bring all to the disk, then the manifest, last."""
    made_at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    files = kept_files(begun)
    for kept in files:
        _sync(begun / kept.path)
    manifest = Manifest(made_at, version, tuple((part.id, part.kind.value) for part in parts), files)
    (begun / NAME).write_text(manifest.text(), "utf-8")
    for place in (begun / NAME, *(one for one in begun.rglob("*") if one.is_dir()), begun):
        _sync(place)


def _clear_unfinished(folder: Path) -> None:
    for left in folder.glob(f"*{UNFINISHED}"):
        shutil.rmtree(left, ignore_errors=True)


def _sync(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
