"""Files to a receiver by FTP over explicit TLS (RFC 4217), with the standard library's client.

It waits, so it works in a thread of the loop's pool. (aioftp 0.28 begins TLS on the data connection before it
says STOR, which vsftpd 3.0.3 never answers.)
"""

import asyncio
import ftplib
import io
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import PurePosixPath

from cloud_sync.reports.sending import (
    PART,
    password_of,
    path_of,
    place_of,
    port_of,
    words_of,
    wrong_login,
    wrong_size,
)
from edge.config.air import DataFile
from edge.core.errors import GianhError, PermanentError, TransientError
from edge.core.sayings import say

NO_ROOM = ("452", "552")
"""Insufficient storage, allocation exceeded: nothing that waiting alone helps against."""

NOT_LOGGED_IN = "530"
NO_FILE = "550"


class _Client(ftplib.FTP_TLS):
    """Takes up the control connection's TLS session for data, as servers demand to know who comes."""

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """A data connection for a command, protected."""
        data, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        return self.context.wrap_socket(data, server_hostname=self.host, session=session), size


class FtpsSender:
    """Implements Sender. Password and data go over verified TLS only, never in the clear."""

    def __init__(self, settings: DataFile) -> None:
        self._settings = settings
        self._client: _Client | None = None
        self._folders: set[str] = set()

    async def send(self, folder: str, name: str, content: bytes) -> None:
        """Upload under another name, look at the size, rename, look again."""
        async with self._translated(folder):
            if self._client is None:
                await self._patiently(self._connect)
            await self._patiently(self._place, folder, name, content)

    async def close(self) -> None:
        """Give up the connection."""
        client, self._client = self._client, None
        self._folders.clear()
        if client is not None:
            _cut(client)
            client.close()

    async def _patiently(self, work: Callable[..., None], *arguments: object) -> None:
        """Work in a thread; what is given up is cut off, so that the thread ends soon."""
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                await asyncio.to_thread(work, *arguments)
        except (TimeoutError, asyncio.CancelledError):
            if self._client is not None:
                _cut(self._client)
            raise

    def _connect(self) -> None:
        settings = self._settings
        password = password_of(settings)
        if password is None:
            raise PermanentError(say("no_password_for", place=place_of(settings)))
        client = self._client = _Client(context=self._tls(), timeout=settings.timeout_s)
        client.connect(settings.host, port_of(settings))
        try:
            client.auth()
        except ftplib.Error as error:
            raise PermanentError(say("no_tls", place=place_of(settings), answer=_words(error))) from error
        client.login(settings.username, password, secure=False)  # TLS is there already
        client.prot_p()
        client.voidcmd("TYPE I")

    def _place(self, folder: str, name: str, content: bytes) -> None:
        client = self._client
        if client is None:
            raise TransientError(say("given_up", place=place_of(self._settings)))
        path = path_of(folder, name)
        before = _size(client, path)
        if before == len(content):
            return
        part = path + PART
        self._make(client, folder)
        client.storbinary(f"STOR {part}", io.BytesIO(content))
        if (size := _size(client, part)) != len(content):
            raise wrong_size(self._settings, part, size, len(content))
        if before is not None:
            client.delete(path)
        client.rename(part, path)
        if (size := _size(client, path)) != len(content):
            raise wrong_size(self._settings, path, size, len(content))

    def _make(self, client: _Client, folder: str) -> None:
        """Make the folder and those above it; what there is already, and what may not be, STOR will tell."""
        for one in reversed([PurePosixPath(folder), *PurePosixPath(folder).parents]):
            if one.name and str(one) not in self._folders:
                with suppress(ftplib.error_perm):
                    client.mkd(str(one))
                self._folders.add(str(one))

    def _tls(self) -> ssl.SSLContext:
        file = self._settings.ca_file
        try:
            return ssl.create_default_context(cafile=file)
        except OSError as error:
            raise PermanentError(say("ca_file", file=file, why=error)) from error

    @asynccontextmanager
    async def _translated(self, folder: str) -> AsyncIterator[None]:
        place = place_of(self._settings)
        try:
            yield
        except GianhError:
            raise
        except TimeoutError as error:
            raise TransientError(
                say("no_answer_of_place", place=place, seconds=f"{self._settings.timeout_s:g}")
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise PermanentError(
                say("certificate_not_trusted_host", place=place, why=error.verify_message)
            ) from error
        except ftplib.Error as error:
            if str(error).startswith(NOT_LOGGED_IN):
                raise wrong_login(self._settings) from error
            raise _refused(place, folder, error) from error
        except (OSError, EOFError) as error:
            raise TransientError(say("unreached_place", place=place, why=words_of(error))) from error


def _size(client: _Client, path: str) -> int | None:
    """A file's size; None if there is none."""
    try:
        return client.size(path)
    except ftplib.error_perm as error:
        if str(error).startswith(NO_FILE):
            return None
        raise


def _cut(client: _Client) -> None:
    """End the connection at once, also under a thread that waits for it."""
    if client.sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(client.sock, socket.SHUT_RDWR)


def _refused(place: str, folder: str, error: ftplib.Error) -> TransientError | PermanentError:
    words = _words(error)
    if words.startswith("4") and not words.startswith(NO_ROOM):
        return TransientError(say("file_not_taken", place=place, answer=words))
    remedy = (
        "make room on its disk"
        if words.startswith(NO_ROOM)
        else "have it let this user write there, or correct folder"
    )
    return PermanentError(
        say("no_file_in", place=place, folder=folder or "its home folder", answer=words, remedy=remedy)
    )


def _words(error: ftplib.Error) -> str:
    lines = str(error).splitlines()
    return lines[-1].rstrip(". ") if lines else type(error).__name__
