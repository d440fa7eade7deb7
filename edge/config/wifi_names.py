"""Names and addresses in the sections of Wi-Fi: used twice, or meaning nothing. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_network

from edge.config.faults import Problem
from edge.config.lighting_names import unknown
from edge.config.lines import KeyPath
from edge.config.schema import Config
from edge.config.wifi import Hotspot

Written = Mapping[str, Sequence[str]]
"""The ids that stand in the file by section, also those of tables that have faults of their own."""


def problems_of_wifi(config: Config, written: Written) -> list[Problem]:
    """Every name and address in the sections of Wi-Fi that nothing has, or that several have."""
    found = [*_twice(config), *_listening(config), *_clients(config, written)]
    for index, hotspot in enumerate(config.hotspot):
        found += _hotspot(index, hotspot, config, written)
    return [*found, *_same_packets(config)]


def _twice(config: Config) -> Iterator[Problem]:
    for section in ("radius_client", "hotspot"):
        names = [one.id for one in getattr(config, section)]
        for index, name in enumerate(names):
            if name in names[:index]:
                message = f"{section}[{names.index(name)}] has this id already: choose another"
                yield (section, index, "id"), message


def _listening(config: Config) -> Iterator[Problem]:
    if config.wifi is None:
        return
    try:
        ip_address(config.wifi.host)
    except ValueError:
        message = f"'{config.wifi.host}' is no IP address: give one of this machine's, or 0.0.0.0 for all"
        yield ("wifi", "host"), message


def _clients(config: Config, written: Written) -> Iterator[Problem]:
    wifi = config.wifi
    if wifi is None and config.radius_client and "wifi" not in written:
        yield ("radius_client", 0), "without [wifi] nothing listens to it: add [wifi]"
    seen: dict[object, int] = {}
    names: dict[str, int] = {}
    for index, client in enumerate(config.radius_client):
        path: KeyPath = ("radius_client", index)
        if client.hotspot is not None:
            yield from unknown((*path, "hotspot"), "hotspot", client.hotspot, written["hotspot"])
        if client.address is not None:
            first = seen.setdefault(ip_network(client.address), index)
            if first != index:
                yield (
                    (*path, "address"),
                    f"radius_client[{first}] has this address already: put them into one",
                )
        elif client.secret_file is not None:
            yield (*path, "secret_file"), "a secret is for UDP: give address too, or take it out"
        elif wifi is not None and wifi.radsec_port is None:
            yield path, "it has no address, and there is no RadSec: give address, or radsec_port in [wifi]"
        name = (client.certificate_name or client.id).lower()
        first = names.setdefault(name, index)
        if first != index and client.id != config.radius_client[first].id:
            key = "certificate_name" if client.certificate_name else "id"
            yield (*path, key), f"radius_client[{first}] is known by this name already: choose another"


def _hotspot(index: int, hotspot: Hotspot, config: Config, written: Written) -> Iterator[Problem]:
    path: KeyPath = ("hotspot", index)
    yield from unknown((*path, "client"), "radius_client", hotspot.client, written["radius_client"])
    if hotspot.device is not None:
        yield from unknown((*path, "device"), "device", hotspot.device, written["device"])
    if (hotspot.latitude is None) != (hotspot.longitude is None):
        yield path, "latitude and longitude go together: give both or neither"
    clashes = {
        "device": [name for name in written["device"] if name != hotspot.device],
        "station": written["station"],
        "radius_client": [name for name in written["radius_client"] if name != hotspot.client],
    }
    for section, names in clashes.items():
        if hotspot.id in names:
            yield (*path, "id"), f"a [[{section}]] has the id '{hotspot.id}' too: choose another"
    for client in config.radius_client:
        if client.hotspot == hotspot.id and client.id != hotspot.client:
            message = (
                f"the hotspot of radius client {client.id} is told of by {hotspot.client}: make them agree"
            )
            yield (*path, "client"), message


def _same_packets(config: Config) -> Iterator[Problem]:
    """Hotspots that the same packets would count for."""
    seen: dict[tuple[str, str | None], int] = {}
    for index, hotspot in enumerate(config.hotspot):
        first = seen.setdefault((hotspot.client, hotspot.nas_identifier), index)
        if first == index:
            continue
        what = "has this client" if hotspot.nas_identifier is None else "has this client and nas_identifier"
        message = f"hotspot[{first}] {what} already: tell them apart by nas_identifier"
        yield ("hotspot", index, "nas_identifier" if hotspot.nas_identifier else "client"), message
