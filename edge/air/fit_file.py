"""Reads the CSV of a sensor beside a reference: columns `reference`, `sensor` and, if measured, `rh`. Pure.

Commas, semicolons or tabs stand between columns; with the last two a decimal comma is understood. Other
columns are left alone, and rows where one of the three is empty are left out and counted.
"""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass

from edge.air.fit import Row
from edge.core.errors import ConfigError

NEEDED, HUMIDITY = ("reference", "sensor"), "rh"


@dataclass(frozen=True, slots=True)
class Rows:
    """What a file holds; `empty` rows were left out."""

    rows: tuple[Row, ...]
    empty: int


def rows_of(text: str, name: str) -> Rows:
    """The rows of a file's text; raises ConfigError that names the file and the line."""
    first = text.partition("\n")[0]
    mark = next((one for one in ";\t" if one in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    rows: list[Row] = []
    empty = 0
    try:
        places = _places(next(reader, []), name)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            row = _row(cells, places, mark != ",", f"{name}:{reader.line_num}")
            if row is None:
                empty += 1
            else:
                rows.append(row)
    except csv.Error as error:
        raise ConfigError(f"{name}:{reader.line_num}: this is no CSV ({error}): export it again") from error
    return Rows(tuple(rows), empty)


def _places(header: list[str], name: str) -> Mapping[str, int]:
    names = [cell.strip().lower() for cell in header]
    wanted = (*NEEDED, HUMIDITY)
    twice = next((one for one in wanted if names.count(one) > 1), None)
    if twice is not None:
        raise ConfigError(f"{name}:1: the column {twice} is there twice: leave one out")
    missing = [one for one in NEEDED if one not in names]
    if missing:
        raise ConfigError(
            f"{name}:1: no column {' or '.join(missing)}: the first line must name reference, sensor and rh"
        )
    return {one: names.index(one) for one in wanted if one in names}


def _row(cells: list[str], places: Mapping[str, int], comma: bool, place: str) -> Row | None:
    texts = {name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()}
    if not all(texts.values()):
        return None
    numbers = {name: _number(name, text, comma, place) for name, text in texts.items()}
    rh = numbers.get(HUMIDITY)
    if rh is not None and not 0 <= rh <= 100:
        raise ConfigError(
            f"{place}: rh {rh:g} is no humidity from 0 to 100 %: correct it or take the row out"
        )
    return Row(numbers["reference"], numbers["sensor"], rh)


def _number(name: str, text: str, comma: bool, place: str) -> float:
    try:
        number = float(text.replace(",", ".") if comma else text)
    except ValueError:
        number = math.nan
    if not abs(number) <= 1e9:
        raise ConfigError(f"{place}: {name} {text[:40]!r} is no number: correct it or take the row out")
    return number
