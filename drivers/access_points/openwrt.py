"""What OpenWrt's answers say: rpcd's iwinfo, hostapd, netifd and system objects. Pure.

Lists of stations are counted here and dropped: nothing behind this module has an address of anybody.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from drivers.access_points.figures import Figures, Radio, band_of, figures_of
from drivers.access_points.foreign import document, items, name, number, table, truth
from drivers.access_points.ubus import OK, Call, Result
from edge.core.errors import ProtocolError
from edge.core.sayings import say

RADIOS_MAX = 32
"""Most wireless interfaces of one access point that are asked."""

MASTER = "Master"
"""What iwinfo calls the mode of an access point."""

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,15}")
"""Names of network interfaces, as Linux allows and OpenWrt gives them."""

FIRST = (Call("iwinfo", "devices"), Call("system", "info"))


def radio_calls(device: str) -> tuple[Call, ...]:
    """What is asked of one wireless interface."""
    return (
        Call("iwinfo", "info", device),
        Call("iwinfo", "assoclist", device),
        Call(f"hostapd.{device}", "get_status"),
        Call("network.device", "status", device, "name"),
    )


def client_call(device: str) -> Call:
    """Who is there, asked of hostapd where iwinfo does not tell."""
    return Call(f"hostapd.{device}", "get_clients")


def devices_in(result: Result) -> tuple[str, ...]:
    """The wireless interfaces that there are. Raises ProtocolError for what is no list of them."""
    listed = table(result.data).get("devices")
    if not isinstance(listed, list):
        raise ProtocolError(say("no_radios"))
    found = map(name, listed)
    return tuple(device for device in found if _NAME.fullmatch(device))[:RADIOS_MAX]


def uptime_in(result: Result) -> float | None:
    """Seconds since the access point started."""
    return number(table(result.data).get("uptime"))


def radio_in(answers: Sequence[Result]) -> Radio | None:
    """One wireless interface by the answers to `radio_calls`; None for one that is no access point."""
    info, stations, status, device = answers
    about, state, link = table(info.data), table(status.data), table(device.data)
    if info.code == OK and about.get("mode") != MASTER:
        return None
    frequency = number(about.get("frequency")) or number(state.get("freq")) or 0.0
    traffic = table(link.get("statistics"))
    enabled = state.get("status", "ENABLED") == "ENABLED"
    return Radio(
        band=band_of(frequency),
        up=enabled and frequency > 0 and truth(link.get("up")) is not False,
        clients=_counted(stations),
        busy=number(table(state.get("airtime")).get("utilization")),
        received=number(traffic.get("rx_bytes")),
        sent=number(traffic.get("tx_bytes")),
    )


def with_clients(radio: Radio, answer: Result) -> Radio:
    """The radio with as many clients as hostapd's get_clients names; those not let in yet do not count."""
    stations = table(answer.data).get("clients") if answer.code == OK else None
    if not isinstance(stations, dict):
        return radio
    return replace(radio, clients=sum(table(one).get("authorized") is not False for one in stations.values()))


def _counted(stations: Result) -> int | None:
    """How many iwinfo's assoclist names; those that are not let in yet do not count."""
    listed = table(stations.data).get("results") if stations.code == OK else None
    if not isinstance(listed, list):
        return None
    return sum(table(station).get("authorized") is not False for station in items(listed))


def sample_figures(text: str) -> Figures:
    """The figures of a profile's sample: a JSON object, `object method device` to the answer's data."""
    said = table(document(text.encode()))

    def told(call: Call) -> Result:
        return Result(OK, said.get(f"{call.object} {call.method} {call.device}".rstrip()))

    devices, system = map(told, FIRST)
    radios = (radio_in([told(call) for call in radio_calls(device)]) for device in devices_in(devices))
    return figures_of([radio for radio in radios if radio is not None], uptime_in(system))
