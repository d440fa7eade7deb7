"""Removes files so that they cannot be read again, as far as software can.

Overwriting reaches the old bytes on a disk that writes in place. A memory card or SSD writes elsewhere and
keeps the old page until it needs the room: there only its own secure erase, or destroying it, is sure.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PART = 1 << 20


def wipe_file(file: Path) -> None:
    """Overwrite a file once with zeros, sync, remove it; a link is only removed, never followed."""
    if not file.is_symlink():
        with suppress(OSError):  # what cannot be written can still be removed
            _overwrite(file)
    file.unlink(missing_ok=True)


def wipe_folder(folder: Path) -> int:
    """Wipe everything in a folder, links not followed, then remove it; gives the number of files."""
    count = 0
    for place in _inner_first(folder):
        if place.is_dir() and not place.is_symlink():
            place.rmdir()
        else:
            wipe_file(place)
            count += 1
    folder.rmdir()
    return count


def _overwrite(file: Path) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "wb") as stream:
        left = os.fstat(stream.fileno()).st_size
        while left > 0:
            left -= stream.write(bytes(min(left, PART)))
        stream.flush()
        os.fsync(stream.fileno())


def _inner_first(folder: Path) -> Iterator[Path]:
    for place in sorted(folder.iterdir()):
        if place.is_dir() and not place.is_symlink():
            yield from _inner_first(place)
        yield place
