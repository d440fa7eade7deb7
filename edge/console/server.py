"""Serves the API: on a TCP port for browsers, and on a unix socket for `gianh` on the same machine."""

import asyncio
import contextlib
import logging
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from edge.console.turns import Turns

log = logging.getLogger(__name__)

REBIND_S = 10.0
"""Wait before an address that was taken is tried again."""

BACKLOG = 128
"""Connections that wait to be taken."""

CONNECTIONS_MAX = 256
"""Most connections by TCP at once."""

COMERS_MAX = 32
"""Most new connections that are taken, or begin TLS, in one go; the others wait in the system."""


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handling: the gateway stops it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HttpServer:
    """A service that serves an application on a TCP address or, with `path`, on a unix socket.

    With `share` requests take turns, which have that part of the loop's time at most.
    """

    def __init__(
        self,
        app: FastAPI,
        host: str = "",
        port: int = 0,
        path: Path | None = None,
        tls: ssl.SSLContext | None = None,
        share: float | None = None,
    ) -> None:
        self._app, self._host, self._port, self._path, self._tls = app, host, port, path, tls
        self._share = share
        self.name = f"http {path or f'{host}:{port}'}"
        self.bound = asyncio.Event()
        self.port = port

    async def run(self) -> None:
        """Serve until cancelled; an address that is taken is said once and tried again."""
        listener = await self._listener()
        self.bound.set()
        server = _Server(self._config())
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = server.force_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await serving
            listener.close()
            if self._path is not None:
                self._path.unlink(missing_ok=True)

    def _config(self) -> uvicorn.Config:
        tls = self._tls
        return uvicorn.Config(
            self._app if self._share is None else Turns(self._app, self._share),
            log_config=None,
            lifespan="off",
            access_log=False,
            timeout_graceful_shutdown=1,
            server_header=False,
            # Attempts are counted by address: nobody may say of themselves where they come from.
            proxy_headers=False,
            backlog=COMERS_MAX,
            limit_concurrency=None if self._path is not None else CONNECTIONS_MAX,
            ssl_context_factory=None if tls is None else lambda *_: tls,
        )

    async def _listener(self) -> socket.socket:
        said = False
        while True:
            try:
                return self._bind()
            except OSError as error:
                if not said:
                    log.warning("%s cannot listen: %s; choose another [http] port", self.name, error.strerror)
                    said = True
                await asyncio.sleep(REBIND_S)

    def _bind(self) -> socket.socket:
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            before = os.umask(0o117)
            try:
                listener.bind(os.fspath(self._path))
            finally:
                os.umask(before)
        else:
            family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
            # Named by its protocol: asyncio sends small answers at once (TCP_NODELAY) only where it sees it.
            listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((self._host, self._port))
            except OSError:
                listener.close()
                raise
            self.port = listener.getsockname()[1]
        # Bound is heard: who asks from now on waits for the first answer and is not refused.
        listener.listen(BACKLOG)
        listener.setblocking(False)
        return listener
