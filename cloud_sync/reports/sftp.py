"""Files to a receiver by SFTP: the only module here that knows asyncssh."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh

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

POSIX_RENAME = "posix-rename@openssh.com"


class SftpSender:
    """Implements Sender. Nothing of the user's own SSH configuration, keys or agent is used."""

    def __init__(self, settings: DataFile) -> None:
        self._settings = settings
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None
        # Every login and logout is an info there, which is for people who look for trouble.
        logging.getLogger("asyncssh").setLevel(logging.WARNING)

    async def send(self, folder: str, name: str, content: bytes) -> None:
        """Upload under another name, look at the size, rename, look again."""
        async with self._translated(folder):
            client = self._client
            if client is None:
                async with asyncio.timeout(self._settings.timeout_s):
                    client = self._client = await self._connected()
            async with asyncio.timeout(self._settings.timeout_s):
                await self._place(client, folder, name, content)

    async def close(self) -> None:
        """Give up the connection."""
        connection, self._connection, self._client = self._connection, None, None
        if connection is not None:
            connection.abort()
            await connection.wait_closed()

    async def _place(self, client: asyncssh.SFTPClient, folder: str, name: str, content: bytes) -> None:
        path = path_of(folder, name)
        before = await _size(client, path)
        if before == len(content):
            return
        part = path + PART
        if folder and await _size(client, folder) is None:
            await client.makedirs(folder, exist_ok=True)
        async with client.open(part, "wb") as file:
            await file.write(content)
        if (size := await _size(client, part)) != len(content):
            raise wrong_size(self._settings, part, size, len(content))
        await self._rename(client, part, path, is_there=before is not None)
        if (size := await _size(client, path)) != len(content):
            raise wrong_size(self._settings, path, size, len(content))

    async def _rename(self, client: asyncssh.SFTPClient, part: str, path: str, is_there: bool) -> None:
        try:
            await client.posix_rename(part, path)
        except asyncssh.SFTPOpUnsupported:
            # The older rename takes no name that there is.
            if is_there:
                await client.remove(path)
            await client.rename(part, path)

    async def _connected(self) -> asyncssh.SFTPClient:
        settings = self._settings
        password = password_of(settings)
        keys = [_key(settings.key_file, password)] if settings.key_file is not None else None
        if password is None and keys is None:
            raise PermanentError(say("no_password_no_key", place=place_of(settings)))
        hosts = _hosts(settings.known_hosts_file) if settings.known_hosts_file is not None else b""
        self._connection = connection = await asyncssh.connect(
            settings.host,
            port_of(settings),
            username=settings.username,
            password=password,
            client_keys=keys,
            known_hosts=hosts,
            config=[],
            agent_path=None,
            x509_trusted_certs=None,
            gss_host=None,
            login_timeout=settings.timeout_s,
        )
        return await connection.start_sftp_client()

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
        except asyncssh.HostKeyNotVerifiable as error:
            raise PermanentError(
                say("host_key", place=place, file=self._settings.known_hosts_file)
            ) from error
        except asyncssh.PermissionDenied as error:
            raise wrong_login(self._settings) from error
        except asyncssh.SFTPError as error:
            raise _refused(place, folder, error) from error
        except (OSError, asyncssh.Error) as error:
            raise TransientError(say("unreached_place", place=place, why=words_of(error))) from error


def _hosts(file: Path) -> asyncssh.SSHKnownHosts:
    try:
        return asyncssh.read_known_hosts(str(file))
    except OSError as error:
        raise PermanentError(say("known_hosts_unread", file=file, why=error.strerror)) from error
    except ValueError as error:
        raise PermanentError(say("known_hosts_empty", file=file, why=error)) from error


def _key(file: Path, passphrase: str | None) -> asyncssh.SSHKey:
    try:
        return asyncssh.read_private_key(file, passphrase)
    except OSError as error:
        raise PermanentError(say("key_unread", file=file, why=error.strerror)) from error
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise PermanentError(say("key_wrong", file=file, why=error)) from error


async def _size(client: asyncssh.SFTPClient, path: str) -> int | None:
    """A file's size; None if there is none."""
    try:
        return (await client.stat(path)).size
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        return None


def _refused(place: str, folder: str, error: asyncssh.SFTPError) -> TransientError | PermanentError:
    words = words_of(error)
    if isinstance(error, asyncssh.SFTPConnectionLost | asyncssh.SFTPNoConnection):
        return TransientError(say("broke_off", place=place, why=words))
    if isinstance(error, asyncssh.SFTPPermissionDenied | asyncssh.SFTPNoSuchFile | asyncssh.SFTPWriteProtect):
        remedy = "have it let this user write there, or correct folder"
    else:
        remedy = "see there whether its disk is full"
    return PermanentError(
        say("no_file_in", place=place, folder=folder or "its home folder", answer=words, remedy=remedy)
    )
