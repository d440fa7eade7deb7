"""What of a faulty configuration is sound: so that its other faults are found in the same run. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from edge.config.faults import Check, Problem
from edge.config.schema import Config, Device, Gateway
from edge.config.section import Section
from edge.config.words import is_many, model_at

NOWHERE = Gateway(id="gateway", latitude=0, longitude=0)
"""Stands in for a faulty [gateway]; a check that asks where the gateway is passes it over."""


@dataclass(frozen=True, slots=True)
class Salvage:
    """The sound tables, and by section which table of the file each of them is."""

    config: Config
    indices: Mapping[str, Sequence[int]]

    def problems(self, check: Check) -> list[Problem]:
        """What `check` finds, with the indices of the file."""
        return [(self._in_file(path), message) for path, message in check(self.config)]

    def _in_file(self, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        if len(path) < 2 or not isinstance(path[1], int):
            return path
        return (path[0], self.indices[str(path[0])][path[1]], *path[2:])

    def whole(self, data: Mapping[str, Any]) -> "Salvage":
        """The same without buses that have a faulty device, and without group members that are not sound.

        So nobody counts the devices of a bus, or the members of a group, and finds one too few.
        """
        sound = set(self.indices["device"])
        faulty = (device for index, device in enumerate(_items(data.get("device"))) if index not in sound)
        marred = {str(device.get("bus")) for device in faulty if isinstance(device, Mapping)}
        buses = [
            (index, bus)
            for index, bus in zip(self.indices["bus"], self.config.bus, strict=True)
            if bus.id not in marred
        ]
        names = {device.id for device in self.config.device}
        groups = tuple(
            group.model_copy(update={"devices": tuple(name for name in group.devices if name in names)})
            for group in self.config.group
        )
        changes = {"bus": tuple(bus for _, bus in buses), "group": groups}
        indices = {**self.indices, "bus": [index for index, _ in buses]}
        return Salvage(self.config.model_copy(update=changes), indices)


def salvaged(data: Mapping[str, Any]) -> Salvage:
    """Every table that is sound by itself."""
    sections: dict[str, Any] = {}
    indices: dict[str, list[int]] = {}
    for name in Config.model_fields:
        model = model_at((name,))
        if model is None:
            continue
        if is_many((name,)):
            sound = list(_sound_of(model, data.get(name)))
            indices[name] = [index for index, _ in sound]
            sections[name] = tuple(section for _, section in sound)
        elif (section := _sound(model, data.get(name))) is not None:
            sections[name] = section
    return Salvage(Config.model_construct(**{"gateway": NOWHERE, **sections}), indices)


def mended_devices(data: Mapping[str, Any]) -> Salvage:
    """The faulty devices without their faulty keys, alone: what they refer to can still be judged."""
    mended = [
        (index, device)
        for index, table in enumerate(_items(data.get("device")))
        if isinstance(table, Mapping) and (device := _mended(table)) is not None
    ]
    sections: dict[str, Any] = {"gateway": NOWHERE, "device": tuple(device for _, device in mended)}
    config = Config.model_construct(**sections)
    return Salvage(config, {"device": [index for index, _ in mended]})


def _mended(table: Mapping[str, Any]) -> Section | None:
    """The device without the keys at fault; None if nothing is wrong with it, or too much."""
    try:
        Device.model_validate(table)
    except ValidationError as error:
        faulty = {fault["loc"][0] for fault in error.errors() if fault["loc"]}
        return _sound(Device, {key: value for key, value in table.items() if key not in faulty})
    return None


def written_ids(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """The ids in the file by section, sound tables or not; a single section that stands there has none."""
    return {
        name: [
            str(item["id"]).strip()
            for item in _items(data.get(name))
            if isinstance(item, Mapping) and "id" in item
        ]
        for name in Config.model_fields
        if is_many((name,)) or name in data
    }


def _items(tables: object) -> list[object]:
    return tables if isinstance(tables, list) else []


def _sound_of(model: type[Section], tables: object) -> list[tuple[int, Section]]:
    found = [(index, _sound(model, table)) for index, table in enumerate(_items(tables))]
    return [(index, section) for index, section in found if section is not None]


def _sound(model: type[Section], table: object) -> Section | None:
    try:
        return model.model_validate(table)
    except ValidationError:
        return None
