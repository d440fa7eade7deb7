"""How the files of one [[data_file]] do, on disk beside them: for who asks without the daemon."""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from cloud_sync.reports.spool import Spool

log = logging.getLogger(__name__)

FOLDER = "data-files"
"""Where in data_dir the files are, in a folder for each [[data_file]]."""

NAME = "state.json"


@dataclass(frozen=True, slots=True)
class State:
    """What the files themselves do not say; `since_ns` is when the trouble began, `refused` that only a
    change by somebody helps.
    """

    trouble: str = ""
    refused: bool = False
    since_ns: int | None = None
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """Where the files are: names of the last made, the last sent, and the oldest that waits."""

    id: str
    kept: int
    waiting: int
    last_made: str | None
    last_sent: str | None
    oldest_waiting: str | None
    state: State


def folder_in(data_dir: Path, data_file: str) -> Path:
    """Where the files of one [[data_file]] are."""
    return data_dir / FOLDER / data_file


def overview(data_dir: Path, data_file: str) -> Overview:
    """How it does, by what is on disk."""
    folder = folder_in(data_dir, data_file)
    spool = Spool(folder, files_max=0, bytes_max=0)
    spool.look()
    return Overview(
        id=data_file,
        kept=spool.kept,
        waiting=spool.waiting,
        last_made=spool.newest,
        last_sent=spool.last_sent,
        oldest_waiting=spool.oldest,
        state=read_state(folder),
    )


def read_state(folder: Path) -> State:
    """What was last written there."""
    try:
        found = json.loads((folder / NAME).read_text("utf-8"))
        return State(
            trouble=str(found["trouble"]),
            refused=bool(found["refused"]),
            since_ns=None if found["since_ns"] is None else int(found["since_ns"]),
            dropped=int(found["dropped"]),
        )
    except FileNotFoundError:
        return State()
    except (OSError, ValueError, KeyError, TypeError):
        log.warning("%s cannot be read and is passed over", folder / NAME)
        return State()


def write_state(folder: Path, state: State) -> None:
    """Write it. Raises OSError."""
    path = folder / NAME
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(state)) + "\n", "utf-8")
    part.replace(path)
