"""What holds for every route: safe headers, known host names, requests of a bounded size."""

import ipaddress
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.console.access.refusal import refusal
from edge.core.sayings import say

BODY_BYTES_MAX = 65_536
"""Largest body of a request."""

POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""Content-Security-Policy: nothing from elsewhere, no script or style in the page itself."""

HEADERS = (
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    # Not `no-referrer`: with that, browsers send forms with `Origin: null`.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(self)"),
    ("cache-control", "no-store"),
)
"""What an answer gets that does not say otherwise itself."""

HSTS = ("strict-transport-security", "max-age=31536000")


class Shield:
    """The outermost middleware. `hosts` are names by which we are called; with `any_address` every IP too.

    A foreign name that points here is DNS rebinding; an IP address cannot be. `larger` says by path where a
    body may have more than BODY_BYTES_MAX. `images` is the origin of map tiles.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str],
        any_address: bool = False,
        larger: Mapping[str, int] = MappingProxyType({}),
        images: str = "",
    ) -> None:
        policy = ("content-security-policy", POLICY.replace("data:", f"data: {images}".strip()))
        self._headers = (policy, *(one for one in HEADERS if one[0] != policy[0]))
        self._app, self._any_address, self._larger = app, any_address, larger
        self._hosts = frozenset(host.lower().rstrip(".") for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        secure = scope["scheme"] in ("https", "wss")

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (*self._headers, *((HSTS,) if secure else ())):
                    headers.setdefault(name, value)
            await send(message)

        await (self._refusal(scope) or self._app)(scope, receive, dressed)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if not self._is_ours(_host_name(headers.get("host", ""))):
            return refusal(say("other_host"), 400)
        if "transfer-encoding" in headers:
            return refusal(say("length_wanted"), 411)
        length = headers.get("content-length", "0")
        bytes_max = self._larger.get(scope["path"], BODY_BYTES_MAX)
        if not length.isdecimal() or len(length) > 12 or int(length) > bytes_max:
            return refusal(say("body_too_long", bytes=bytes_max), 413)
        return None

    def _is_ours(self, name: str) -> bool:
        if name in self._hosts:
            return True
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return self._any_address


def _host_name(host: str) -> str:
    """The name in a Host header, without its port."""
    host = host.strip().lower()
    name, colon, port = host.rpartition(":")
    if host.endswith("]") or not colon or not port.isdecimal():
        name = host
    return name.rstrip(".")
