"""Serves the pages: our own files from this package, and those of two libraries from where pip put them.

Everything is read once, compressed in small steps between which other work goes on, and kept compressed.
"""

import asyncio
import hashlib
import posixpath
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import Response

from edge.console.access.needs import needs
from edge.console.access.roles import Permission
from edge.core.sayings import say

WEB = Path(__file__).with_name("web")
INDEX, ICON = "index.html", "icon.svg"

PAGES = ("", "lighting", "air", "wifi", "field", "alarms", "audit", "users", "commission")
"""Addresses of pages, which are called as their scripts are."""

FIRST = "town"
"""The script of the page without a name."""

KINDS: Mapping[str, str] = MappingProxyType(
    {
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".png": "image/png",
        ".svg": "image/svg+xml",
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

KEPT = "public, max-age=31536000, immutable"
"""For addresses that change with what they hold."""

CHECKED = "no-cache"
"""For addresses that stay: a browser asks each time whether they still hold the same."""

IMPORTED = re.compile(r"""^import [^'"]+ from '(\.[^']+)'""", re.MULTILINE)
"""How our scripts name others that they begin with."""

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
    """The files of the pages by their address after `/web/`.

    The page itself calls them by addresses that change with what is installed, so that a browser keeps them
    for good and asks for none of them again.
    """

    def __init__(self, web: Path = WEB) -> None:
        self._paths = {path.relative_to(web).as_posix(): path for path in web.rglob("*") if path.is_file()}
        self._paths |= {f"lib/{name}": path for name, path in libraries().items()}
        self.version = f"v-{_mark_of(self._paths)}"
        self._made: dict[str, Asset] = {}
        self._making = asyncio.Lock()

    async def asset(self, name: str) -> Asset | None:
        """A file, None if there is none of this name."""
        path = self._paths.get(name.removeprefix(f"{self.version}/"))
        if path is None or path.suffix not in KINDS:
            return None
        async with self._making:
            if name not in self._made:
                self._made[name] = await _packed(path)
            return self._made[name]

    async def page(self, name: str) -> Asset:
        """The document of a page: its addresses are those of now, and it says at once which scripts it needs.

        A browser would otherwise learn of each script from the one before it.
        """
        async with self._making:
            key = f"page {name}"
            if key not in self._made:
                self._made[key] = await _packed(self._paths[INDEX], lambda text: self._written(text, name))
            return self._made[key]

    def _written(self, text: bytes, name: str) -> bytes:
        scripts = self._begun_with(f"js/pages/{name or FIRST}.js", self._begun_with("js/main.js", {}))
        said = "".join(f'<link rel="modulepreload" href="/web/{script}">\n' for script in scripts)
        whole = text.replace(b"</head>", said.encode() + b"</head>")
        return whole.replace(b'"/web/', f'"/web/{self.version}/'.encode())

    def _begun_with(self, script: str, known: dict[str, None]) -> dict[str, None]:
        """A script and all that it begins with, after those that are known already."""
        if script in known or script not in self._paths:
            return known
        known[script] = None
        for other in IMPORTED.findall(self._paths[script].read_text("utf-8")):
            self._begun_with(posixpath.normpath(f"{posixpath.dirname(script)}/{other}"), known)
        return known


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
            raise HTTPException(404, say("no_file", file=f"{name!r}"))
        return _answer(request, found, KEPT if name.startswith(f"{site.version}/") else CHECKED)

    @app.get("/favicon.ico", include_in_schema=False, dependencies=needs(Permission.OPEN))
    async def favicon(request: Request) -> Response:
        """What browsers ask for where a document names no icon: that of the API is none of ours."""
        found = await site.asset(ICON)
        assert found is not None
        return _answer(request, found, CHECKED)

    def add_page(name: str) -> None:
        async def page(request: Request) -> Response:
            return _answer(request, await site.page(name), CHECKED)

        app.add_api_route(f"/{name}", page, include_in_schema=False, dependencies=needs(Permission.READ))

    for name in PAGES:
        add_page(name)


def origin_of(tiles: str) -> str:
    """Where tiles come from, as a Content-Security-Policy names it: scheme, host and port; empty for none."""
    parts = urlsplit(tiles)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _answer(request: Request, asset: Asset, kept: str) -> Response:
    headers = {"etag": asset.mark, "cache-control": kept, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == asset.mark:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.kind, headers=headers | {"content-encoding": "gzip"})
    return Response(zlib.decompress(asset.packed, GZIP), media_type=asset.kind, headers=headers)


def _mark_of(paths: Mapping[str, Path]) -> str:
    """Changes when a file does."""
    stats = sorted((name, path.stat().st_size, path.stat().st_mtime_ns) for name, path in paths.items())
    return hashlib.sha256(repr(stats).encode()).hexdigest()[:12]


async def _packed(path: Path, change: Callable[[bytes], bytes] | None = None) -> Asset:
    """Read and compress a file without keeping other tasks from their work; `change` is for a small one."""
    packer, packed, digest = zlib.compressobj(6, zlib.DEFLATED, GZIP), bytearray(), hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(STEP_BYTES):
            part = part if change is None else change(part)
            digest.update(part)
            packed += packer.compress(part)
            await asyncio.sleep(0)
    packed += packer.flush()
    return Asset(bytes(packed), KINDS[path.suffix], f'"{digest.hexdigest()[:20]}"')
