"""The API's contract, `/api/v1/openapi.json`: written once, by the store's thread, when somebody first asks.

Writing it takes half a second on a server: nothing that the loop of a gateway could do without harm to polls.
"""

import asyncio
import gzip
import json

from fastapi import FastAPI, Request
from fastapi.responses import Response

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.core.ports import Aside

PATH = "/api/v1/openapi.json"


class Contract:
    """What an application offers, compressed by gzip."""

    def __init__(self, app: FastAPI, aside: Aside) -> None:
        self._app, self._aside = app, aside
        self._one = asyncio.Lock()
        self._packed = b""

    async def packed(self) -> bytes:
        """The document."""
        async with self._one:
            if not self._packed:
                await self._aside(self._write)
            return self._packed

    def _write(self) -> None:
        text = json.dumps(self._app.openapi(), ensure_ascii=False, separators=(",", ":"))
        self._packed = gzip.compress(text.encode(), mtime=0)


def add_contract(app: FastAPI, aside: Aside) -> None:
    """Add the route; it is no part of what it tells."""
    written = Contract(app, aside)

    async def contract(request: Request) -> Response:
        packed = await written.packed()
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, media_type="application/json", headers={"content-encoding": "gzip"})
        return Response(gzip.decompress(packed), media_type="application/json")

    app.add_api_route(
        PATH, contract, methods=["GET", "HEAD"], include_in_schema=False, dependencies=needs(Permission.READ)
    )
