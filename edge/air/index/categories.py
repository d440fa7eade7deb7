"""What an index means: its colour, its name and what people should do. Pure; the rows are categories.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Wording:
    """A category in one language: its name, and advice for everyone and for sensitive people.

    Sensitive are the elderly, children, and people with a disease of the heart or the airways.
    """

    name: str
    colour: str
    general: str
    sensitive: str


@dataclass(frozen=True, slots=True)
class Category:
    """One row: indices `low..high`, and its colour as `red;green;blue`, 0 to 255 each."""

    key: str
    low: int
    high: int
    colour: str
    vi: Wording
    en: Wording


def categories(scheme: str) -> tuple[Category, ...]:
    """The six categories of `vn`, `vn_hour`, `vn_day` or `us`, best first."""
    return _categories(scheme.partition("_")[0])


def category_of(scheme: str, value: int) -> Category:
    """The category of an index; what lies above the last row belongs to it."""
    rows = categories(scheme)
    for row in rows:
        if value <= row.high:
            return row
    return rows[-1]


@cache
def _categories(family: str) -> tuple[Category, ...]:
    text = resources.files("edge.air.index").joinpath("categories.toml").read_text("utf-8")
    return tuple(
        Category(
            key=row["key"],
            low=row["index"][0],
            high=row["index"][1],
            colour=row["colour"],
            vi=Wording(**row["vi"]),
            en=Wording(**row["en"]),
        )
        for row in tomllib.loads(text)[family]
    )
