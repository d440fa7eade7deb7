"""Serves the pages: our own files from this package, and those of two libraries from where pip put them.

Everything is read once, compressed in small steps between which other work goes on, and kept compressed.
"""

import asyncio
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import Response

from edge.console.access.needs import needs
from edge.console.access.roles import Permission

WEB = Path(__file__).with_name("web")
INDEX = "index.html"

PAGES = ("", "lighting", "air", "wifi", "field", "alarms", "audit", "users", "commission")
"""Addresses of pages: all get the same document, which shows what its address says."""

KINDS: Mapping[str, str] = MappingProxyType(
    {
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".png": "image/png",
    }
)

CARRIER = "nicegui"
"""The package that carries Leaflet and ECharts as files; it is never imported."""

LIBRARIES: Mapping[str, str] = MappingProxyType(
    {
        "leaflet": "elements/leaflet/dist",
        "leaflet/css": "elements/leaflet/dist/leaflet",
        "echarts": "elements/echart/dist",
    }
)
"""Folders of that package with scripts and styles, by the names that pages call them by."""

STEP_BYTES = 65_536
"""How much is compressed before other work goes on."""

GZIP = 31
"""zlib's number for the gzip format."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent, compressed by gzip; `mark` changes with what it holds."""

    packed: bytes
    kind: str
    mark: str


class Site:
    """The files of the pages by their address after `/web/`."""

    def __init__(self, web: Path = WEB) -> None:
        self._paths = {path.relative_to(web).as_posix(): path for path in web.rglob("*") if path.is_file()}
        self._paths |= {f"lib/{name}": path for name, path in libraries().items()}
        self._made: dict[str, Asset] = {}
        self._making = asyncio.Lock()

    async def asset(self, name: str) -> Asset | None:
        """A file, None if there is none of this name."""
        path = self._paths.get(name)
        if path is None or path.suffix not in KINDS:
            return None
        async with self._making:
            if name not in self._made:
                self._made[name] = await _packed(path)
            return self._made[name]


def libraries() -> dict[str, Path]:
    """The libraries' files that are installed, such as `leaflet/index.js`; none without the package."""
    found = find_spec(CARRIER)
    if found is None or found.origin is None:
        return {}
    root = Path(found.origin).parent
    return {
        f"{name}/{path.name}": path
        for name, inside in LIBRARIES.items()
        for path in (root / inside).glob("*.*s")
        if path.suffix in KINDS
    }


def add_site(app: FastAPI) -> None:
    """Add the pages; they are no part of the API. Files are open to all: the login needs some of them."""
    site = Site()

    @app.get("/web/{name:path}", include_in_schema=False, dependencies=needs(Permission.OPEN))
    async def file(request: Request, name: str) -> Response:
        found = await site.asset(name)
        if found is None:
            raise HTTPException(404, f"no file {name!r}")
        return _answer(request, found)

    async def page(request: Request) -> Response:
        found = await site.asset(INDEX)
        assert found is not None
        return _answer(request, found)

    for name in PAGES:
        app.add_api_route(f"/{name}", page, include_in_schema=False, dependencies=needs(Permission.READ))


def origin_of(tiles: str) -> str:
    """Where tiles come from, as a Content-Security-Policy names it: scheme, host and port; empty for none."""
    parts = urlsplit(tiles)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _answer(request: Request, asset: Asset) -> Response:
    headers = {"etag": asset.mark, "cache-control": "no-cache", "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == asset.mark:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.kind, headers=headers | {"content-encoding": "gzip"})
    return Response(zlib.decompress(asset.packed, GZIP), media_type=asset.kind, headers=headers)


async def _packed(path: Path) -> Asset:
    """Read and compress a file without keeping other tasks from their work."""
    packer, packed, digest = zlib.compressobj(6, zlib.DEFLATED, GZIP), bytearray(), hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(STEP_BYTES):
            digest.update(part)
            packed += packer.compress(part)
            await asyncio.sleep(0)
    packed += packer.flush()
    return Asset(bytes(packed), KINDS[path.suffix], f'"{digest.hexdigest()[:20]}"')
