"""RouterOS over its REST interface: five small questions a poll, none of which asks for people."""

from collections.abc import Sequence

from drivers.access_points import mikrotik
from drivers.access_points.access import password_of
from drivers.access_points.figures import Figures, figures_of
from drivers.access_points.foreign import document
from drivers.access_points.mikrotik import MENUS, Menu
from drivers.access_points.web import Web
from edge.config.schema import Bus
from edge.core.errors import ProtocolError, Refused
from edge.core.ports import Breathe
from edge.core.sayings import say

HTTP_OK, HTTP_BAD, HTTP_UNAUTHORISED, HTTP_FORBIDDEN, HTTP_NOT_FOUND = 200, 400, 401, 403, 404

ABSENT = (HTTP_BAD, HTTP_NOT_FOUND)
"""What RouterOS answers for a menu that it has not."""


class MikrotikSource:
    """One access point or controller with RouterOS 7."""

    requests = 5

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._web = Web(bus)
        self._menu: Menu | None = None

    async def open(self) -> None:
        """Ask something, to see whether it lets us in."""
        self._menu = None
        self._web.open((self._bus.username or "", password_of(self._bus)))
        await self.probe()

    async def close(self) -> None:
        """Leave."""
        await self._web.close()

    async def figures(self, paths: Sequence[str], only: Sequence[str], breathe: Breathe) -> Figures:
        """Its uptime, its radios with their octets and stations, and the hotspot's logins."""
        uptime_s = mikrotik.uptime_in(await self._must(mikrotik.RESOURCE))
        await breathe()
        menu, listed = await self._listed()
        radios = mikrotik.radios_in(listed, menu, only)
        await breathe()
        radios = mikrotik.with_traffic(radios, await self._must(mikrotik.INTERFACES))
        await breathe()
        stations = mikrotik.stations_in(await self._must(menu.stations))
        await breathe()
        hotspot = await self._may(mikrotik.HOTSPOT) if "hotspot clients" in paths else None
        logins = None if hotspot is None else mikrotik.count_in(hotspot)
        return figures_of(mikrotik.with_stations(radios, stations), uptime_s, logins)

    async def probe(self) -> None:
        """Its uptime."""
        await self._must(mikrotik.RESOURCE)

    async def _listed(self) -> tuple[Menu, bytes]:
        """The menu that this RouterOS has, and the radios in it."""
        for menu in MENUS if self._menu is None else (self._menu,):
            if (body := await self._may(menu.radios)) is not None:
                self._menu = menu
                return menu, body
        self._menu = None
        raise Refused(say("no_wifi_menu", place=self._web.place))

    async def _must(self, path: str) -> bytes:
        body = await self._may(path)
        if body is None:
            raise ProtocolError(say("routeros_too_old", place=self._web.place, path=path.split("?")[0]))
        return body

    async def _may(self, path: str) -> bytes | None:
        """The table, None where RouterOS has nothing of that name. Only the resource may be no list."""
        answer = await self._web.get(path)
        if answer.status in (HTTP_UNAUTHORISED, HTTP_FORBIDDEN):
            raise Refused(say("mikrotik_login", place=self._web.place, bus=self._bus.id))
        if answer.status in ABSENT:
            return None
        found, shapes = document(answer.body), (list, dict) if path == mikrotik.RESOURCE else (list,)
        if answer.status != HTTP_OK or not isinstance(found, shapes):
            raise ProtocolError(
                say("no_table", place=self._web.place, path=path.split("?")[0], status=answer.status)
            )
        return answer.body
