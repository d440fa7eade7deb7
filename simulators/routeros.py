"""RouterOS's REST interface as MikroTik's pages describe it, for the menus that tell of radios. Pure."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence

from simulators.radios import SimulatedAccessPoint, SimulatedRadio
from simulators.web import Reply, Request

Row = Mapping[str, str]
_UNITS = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


class RouterOs:
    """Menus of one access point. `asked` keeps what was asked for, to see that it was not too much."""

    def __init__(
        self, point: SimulatedAccessPoint, now_s: Callable[[], float], wireless: bool = False
    ) -> None:
        self.point = point
        self.asked: list[tuple[str, str]] = []
        self._now_s, self._wireless = now_s, wireless

    def answer(self, request: Request) -> Reply | None:
        """The answer to a GET of a menu; `.proplist` chooses columns."""
        if request.headers.get("authorization") != self._credentials():
            return _fault(401, "Unauthorized")
        columns = request.query.get(".proplist", "")
        self.asked.append((request.path, columns))
        rows = self._rows(request.path)
        if rows is None:
            return _fault(400, "Bad Request", "no such command or directory")
        chosen = [_only(row, columns.split(",")) if columns else row for row in rows]
        return Reply(200, json.dumps(chosen[0] if request.path.endswith("resource") else chosen).encode())

    def _credentials(self) -> str:
        pair = f"{self.point.username}:{self.point.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"

    def _rows(self, path: str) -> Sequence[Row] | None:
        up_s = int(self._now_s() - self.point.started_s)
        radios = self.point.radios
        menu = "/rest/interface/wireless" if self._wireless else "/rest/interface/wifi"
        registered = _registered_wireless if self._wireless else _registered
        listed = _wireless if self._wireless else _wifi
        menus: Mapping[str, Sequence[Row]] = {
            "/rest/system/resource": [{"uptime": spelled_s(up_s), "version": "7.16.1 (stable)"}],
            "/rest/interface": [_ether(), *map(_interface, radios)],
            "/rest/ip/hotspot/active": [row for radio in radios for row in _logins(radio)],
            menu: [listed(radio) for radio in radios],
            f"{menu}/registration-table": [row for radio in radios for row in registered(radio)],
        }
        return menus.get(path)


def spelled_s(seconds: int) -> str:
    """A time as RouterOS writes it: `2d20h12m20s`."""
    parts = []
    for letter, size_s in _UNITS:
        count, seconds = divmod(seconds, size_s)
        if count:
            parts.append(f"{count}{letter}")
    return "".join(parts) or "0s"


def _only(row: Row, columns: Sequence[str]) -> Row:
    return {column: row[column] for column in columns if column in row}


def _fault(status: int, message: str, detail: str = "") -> Reply:
    told = {"error": status, "message": message} | ({"detail": detail} if detail else {})
    return Reply(status, json.dumps(told).encode())


def _ether() -> Row:
    return {".id": "*1", "name": "ether1", "type": "ether", "rx-byte": "77777", "tx-byte": "88888"}


def _interface(radio: SimulatedRadio) -> Row:
    traffic = {"rx-byte": str(radio.received), "tx-byte": str(radio.sent)}
    return {".id": "*2", "name": radio.name, "type": "wifi", "running": "false"} | traffic


def _wifi(radio: SimulatedRadio) -> Row:
    band = "2ghz-ax" if radio.is_2g else "5ghz-ax"
    state = {"disabled": "false" if radio.on_air else "true", "inactive": "false", "channel.band": band}
    return {".id": "*2", "name": radio.name, "mac-address": "02:00:5E:00:00:01"} | state


def _wireless(radio: SimulatedRadio) -> Row:
    band = "2ghz-b/g/n" if radio.is_2g else "5ghz-a/n/ac"
    return {"name": radio.name, "band": band, "disabled": "false" if radio.on_air else "true"}


def _registered(radio: SimulatedRadio) -> list[Row]:
    band = "2ghz-n" if radio.is_2g else "5ghz-ac"
    return [row | {"band": band, "authorized": "true"} for row in _registered_wireless(radio)]


def _registered_wireless(radio: SimulatedRadio) -> list[dict[str, str]]:
    return [
        {"interface": radio.name, "mac-address": station.mac, "last-ip": station.address, "signal": "-61"}
        for station in radio.stations
    ]


def _logins(radio: SimulatedRadio) -> list[Row]:
    return [
        {".id": f"*{at:X}", "user": one.user, "address": one.address, "mac-address": one.mac, "uptime": "1h"}
        for at, one in enumerate(radio.stations)
        if one.user
    ]
