"""One write request over HTTP: the only module here that knows httpx."""

import asyncio
import os
import ssl
import zlib
from types import MappingProxyType
from typing import Final

import httpx

from cloud_sync.influx.verdict import Reply
from edge.config.schema import Influx
from edge.config.secrets import influx_env, read_secret
from edge.core.errors import PermanentError, TransientError
from edge.core.sayings import say

BODY_MAX = 65_536
"""How much of a reply is read, in bytes."""

PATHS: Final = MappingProxyType({1: "/write", 2: "/api/v2/write", 3: "/api/v2/write"})

_GZIP_WBITS = 31


class Post:
    """Sends bodies of line protocol to one target, one at a time, over a connection that is kept.

    No redirect is followed, no proxy or password is taken from the surroundings, and a whole request has
    one deadline. Texts of errors never hold a secret.
    """

    def __init__(self, settings: Influx) -> None:
        self._settings = settings
        self._client: httpx.AsyncClient | None = None

    @property
    def place(self) -> str:
        """The target in words: its id, url, and database or bucket."""
        settings = self._settings
        return f"InfluxDB {settings.id} at {settings.url}, {_where(settings)}"

    async def write(self, body: bytes) -> Reply:
        """Post a body, give the reply. Raises TransientError without one, PermanentError without secrets."""
        settings = self._settings
        client = self._client = self._client or self._made()
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        if settings.gzip:
            headers["Content-Encoding"] = "gzip"
            body = zlib.compress(body, level=1, wbits=_GZIP_WBITS)
        try:
            async with asyncio.timeout(settings.timeout_s):
                request = client.build_request("POST", self._path(), content=body, headers=headers)
                return await self._exchange(client, request)
        except TimeoutError as error:
            await self.close()
            raise TransientError(
                say("no_answer_of_place", place=self.place, seconds=f"{settings.timeout_s:g}")
            ) from error
        except httpx.HTTPError as error:
            await self.close()
            raise self._trouble(error) from error

    async def close(self) -> None:
        """Give up the connection; the next write makes it anew, with the secrets as they then are."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _exchange(self, client: httpx.AsyncClient, request: httpx.Request) -> Reply:
        response = await client.send(request, stream=True)
        try:
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > BODY_MAX:
                    break
        finally:
            await response.aclose()
        headers = response.headers
        return Reply(
            status=response.status_code,
            body=body[:BODY_MAX].decode("utf-8", "replace"),
            retry_after=headers.get("Retry-After", ""),
            location=headers.get("Location", "") if response.is_redirect else "",
        )

    def _made(self) -> httpx.AsyncClient:
        settings = self._settings
        headers, auth = {"User-Agent": "gianh"}, None
        if settings.version == 1:
            password = read_secret(settings.password_file, influx_env(settings.id, "password"), os.environ)
            auth = httpx.BasicAuth(settings.username, password or "") if settings.username else None
        elif token := read_secret(settings.token_file, influx_env(settings.id, "token"), os.environ):
            headers["Authorization"] = f"Token {token}"
        return httpx.AsyncClient(
            base_url=settings.url,
            headers=headers,
            auth=auth,
            verify=self._tls(),
            timeout=settings.timeout_s,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=60),
            follow_redirects=False,
            trust_env=False,
        )

    def _tls(self) -> ssl.SSLContext | bool:
        if not self._settings.url.startswith("https"):
            return False
        file = self._settings.ca_file
        try:
            return ssl.create_default_context(cafile=file)
        except OSError as error:
            raise PermanentError(say("ca_file", file=file, why=error)) from error

    def _path(self) -> str:
        settings = self._settings
        asked = {"precision": "ns"}
        if settings.version == 1:
            asked["db"] = settings.database or ""
        else:
            asked |= {"bucket": settings.bucket or "", "org": settings.org or ""}
        return f"{PATHS[settings.version]}?{httpx.QueryParams(asked)}"

    def _trouble(self, error: httpx.HTTPError) -> TransientError | PermanentError:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return PermanentError(
                    say("certificate_not_trusted", place=self.place, why=cause.verify_message)
                )
            cause = cause.__cause__ or cause.__context__
        reason = str(error) or type(error).__name__
        return TransientError(say("unreached_place", place=self.place, why=reason))


def _where(settings: Influx) -> str:
    return f"database {settings.database}" if settings.version == 1 else f"bucket {settings.bucket}"
