"""What the service asks of a way to a receiver, and what the ways have in common."""

import os
import socket
from pathlib import PurePosixPath
from typing import Protocol

from edge.config.air import DataFile, TransferKind
from edge.config.secrets import data_file_env, read_secret
from edge.core.errors import PermanentError
from edge.core.sayings import say

PART = ".part"
"""How a file is called at its end on the server until it is whole there."""

PORTS = {TransferKind.SFTP: 22, TransferKind.FTPS: 21}


class Sender(Protocol):
    """Brings files to one receiver, one at a time, over a connection that is kept until it is closed."""

    async def send(self, folder: str, name: str, content: bytes) -> None:
        """Returns when the server has the whole file under its final name and has confirmed its size.

        A file that is there already with this size is done. Raises TransientError or PermanentError; then
        there is no half file under the final name, and the connection is to be closed.
        """

    async def close(self) -> None:
        """Give up the connection; the next file makes it anew, with the secrets as they then are."""


def place_of(settings: DataFile) -> str:
    """The receiver in words."""
    return f"{settings.transfer.upper()} server {settings.host}:{port_of(settings)} of {settings.id}"


def port_of(settings: DataFile) -> int:
    """Where the receiver listens."""
    return settings.port or PORTS[settings.transfer]


def password_of(settings: DataFile) -> str | None:
    """The password as it is now. Raises PermanentError where its file cannot be read."""
    return read_secret(settings.password_file, data_file_env(settings.id), os.environ)


def path_of(folder: str, name: str) -> str:
    """A file's remote path."""
    return str(PurePosixPath(folder) / name)


def words_of(error: Exception) -> str:
    """Why a connection failed, as the system says it: asyncio's own words name its calls."""
    if isinstance(error, socket.gaierror):
        return f"its name is not known ({error.strerror}): correct host"
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno)
    return (str(error) or "it hung up").rstrip(".")


def wrong_login(settings: DataFile) -> PermanentError:
    """The server does not let us in."""
    given = " or key_file" if settings.transfer is TransferKind.SFTP else ""
    return PermanentError(
        f"{place_of(settings)} does not let {settings.username} in: correct username, or the password in "
        f"password_file{given}"
    )


def wrong_size(settings: DataFile, name: str, size: int | None, expected: int) -> PermanentError:
    """The server has not kept what it took."""
    what = "nothing" if size is None else f"{size} bytes"
    return PermanentError(
        say("kept_other_size", place=place_of(settings), size=what, bytes=expected, file=name)
    )
