"""What stands for names in the sentences of edge.core.sayings: places, remedies, numbers. Pure."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from edge.core.vocabulary import quantity, vocabulary


@cache
def phrases() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """(English, Vietnamese) by codes, in the table of each name."""
    text = resources.files("edge.core").joinpath("phrases.toml").read_text("utf-8")
    return {
        name: {code: (row["en"], row["vi"]) for code, row in table.items()}
        for name, table in tomllib.loads(text).items()
    }


def label_of(point: str) -> str:
    """A point's name in Vietnamese, or the point itself where the vocabulary does not have it."""
    found = quantity(point)
    return found.vi if found else point


def label(english: str) -> str:
    """The Vietnamese for the English name of a quantity, or what was given."""
    return _labels().get(english, english)


@cache
def _labels() -> Mapping[str, str]:
    return {one.en: one.vi for one in vocabulary().values()}


def comma(value: str) -> str:
    """A number, with or without its unit, as it is written in Vietnamese; anything else as it is."""
    return value.replace(".", ",", 1) if re.fullmatch(r"[-+−]?\d+\.\d+( \S+)?", value) else value
