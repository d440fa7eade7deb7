"""History out of InfluxDB by InfluxQL over `/query`, which versions 1.6 and later have: read alone.

The only module here that knows httpx. What goes into a query is an id, a name of the vocabulary or a number.
"""

import asyncio
import os
import re
import ssl
from typing import Any

import httpx

from edge.config.console import History
from edge.config.secrets import CONSOLE_INFLUX_PASSWORD_ENV, read_secret
from edge.console.town.sight import Origin, Series, Span
from edge.console.town.things import Thing
from edge.core.errors import PermanentError, TransientError

BODY_MAX = 4_000_000
"""Largest answer that is read, in bytes."""

AT_ONCE = 4
"""Queries under way at once; more wait."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CLASS = re.compile(r"[a-z][a-z0-9_-]{0,63}")


class InfluxHistory:
    """Asks one InfluxDB for means, least and greatest values."""

    def __init__(self, settings: History) -> None:
        self._settings = settings
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._client: httpx.AsyncClient | None = None

    async def series(self, thing: Thing, point: str, span: Span) -> Series:
        """A point's past by steps. Raises TransientError without an answer, PermanentError for a refusal."""
        query = query_of(thing, point, span)
        async with self._turns:
            rows = rows_of(await self._ask(query))
        whole = [(int(at), *values) for at, *values in rows if None not in values and len(values) == 3]
        return Series(
            origin=Origin.INFLUX,
            at_ns=[row[0] for row in whole],
            mean=[float(row[1]) for row in whole],
            low=[float(row[2]) for row in whole],
            high=[float(row[3]) for row in whole],
        )

    async def close(self) -> None:
        """Give up the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ask(self, query: str) -> Any:
        settings = self._settings
        client = self._client = self._client or self._made()
        asked = {"db": settings.database, "q": query, "epoch": "ns"}
        try:
            async with asyncio.timeout(settings.timeout_s):
                answer = await client.get("/query", params=asked)
        except TimeoutError as error:
            raise TransientError(f"{settings.url} gave no history in {settings.timeout_s:g} s") from error
        except httpx.HTTPError as error:
            raise TransientError(f"no history: {settings.url} cannot be reached ({error})") from error
        if answer.status_code in (401, 403, 404):
            raise PermanentError(
                f"no history: {settings.url} refuses the console (HTTP {answer.status_code}): check "
                "database, username and password_file in [influx] of console.toml"
            )
        if answer.status_code != 200 or len(answer.content) > BODY_MAX:
            raise TransientError(f"no history: {settings.url} answered HTTP {answer.status_code}")
        try:
            return answer.json()
        except ValueError as error:
            raise TransientError(f"no history: {settings.url} is no InfluxDB") from error

    def _made(self) -> httpx.AsyncClient:
        settings = self._settings
        password = read_secret(settings.password_file, CONSOLE_INFLUX_PASSWORD_ENV, os.environ)
        auth = httpx.BasicAuth(settings.username, password or "") if settings.username else None
        verify: ssl.SSLContext | bool = False
        if settings.url.startswith("https"):
            try:
                verify = ssl.create_default_context(cafile=settings.ca_file)
            except OSError as error:
                raise PermanentError(f"ca_file {settings.ca_file} cannot be read: {error}") from error
        return httpx.AsyncClient(
            base_url=settings.url, auth=auth, verify=verify, timeout=settings.timeout_s, trust_env=False
        )


def query_of(thing: Thing, point: str, span: Span) -> str:
    """The query. Raises PermanentError for names that no row of ours can have."""
    measurement = {"station": "air_index" if point.startswith("aqi") else "air_1h"}.get(
        thing.classed, thing.classed
    )
    if not _NAME.fullmatch(point) or not _CLASS.fullmatch(measurement):
        raise PermanentError(f"{thing.id} has no history of {point!r}")
    return (
        f'SELECT mean("{point}"), min("{point}"), max("{point}") FROM "{measurement}" '
        f"WHERE \"gateway\" = '{thing.gateway.id}' AND \"device\" = '{thing.device}' "
        f"AND time >= {span.from_ns} AND time < {span.to_ns} "
        f"GROUP BY time({span.step_s}s, {span.from_ns}ns) fill(none)"
    )


def rows_of(answer: Any) -> list[list[Any]]:
    """The rows of an answer. Raises TransientError with the server's words where it has none to give."""
    try:
        result = answer["results"][0]
        if "error" in result:
            raise TransientError(f"no history: InfluxDB says {str(result['error'])[:200]}")
        return list(result["series"][0]["values"]) if result.get("series") else []
    except (KeyError, IndexError, TypeError) as error:
        raise TransientError("no history: this is no answer of an InfluxDB") from error
