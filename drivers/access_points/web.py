"""Questions to an access point over HTTP: the only module of this room that knows httpx.

No error, and nothing that an error leads to, holds what was answered: addresses of people may be in it.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from drivers.access_points.access import tls_of
from edge.config.checks import port_of
from edge.config.schema import Bus
from edge.core.errors import GianhError, LinkDown, NoAnswer, PermanentError, ProtocolError
from edge.core.sayings import say

BODY_BYTES_MAX = 4_000_000
"""Longest answer that is read."""

Login = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of HTTP. `body` may hold addresses of people: it is never shown."""

    status: int
    body: bytes = field(repr=False)


class Web:
    """Asks one access point, one question at a time, over a connection that is kept.

    No redirect is followed, no proxy or password is taken from the surroundings, and every question has one
    deadline: timeout_s of the bus, for the whole answer.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._client: httpx.AsyncClient | None = None

    @property
    def place(self) -> str:
        """The access point in words."""
        return f"access point {self._bus.host}:{port_of(self._bus)}"

    def open(self, login: Login | None = None) -> None:
        """Make ready; nothing is sent yet. Raises PermanentError for certificates that cannot be read."""
        scheme = "https" if self._bus.https else "http"
        host = f"[{self._bus.host}]" if ":" in (self._bus.host or "") else self._bus.host
        self._client = httpx.AsyncClient(
            base_url=f"{scheme}://{host}:{port_of(self._bus)}",
            headers={"User-Agent": "gianh", "Accept": "application/json"},
            auth=None if login is None else httpx.BasicAuth(*login),
            verify=tls_of(self._bus),
            timeout=self._bus.timeout_s,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=300),
            follow_redirects=False,
            trust_env=False,
        )

    async def get(self, path: str) -> Answer:
        """As `post`."""
        return await self._asked("GET", path, None, {})

    async def post(self, path: str, body: bytes) -> Answer:
        """The answer. Raises NoAnswer past the deadline, ProtocolError for one that is too long or no HTTP,
        LinkDown where there is no connection, PermanentError for a certificate that is not believed."""
        return await self._asked("POST", path, body, {"Content-Type": "application/json"})

    async def close(self) -> None:
        """Give up the connection; safe at any time, also twice."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _asked(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        if self._client is None:
            raise LinkDown(say("not_connected", place=self.place))
        try:
            async with asyncio.timeout(self._bus.timeout_s):
                request = self._client.build_request(method, path, content=body, headers=headers)
                answer = await self._read(self._client, request)
        except TimeoutError:
            trouble: GianhError = self._silent()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            trouble = self._trouble(error)
        else:
            if len(answer.body) <= BODY_BYTES_MAX:
                return answer
            trouble = ProtocolError(say("answer_too_long", place=self.place, bytes=BODY_BYTES_MAX))
        raise trouble

    async def _read(self, client: httpx.AsyncClient, request: httpx.Request) -> Answer:
        response = await client.send(request, stream=True)
        body = bytearray()
        try:
            async for part in response.aiter_bytes():
                body += part
                if len(body) > BODY_BYTES_MAX:
                    break
        finally:
            await response.aclose()
        return Answer(response.status_code, bytes(body))

    def _silent(self) -> NoAnswer:
        return NoAnswer(say("web_silent", place=self.place, seconds=f"{self._bus.timeout_s:g}"))

    def _trouble(self, error: Exception) -> GianhError:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return PermanentError(
                    say("certificate_not_believed", place=self.place, why=cause.verify_message)
                )
            cause = cause.__cause__ or cause.__context__
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return LinkDown(say("web_unreached", place=self.place))
        if isinstance(error, httpx.TimeoutException):
            return self._silent()
        if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
            return NoAnswer(say("broken_off", place=self.place))
        return ProtocolError(say("no_http", place=self.place))
