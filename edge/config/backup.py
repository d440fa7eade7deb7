"""The shape of backup.toml: what of the centre is kept twice, and where."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from edge.config.section import Id, Seconds, Section


class PartKind(StrEnum):
    """How a part is copied."""

    FOLDER = "folder"
    INFLUXDB1 = "influxdb1"
    INFLUXDB2 = "influxdb2"


class Part(Section):
    """[[part]]: one thing that is kept."""

    id: Id
    """Its name in the back-up."""
    kind: PartKind
    """`folder`: files, SQLite databases by their own back-up; the others by the tools of the server."""
    path: Path | None = None
    """`folder`: which one; absolute."""
    rpc: str = "127.0.0.1:8088"
    """`influxdb1`: the `bind-address` of its configuration, by which it is backed up and restored."""
    database: str | None = None
    """`influxdb1`: only this database, and not all."""
    url: str | None = None
    """`influxdb2`: `http://HOST[:PORT]`."""
    token_file: Path | None = None
    """`influxdb2`: the operator's token; it reaches the tool by its environment."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.kind is PartKind.FOLDER and (self.path is None or not self.path.is_absolute()):
            raise ValueError(f"part {self.id} needs path, beginning with /")
        if self.kind is PartKind.INFLUXDB2:
            if self.token_file is None:
                raise ValueError(f"part {self.id} needs token_file")
            parts = urlsplit(self.url or "")
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.password:
                raise ValueError(f"part {self.id}: url is not http://HOST[:PORT] or https://HOST[:PORT]")
        return self


class Backup(Section):
    """The whole file."""

    folder: Path
    """Where back-ups lie, each in a folder named by its time; best on another disk. Absolute."""
    keep: Annotated[int, Field(ge=1, le=1000)] = 14
    """How many stay; the oldest go once a new one is complete."""
    timeout_s: Seconds = 3600
    """Longest time for one part."""
    part: Annotated[tuple[Part, ...], Field(min_length=1)]
    """What is kept."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if not self.folder.is_absolute():
            raise ValueError("folder must begin with /")
        ids = [part.id for part in self.part]
        if twice := next((one for one in ids if ids.count(one) > 1), None):
            raise ValueError(f"two parts have the id {twice}: choose another")
        for part in self.part:
            if part.path is not None and (self.folder == part.path or part.path in self.folder.parents):
                raise ValueError(
                    f"folder lies inside part {part.id}: a back-up would hold all those before it"
                )
        return self
