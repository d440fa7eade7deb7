"""InfluxDB by its own tools: `influxd backup -portable` of 1.x, `influx backup` of 2.x."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from edge.config.backup import Part, PartKind
from edge.config.secrets import read_secret
from edge.core.errors import PermanentError, TransientError
from provisioning.backup.influx_meta import MetaUnknown, without_queries

REACH_S = 10.0
"""Longest wait for a server to take a connection."""

WORDS_MAX = 300
"""How much of a tool's last words is shown, in characters."""


def save_influx(part: Part, target: Path, timeout_s: float) -> None:
    """Have a running server written to the new folder `target`. Raises PermanentError or TransientError."""
    target.mkdir(parents=True, mode=0o700)
    _reach(part)
    if part.kind is PartKind.INFLUXDB1:
        only = ["-db", part.database] if part.database else []
        _run(part, ["influxd", "backup", "-portable", "-host", part.rpc, *only, str(target)], timeout_s)
    else:
        _run(part, ["influx", "backup", str(target)], timeout_s)


def restore_influx(part: Part, source: Path, timeout_s: float) -> None:
    """Have a running server read `source`; a database that is there already is left as it is, and said.

    Of 1.x users and continuous queries do not come: `gianh influx setup` makes both.
    """
    _reach(part)
    if part.kind is PartKind.INFLUXDB1:
        only = ["-db", part.database] if part.database else []
        with _lean(part, source) as lean:
            _run(part, ["influxd", "restore", "-portable", "-host", part.rpc, *only, lean], timeout_s)
    else:
        _run(part, ["influx", "restore", str(source)], timeout_s)


@contextmanager
def _lean(part: Part, source: Path) -> Iterator[str]:
    """The back-up in a folder beside it, with metadata that its server takes."""
    with TemporaryDirectory(prefix=f".{source.name}-", dir=source.parent) as folder:
        try:
            for file in source.iterdir():
                here = Path(folder, file.name)
                if file.suffix == ".meta":
                    here.write_bytes(without_queries(file.read_bytes()))
                else:
                    here.symlink_to(file.resolve())
        except MetaUnknown as error:
            raise PermanentError(f"part {part.id}: {file} is no metadata of InfluxDB 1.x: {error}") from error
        except OSError as error:
            raise TransientError(f"part {part.id}: {folder} cannot be written: {error.strerror}") from error
        yield folder


def _reach(part: Part) -> None:
    """The tools themselves would go on trying for minutes, and say nothing."""
    place = urlsplit(f"//{part.rpc}" if part.kind is PartKind.INFLUXDB1 else part.url or "")
    try:
        with socket.create_connection((place.hostname or "", place.port or 80), REACH_S):
            return
    except (OSError, ValueError) as error:
        key = "rpc" if part.kind is PartKind.INFLUXDB1 else "url"
        reason = getattr(error, "strerror", None) or str(error)
        silent = f"part {part.id}: InfluxDB at {place.netloc} does not answer ({reason})"
        raise TransientError(f"{silent}: start it, or correct {key}") from error


def _run(part: Part, command: list[str], timeout_s: float) -> None:
    program = shutil.which(command[0]) or shutil.which(command[0], path="/usr/sbin:/usr/local/bin")
    if program is None:
        raise PermanentError(
            f"part {part.id}: the program {command[0]} is not here: install the one of its server"
        )
    try:
        done = subprocess.run(
            [program, *command[1:]],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            env=_environment(part),
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TransientError(f"part {part.id}: {command[0]} was not done within {timeout_s:g} s") from error
    except OSError as error:
        raise TransientError(
            f"part {part.id}: {command[0]} could not be started: {error.strerror}"
        ) from error
    if done.returncode != 0:
        raise TransientError(
            f"part {part.id}: {command[0]} {command[1]} says: {_last_words(done.stdout + done.stderr)}"
        )


def _environment(part: Part) -> dict[str, str]:
    """The token goes by the environment: everybody on the machine can read the process list."""
    if part.kind is PartKind.INFLUXDB1:
        return dict(os.environ)
    token = read_secret(part.token_file, "GIANH_BACKUP_TOKEN", os.environ) or ""
    return {**os.environ, "INFLUX_HOST": part.url or "", "INFLUX_TOKEN": token}


def _last_words(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " / ".join(lines[-2:])[-WORDS_MAX:] or "nothing"
