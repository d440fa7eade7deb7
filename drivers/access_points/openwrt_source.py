"""OpenWrt over HTTP: logging in, asking in batches, logging in again when the session has ended."""

from collections.abc import Sequence

from drivers.access_points import openwrt, ubus
from drivers.access_points.access import password_of
from drivers.access_points.figures import Figures, Radio, figures_of
from drivers.access_points.ubus import Call, Result
from drivers.access_points.web import Web
from edge.config.schema import Bus
from edge.core.errors import ProtocolError, Refused
from edge.core.ports import Breathe
from edge.core.sayings import say

PATH = "/ubus"
HTTP_OK = 200


class OpenWrtSource:
    """One access point with OpenWrt and uhttpd-mod-ubus."""

    requests = 2

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._web = Web(bus)
        self._session = ""

    async def open(self) -> None:
        """Log in."""
        self._session = ""
        self._web.open()
        await self._log_in()

    async def close(self) -> None:
        """Leave; the session ends by itself."""
        await self._web.close()

    async def figures(self, paths: Sequence[str], only: Sequence[str], breathe: Breathe) -> Figures:
        """Its interfaces and uptime, then all about each interface that counts."""
        listed, system = await self._first()
        if listed.code != ubus.OK:
            raise Refused(say("radios_untold", place=self._web.place, status=listed.code))
        devices = [one for one in openwrt.devices_in(listed) if not only or one in only]
        await breathe()
        radios = await self._radios(devices, breathe) if devices else []
        return figures_of(radios, openwrt.uptime_in(system))

    async def probe(self) -> None:
        """Its uptime."""
        await self._first()

    async def _first(self) -> Sequence[Result]:
        answers = await self._ask(openwrt.FIRST)
        if all(answer.code == ubus.DENIED for answer in answers):
            await self._log_in()
            answers = await self._ask(openwrt.FIRST)
        if all(answer.code == ubus.DENIED for answer in answers):
            raise Refused(say("nothing_told", place=self._web.place))
        return answers

    async def _radios(self, devices: Sequence[str], breathe: Breathe) -> list[Radio]:
        calls = [call for device in devices for call in openwrt.radio_calls(device)]
        answers = await self._ask(calls)
        each = len(calls) // len(devices)
        radios: list[Radio] = []
        for at, device in enumerate(devices):
            radio = openwrt.radio_in(answers[at * each : (at + 1) * each])
            if radio is not None and radio.clients is None:
                await breathe()
                radio = openwrt.with_clients(radio, *await self._ask([openwrt.client_call(device)]))
            if radio is not None:
                radios.append(radio)
        return radios

    async def _log_in(self) -> None:
        body = ubus.login_request(self._bus.username or "", password_of(self._bus))
        answer = (await self._post(body, 1))[0]
        self._session = ubus.session_of(answer)
        if not self._session:
            raise Refused(say("openwrt_login", place=self._web.place, bus=self._bus.id))

    async def _ask(self, calls: Sequence[Call]) -> list[Result]:
        return await self._post(ubus.request(calls, self._session), len(calls))

    async def _post(self, body: bytes, count: int) -> list[Result]:
        answer = await self._web.post(PATH, body)
        if answer.status != HTTP_OK:
            raise ProtocolError(say("no_ubus", place=self._web.place, path=PATH, status=answer.status))
        return ubus.results(answer.body, count)
