"""Simulated access points with the stations that use them, and the interfaces that tell of them.

`OpenWrtServer` speaks ubus over HTTP, `RouterOsServer` MikroTik's REST: both written after the vendors'
public pages, with the addresses and names of people that real ones tell too.
"""

import ssl
from collections.abc import Callable

from simulators.radios import SimulatedAccessPoint
from simulators.routeros import RouterOs
from simulators.ubus import Ubus
from simulators.web import WebServer


class OpenWrtServer(WebServer):
    """OpenWrt's uhttpd with ubus for an access point."""

    def __init__(
        self,
        point: SimulatedAccessPoint,
        now_s: Callable[[], float],
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.ubus = Ubus(point, now_s)
        super().__init__(self.ubus.answer, port, tls)


class RouterOsServer(WebServer):
    """RouterOS's www service for an access point; `wireless` has the older driver's menus."""

    def __init__(
        self,
        point: SimulatedAccessPoint,
        now_s: Callable[[], float],
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        wireless: bool = False,
    ) -> None:
        self.routeros = RouterOs(point, now_s, wireless)
        super().__init__(self.routeros.answer, port, tls)
