"""gateway.toml as a person wrote it, with what was commissioned put in: comments and order stay. Pure."""

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from edge.config.commissioning import BusAnswer, DeviceAnswer
from edge.config.commissioning_view import Placed
from edge.core.errors import ConfigError
from provisioning.commission.state import Commission

NOT_IN_FILE = frozenset({"score", "evidence", "expected_w"})
"""What a device's answer has for the record alone."""


def with_commission(text: str, whole: Commission) -> str:
    """The text of gateway.toml with the place, lines and devices. Raises ConfigError if it is no TOML.

    Keys that were not answered stay as they are; so does everything else. A new file ends its new tables with
    nothing of ours around them.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(
            f"gateway.toml is no TOML ({error}): correct it, `gianh check` says where"
        ) from error
    if whole.place is not None:
        _set(_table(document, "gateway"), _place(whole.place))
    for bus in whole.buses.values():
        _set(_member(document, "bus", bus.id), _bus(bus))
    for device in whole.devices.values():
        _set(_member(document, "device", device.id), _device(device, whole))
    return tomlkit.dumps(document)


def smallest(gateway: str, data_dir: str) -> str:
    """A gateway.toml for a bare gateway: Ba Đồn as the place until somebody says better."""
    return (
        "# What this gateway is and does: `gianh check` tells every fault, docs/configuration.md every key.\n"
        "[gateway]\n"
        f'id = "{gateway}"\n'
        "latitude = 17.7556\n"
        "longitude = 106.4231\n"
        f'data_dir = "{data_dir}"\n'
    )


def _place(place: Placed) -> dict[str, object]:
    answer = place.answer
    said = {"latitude": answer.latitude, "longitude": answer.longitude, "commune": place.commune}
    return said | ({"site": answer.site} if answer.site else {})


def _bus(bus: BusAnswer) -> dict[str, object]:
    return bus.model_dump(exclude_none=True, mode="python")


def _device(device: DeviceAnswer, whole: Commission) -> dict[str, object]:
    said = device.model_dump(exclude_none=True, exclude=set(NOT_IN_FILE))
    if device.expected_w is not None:
        said["nominal_w"] = device.expected_w
    if whole.place is not None:
        said.setdefault("commune", whole.place.commune)
    return said


def _table(document: tomlkit.TOMLDocument, name: str) -> Table:
    found = document.get(name)
    if found is None:
        found = tomlkit.table()
        document[name] = found
        found = document[name]
    if not isinstance(found, Table):
        raise ConfigError(f"{name} in gateway.toml is no table: write it as [{name}]")
    return found


def _member(document: tomlkit.TOMLDocument, name: str, member: str) -> Table:
    """The [[name]] with this id; a new one at the end of its kind if there is none."""
    found = document.get(name)
    if found is None:
        document[name] = tomlkit.aot()
        found = document[name]
    if not isinstance(found, AoT):
        raise ConfigError(f"{name} in gateway.toml is no list of tables: write each as [[{name}]]")
    for table in found.body:
        if table.get("id") == member:
            return table
    new = tomlkit.table()
    new["id"] = member
    found.append(new)
    return found.body[-1]


def _set(table: Table, said: Mapping[str, Any]) -> None:
    for key, value in said.items():
        if key not in table or table[key] != value:
            table[key] = value
