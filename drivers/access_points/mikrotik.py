"""What RouterOS's REST answers say (help.mikrotik.com, REST API): numbers and truths come in quotes. Pure.

Of tables of people only the columns that are named here are asked for; none of them names anybody.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from drivers.access_points.figures import BAND_2G, BAND_5G, Figures, Radio, figures_of
from drivers.access_points.foreign import document, items, name, number, table, truth

RESOURCE = "/rest/system/resource?.proplist=uptime"
INTERFACES = "/rest/interface?.proplist=name,rx-byte,tx-byte"
HOTSPOT = "/rest/ip/hotspot/active?.proplist=.id"

RADIOS_MAX = 1_000
"""Most radios of one controller."""

_UPTIME = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?")
_UNITS_S = (604_800.0, 86_400.0, 3_600.0, 60.0, 1.0, 0.001)


@dataclass(frozen=True, slots=True)
class Menu:
    """Where RouterOS keeps its radios: `wifi` from 7.13 on, `wireless` with the older driver."""

    radios: str
    stations: str
    band: str


MENUS = (
    Menu(
        "/rest/interface/wifi?.proplist=name,disabled,inactive,channel.band",
        "/rest/interface/wifi/registration-table?.proplist=interface,band",
        "channel.band",
    ),
    Menu(
        "/rest/interface/wireless?.proplist=name,disabled,band",
        "/rest/interface/wireless/registration-table?.proplist=interface",
        "band",
    ),
)

Stations = Mapping[tuple[str, str], int]
"""How many are there by interface and band."""


def uptime_in(body: bytes) -> float | None:
    """Seconds since the start, from `2d20h12m20s`; the resource comes as an object or in a list."""
    answer = document(body)
    rows = items(answer)
    text = table(rows[0] if rows else answer).get("uptime")
    found = _UPTIME.fullmatch(text) if isinstance(text, str) and text else None
    if found is None:
        return None
    return sum(int(part) * unit_s for part, unit_s in zip(found.groups(), _UNITS_S, strict=True) if part)


def stations_in(body: bytes) -> Stations | None:
    """The registration table as counts, None where it is no table."""
    answer = document(body)
    if not isinstance(answer, list):
        return None
    rows = map(table, items(answer))
    return Counter((name(row.get("interface")), _band(row.get("band"))) for row in rows)


def count_in(body: bytes) -> int | None:
    """How many rows a table has."""
    answer = document(body)
    return len(answer) if isinstance(answer, list) else None


def radios_in(body: bytes, menu: Menu, only: Sequence[str]) -> dict[str, Radio]:
    """The radios by name; of `only` those that are named, where any is."""
    radios: dict[str, Radio] = {}
    for row in map(table, items(document(body))[:RADIOS_MAX]):
        called = name(row.get("name"))
        if called and (not only or called in only):
            up = truth(row.get("disabled")) is not True and truth(row.get("inactive")) is not True
            radios[called] = Radio(_band(row.get(menu.band)), up)
    return radios


def with_traffic(radios: Mapping[str, Radio], body: bytes) -> dict[str, Radio]:
    """The radios with their octets: what an access point receives comes from its clients."""
    told = {name(row.get("name")): row for row in map(table, items(document(body)))}
    return {
        called: replace(
            radio,
            received=number(told.get(called, {}).get("rx-byte")),
            sent=number(told.get(called, {}).get("tx-byte")),
        )
        for called, radio in radios.items()
    }


def with_stations(radios: Mapping[str, Radio], stations: Stations | None) -> list[Radio]:
    """The radios with their clients, by the station's own band where it is told, else the radio's."""
    if stations is None:
        return list(radios.values())
    found = [replace(radio, clients=0) for radio in radios.values()]
    for (interface, band), count in stations.items():
        radio = radios.get(interface)
        if radio is not None:
            found.append(Radio(band or radio.band, up=False, clients=count, received=0.0, sent=0.0))
    return found


def sample_figures(text: str) -> Figures:
    """The figures of a profile's sample: a JSON object, path to answer, by the newer menu."""
    said = table(document(text.encode()))

    def told(path: str) -> bytes:
        return json.dumps(said.get(path.split("?")[0])).encode()

    menu = MENUS[0]
    radios = with_traffic(radios_in(told(menu.radios), menu, ()), told(INTERFACES))
    stations = stations_in(told(menu.stations))
    return figures_of(with_stations(radios, stations), uptime_in(told(RESOURCE)), count_in(told(HOTSPOT)))


def _band(value: object) -> str:
    """The band of `5ghz-ax`, `2ghz-b/g/n`."""
    if not isinstance(value, str):
        return ""
    return BAND_2G if value.startswith("2ghz") else BAND_5G if value.startswith("5ghz") else ""
