"""InfluxDB by InfluxQL over `/query`, which versions 1.6 and later have: read alone.

The only module here that knows httpx. What goes into a query is an id, a name of the vocabulary or a number.
"""

import asyncio
import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from edge.config.console import History
from edge.config.secrets import CONSOLE_INFLUX_PASSWORD_ENV, read_secret
from edge.core.errors import PermanentError, TransientError
from edge.core.sayings import say

BODY_MAX = 4_000_000
"""Largest answer that is read, in bytes."""

AT_ONCE = 4
"""Queries under way at once; more wait."""

LONG_CHARS = 4_000
"""A query that is longer goes in the body: an address has no room for the lamps of a whole street."""

NOT_FOUND = "not found"
"""How a server says that a database or a retention policy is not there."""


@dataclass(frozen=True, slots=True)
class Found:
    """One series of an answer: its tags, and rows that begin with the time in ns."""

    tags: Mapping[str, str]
    rows: Sequence[Sequence[Any]]


class Influx:
    """Asks one InfluxDB."""

    def __init__(self, settings: History) -> None:
        self._settings = settings
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._client: httpx.AsyncClient | None = None

    async def ask(self, query: str) -> list[Found]:
        """What one SELECT brings. Raises TransientError without an answer, PermanentError for a refusal."""
        async with self._turns:
            return found_in(await self._ask(query))

    async def close(self) -> None:
        """Give up the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ask(self, query: str) -> Any:
        settings = self._settings
        client = self._client = self._client or self._made()
        asked = {"db": settings.database, "q": query, "epoch": "ns"}
        how: dict[str, Any] = {"params": asked} if len(query) <= LONG_CHARS else {"data": asked}
        try:
            async with asyncio.timeout(settings.timeout_s):
                answer = await client.request("GET" if "params" in how else "POST", "/query", **how)
        except TimeoutError as error:
            raise TransientError(
                say("history_late", place=settings.url, seconds=f"{settings.timeout_s:g}")
            ) from error
        except httpx.HTTPError as error:
            raise TransientError(say("history_unreached", place=settings.url, why=error)) from error
        if answer.status_code in (401, 403, 404):
            raise PermanentError(say("history_refused", place=settings.url, status=answer.status_code))
        if answer.status_code != 200 or len(answer.content) > BODY_MAX:
            raise TransientError(say("history_status", place=settings.url, status=answer.status_code))
        try:
            return answer.json()
        except ValueError as error:
            raise TransientError(say("history_no_influx", place=settings.url)) from error

    def _made(self) -> httpx.AsyncClient:
        settings = self._settings
        password = read_secret(settings.password_file, CONSOLE_INFLUX_PASSWORD_ENV, os.environ)
        auth = httpx.BasicAuth(settings.username, password or "") if settings.username else None
        verify: ssl.SSLContext | bool = False
        if settings.url.startswith("https"):
            try:
                verify = ssl.create_default_context(cafile=settings.ca_file)
            except OSError as error:
                raise PermanentError(say("ca_file_unread", file=settings.ca_file, why=error)) from error
        return httpx.AsyncClient(
            base_url=settings.url, auth=auth, verify=verify, timeout=settings.timeout_s, trust_env=False
        )


def found_in(answer: Any) -> list[Found]:
    """The series of an answer. Raises TransientError with the server's words where it has none to give."""
    try:
        result = answer["results"][0]
        if "error" in result:
            raise TransientError(say("history_influx_says", answer=str(result["error"])[:200]))
        return [Found(one.get("tags", {}), list(one["values"])) for one in result.get("series") or []]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise TransientError(say("history_no_influx_answer")) from error
