"""What a back-up holds: its parts and files, each with length and SHA-256. Pure but for reading the files."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from edge.core.errors import PermanentError

NAME = "manifest.json"
FORMAT = 1

BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """One file: `path` relative to the back-up, its length, its SHA-256 in hexadecimal."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A whole back-up; `made_at` is RFC 3339, `parts` are pairs of id and kind."""

    made_at: str
    version: str
    parts: tuple[tuple[str, str], ...]
    files: tuple[Kept, ...]
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        """Length of all files together."""
        return sum(file.bytes for file in self.files)

    def text(self) -> str:
        """As it lies on disk."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def digest(file: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    summed = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            summed.update(block)
    return summed.hexdigest()


def kept_files(folder: Path) -> tuple[Kept, ...]:
    """All files below a back-up's folder, in the order of their names."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return tuple(
        Kept(str(file.relative_to(folder)), file.stat().st_size, digest(file))
        for file in files
        if file != folder / NAME
    )


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a back-up. Raises PermanentError if there is none, or none that is readable."""
    try:
        found = json.loads((folder / NAME).read_text("utf-8"))
        if found["format"] != FORMAT:
            raise PermanentError(
                f"{folder} has the format {found['format']}: a newer Gianh made it, use that one"
            )
        files = tuple(Kept(str(one["path"]), int(one["bytes"]), str(one["sha256"])) for one in found["files"])
        parts = tuple((str(name), str(kind)) for name, kind in found["parts"])
        return Manifest(str(found["made_at"]), str(found["version"]), parts, files)
    except OSError as error:
        raise PermanentError(f"{folder} is no complete back-up: it has no {NAME}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise PermanentError(f"{folder / NAME} is damaged: take another back-up") from error


def damage(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What of a back-up is not as it was made, a sentence each."""
    for kept in manifest.files:
        file = folder / kept.path
        try:
            if file.stat().st_size != kept.bytes:
                yield f"{kept.path} has {file.stat().st_size} bytes instead of {kept.bytes}"
            elif digest(file) != kept.sha256:
                yield f"{kept.path} is not what was written"
        except OSError as error:
            yield f"{kept.path} cannot be read: {error.strerror}"
