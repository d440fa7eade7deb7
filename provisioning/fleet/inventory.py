"""From the inventory to each gateway's configuration: a template, what one has for itself, and its devices.

Tables go into each other; lists of tables are joined by `id`, and what is nearer to the gateway wins.
"""

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError

from edge.config.faults import ConfigErrors, Fault
from edge.config.lines import dotted
from edge.config.load import read_text
from edge.config.schema import Device
from edge.config.section import Section
from edge.config.syntax import parsed
from edge.config.town import Member, Town
from edge.config.words import problems_of

HEAD = "# {gateway}: made by `gianh fleet` from {town}. Change it there: a push replaces this file.\n\n"

ROWS_MAX = 20_000
"""Most rows of one CSV file."""

_LISTS = frozenset({"points", "lamp_groups", "interfaces"})
"""Keys of [[device]] that hold lists: in a cell, with spaces between."""


class _Rows(Section):
    """What a row is judged as."""

    device: tuple[Device, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A gateway's configuration as text."""

    gateway: str
    text: str


def build(town: Town, file: Path) -> list[Made]:
    """The configurations of all gateways. Raises ConfigErrors with every fault of what they are made from."""
    base = file.resolve().parent
    template = _table(base / town.template) if town.template else {}
    made: list[Made] = []
    faults: list[Fault] = []
    for member in town.gateway:
        try:
            made.append(Made(member.id, _text(member, template, base, file.name)))
        except ConfigErrors as errors:
            faults += errors.faults
    if faults:
        raise ConfigErrors(list(dict.fromkeys(faults)))
    return made


def joined(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Two configurations as one: `over` wins. Pure."""
    result = dict(under)
    for key, value in over.items():
        before = result.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            result[key] = joined(before, value)
        elif isinstance(before, list) and _is_tables(before) and _is_tables(value):
            result[key] = _joined_tables(before, value)
        else:
            result[key] = value
    return result


def devices_in(text: str, file: Path) -> list[dict[str, Any]]:
    """The rows of a CSV file as [[device]] tables. Raises ConfigErrors with the line of every fault."""
    reader = csv.DictReader(io.StringIO(text), restkey="", strict=True)
    rows: list[dict[str, Any]] = []
    faults: list[Fault] = []
    try:
        _judge_heading(reader.fieldnames or (), file)
        for row in reader:
            if len(rows) >= ROWS_MAX:
                raise ConfigErrors([Fault(file, reader.line_num, "", f"more than {ROWS_MAX} devices")])
            if any(row.values()):
                device, wrong = _device(row)
                rows.append(device)
                faults += [Fault(file, reader.line_num, key, text) for key, text in wrong]
    except csv.Error as error:
        line = max(1, reader.reader.line_num)
        raise ConfigErrors([Fault(file, line, "", f"not valid CSV: {error}")]) from error
    if faults:
        raise ConfigErrors(faults)
    return rows


def _judge_heading(names: Sequence[str], file: Path) -> None:
    unknown = [name for name in names if name not in Device.model_fields]
    if unknown or not names:
        known = ", ".join(Device.model_fields)
        text = f"unknown column: a heading names keys of [[device]], which are {known}"
        raise ConfigErrors([Fault(file, 1, ", ".join(unknown), text)])


def _text(member: Member, template: Mapping[str, Any], base: Path, town: str) -> str:
    place = {
        key: value
        for key in ("id", "site", "commune", "latitude", "longitude")
        if (value := getattr(member, key)) is not None
    }
    whole = joined(_named(template, member.id), {"gateway": place})
    if member.file is not None:
        whole = joined(whole, _table(base / member.file))
    if member.devices is not None:
        file = base / member.devices
        whole = joined(whole, {"device": devices_in(read_text(file), file)})
    if whole["gateway"]["id"] != member.id:
        raise ConfigErrors(
            [Fault(base / (member.file or ""), None, "gateway.id", f"must be {member.id}, or be left out")]
        )
    return HEAD.format(gateway=member.id, town=town) + tomlkit.dumps(whole)


def _named(value: Any, gateway: str) -> Any:
    if isinstance(value, str):
        return value.replace("{gateway}", gateway)
    if isinstance(value, Mapping):
        return {key: _named(child, gateway) for key, child in value.items()}
    if isinstance(value, list):
        return [_named(child, gateway) for child in value]
    return value


def _table(file: Path) -> dict[str, Any]:
    return parsed(read_text(file), file)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _joined_tables(under: Sequence[Mapping[str, Any]], over: Sequence[Mapping[str, Any]]) -> list[Any]:
    result: list[Mapping[str, Any]] = list(under)
    places = {one["id"]: number for number, one in enumerate(result) if "id" in one}
    for one in over:
        if one.get("id") in places:
            number = places[one["id"]]
            result[number] = joined(result[number], one)
        else:
            result.append(one)
    return result


def _device(row: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """A row as a table, and what is wrong with it."""
    if "" in row:
        return {}, [("", "the row has more cells than the heading")]
    table = {key: _cell(key, text.strip()) for key, text in row.items() if text and text.strip()}
    data = {"device": [table]}
    try:
        _Rows.model_validate(data)
    except ValidationError as error:
        return table, [(dotted(path[2:]), text) for path, text in problems_of(error, data, _Rows)]
    return table, []


def _cell(key: str, text: str) -> Any:
    """A cell as TOML would have it: a number or truth where it reads as one, and the key is not for text."""
    if key in _LISTS:
        return [_scalar(word) for word in text.split()]
    return text if _is_text(key) else _scalar(text)


def _is_text(key: str) -> bool:
    return "str" in str(Device.model_fields[key].annotation) or key in ("id", "profile", "bus")


def _scalar(text: str) -> Any:
    try:
        value = tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text
    return value if isinstance(value, int | float | bool) else text
