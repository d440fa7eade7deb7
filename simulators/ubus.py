"""OpenWrt's ubus over HTTP as uhttpd-mod-ubus and rpcd offer it, as far as it tells of radios. Pure."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from simulators.radios import SimulatedAccessPoint, SimulatedRadio
from simulators.web import Reply, Request

OK, NOT_FOUND, PERMISSION_DENIED = 0, 4, 6
DENIED = -32002
SESSION_S = 300.0
"""How long a session lives after its last use."""

NOBODY = "0" * 32


class Ubus:
    """Sessions and objects of one access point. `forbidden` are objects that its user may not call."""

    def __init__(self, point: SimulatedAccessPoint, now_s: Callable[[], float]) -> None:
        self.point = point
        self.forbidden: set[str] = set()
        self.logins = 0
        self._now_s = now_s
        self._session, self._until_s = "", 0.0

    def answer(self, request: Request) -> Reply | None:
        """The answer to a POST of one call or of many."""
        if request.path != "/ubus" or request.method != "POST":
            return Reply(404, b"Not Found", "text/plain")
        asked = json.loads(request.body)
        told = [self._one(one) for one in asked] if isinstance(asked, list) else self._one(asked)
        return Reply(200, json.dumps(told).encode())

    def end_session(self) -> None:
        """As after a restart of rpcd."""
        self._session = ""

    def _one(self, call: Mapping[str, Any]) -> dict[str, Any]:
        session, what, method, arguments = call["params"]
        head = {"jsonrpc": "2.0", "id": call["id"]}
        if (what, method) == ("session", "login"):
            return head | {"result": self._login(arguments)}
        alive = session == self._session != "" and self._now_s() <= self._until_s
        if not alive or what in self.forbidden:
            return head | {"error": {"code": DENIED, "message": "Access denied"}}
        self._until_s = self._now_s() + SESSION_S
        return head | {"result": self._call(what, method, arguments)}

    def _login(self, arguments: Mapping[str, str]) -> list[Any]:
        self.logins += 1
        if (arguments["username"], arguments["password"]) != (self.point.username, self.point.password):
            return [PERMISSION_DENIED]
        self._session = f"{self.logins:032x}"
        self._until_s = self._now_s() + SESSION_S
        return [OK, {"ubus_rpc_session": self._session, "timeout": 300, "expires": 299, "data": {}}]

    def _call(self, what: str, method: str, arguments: Mapping[str, str]) -> list[Any]:
        up_s = int(self._now_s() - self.point.started_s)
        name = arguments.get("device") or arguments.get("name") or what.removeprefix("hostapd.")
        radio = next((one for one in self.point.radios if one.name == name), None)
        if (what, method) == ("system", "info"):
            return [OK, {"localtime": 0, "uptime": up_s, "load": [2048, 1024, 512]}]
        if (what, method) == ("iwinfo", "devices"):
            return [OK, {"devices": [one.name for one in self.point.radios]}]
        if radio is None:
            return [NOT_FOUND]
        about = {
            ("iwinfo", "info"): _info,
            ("iwinfo", "assoclist"): _assoclist,
            ("network.device", "status"): _status,
            (f"hostapd.{name}", "get_status"): _bss,
            (f"hostapd.{name}", "get_clients"): _clients,
        }.get((what, method))
        return [NOT_FOUND] if about is None else [OK, about(radio)]


def _info(radio: SimulatedRadio) -> dict[str, Any]:
    place = {"phy": "phy0" if radio.is_2g else "phy1", "ssid": radio.ssid, "bssid": "02:00:5E:00:00:01"}
    signal = {"quality": 58, "quality_max": 70, "signal": -52, "noise": -95, "bitrate": 144400}
    return place | {"mode": "Master", "channel": 6, "frequency": radio.frequency_mhz} | signal


def _assoclist(radio: SimulatedRadio) -> dict[str, Any]:
    return {
        "results": [
            {
                "mac": station.mac.upper(),
                "signal": -61,
                "inactive": 40,
                "authorized": station.authorized,
                "authenticated": True,
                "rx": {"packets": 10, "bytes": 1000, "rate": 54000},
                "tx": {"packets": 10, "bytes": 9000, "rate": 86700},
            }
            for station in radio.stations
        ]
    }


def _clients(radio: SimulatedRadio) -> dict[str, Any]:
    stations = {
        station.mac.lower(): {"auth": True, "assoc": True, "authorized": station.authorized, "aid": 1}
        for station in radio.stations
    }
    return {"freq": radio.frequency_mhz, "clients": stations}


def _bss(radio: SimulatedRadio) -> dict[str, Any]:
    state = {"status": "ENABLED" if radio.on_air else "DISABLED", "bssid": "02:00:5e:00:00:01"}
    busy = {"time": 259_561_738, "time_busy": 2_844_249, "utilization": round(radio.busy * 255)}
    return state | {"ssid": radio.ssid, "freq": radio.frequency_mhz, "channel": 6, "airtime": busy}


def _status(radio: SimulatedRadio) -> dict[str, Any]:
    link = {"up": radio.on_air, "carrier": radio.on_air, "macaddr": "02:00:5e:00:00:01"}
    return link | {"statistics": {"rx_bytes": radio.received, "tx_bytes": radio.sent, "rx_packets": 1}}
