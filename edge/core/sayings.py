"""Sentences that people of the town meet: why a command ended as it did, what an alarm is about. Pure.

Each stands once, in `sayings.toml`, under a code that stays. It is written in English, for logs, history and
the wire, and known again by that text, so that pages can say it in the language of their reader: also what an
older gateway said, or what was kept for a year. What is in no table is told as it is.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

EACH = "each"
"""What stands for lamps, each with its own reason."""

LATEST_KEPT = 4096
"""So many sentences that were known again are remembered: pages show the same alarms again and again."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in both languages, with names in braces for what it speaks of."""

    en: str
    vi: str


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence that was known again; without a code it is in no table, and both texts are the same."""

    code: str
    en: str
    vi: str
    what: tuple[tuple[str, str], ...] = ()


@cache
def sentences() -> Mapping[str, Sentence]:
    """All sentences by their codes."""
    text = resources.files("edge.core").joinpath("sayings.toml").read_text("utf-8")
    return {code: Sentence(row["en"], row["vi"]) for code, row in tomllib.loads(text).items()}


def say(code: str, **what: object) -> str:
    """The English sentence of a code. Raises KeyError for what it does not know or is not told."""
    return sentences()[code].en.format_map(what)


@lru_cache(maxsize=LATEST_KEPT)
def understood(text: str) -> tuple[Saying, ...]:
    """The sentences of a reason or of an alarm's text, which semicolons part."""
    return tuple(_one(part) for part in text.split("; ")) if text else ()


def _one(text: str) -> Saying:
    for code, pattern in _patterns().items():
        if found := pattern.fullmatch(text):
            what = found.groupdict()
            said = {name: _each(value) if name == EACH else _comma(value) for name, value in what.items()}
            return Saying(code, text, sentences()[code].vi.format_map(said), tuple(what.items()))
    return Saying("", text, text)


def _each(text: str) -> str:
    """Lamps of a list (`lamp-1: why, lamp-2 and 3 more`) in Vietnamese, each with its reason."""
    more = re.search(r" and (\d+) more$", text)
    parts = re.split(r", (?=[a-z0-9-]+(?:: |, |$))", text[: more.start()] if more else text)
    found = [part.partition(": ") for part in parts]
    said = ", ".join(f"{lamp}: {_one(why).vi}" if why else lamp for lamp, _, why in found)
    return f"{said} và {more[1]} đèn khác" if more else said


def _comma(value: str) -> str:
    """A number as it is written in Vietnamese; anything else as it is."""
    return value.replace(".", ",") if re.fullmatch(r"-?\d+\.\d+", value) else value


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """How each sentence is known again, those first that say most by themselves."""
    ranked = sorted(sentences().items(), key=lambda one: -len(re.sub(r"\{\w+\}", "", one[1].en)))
    return {code: _pattern(sentence.en) for code, sentence in ranked}


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", sentence)
    named = (f"(?P<{part}>.+?)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
    return re.compile("".join(named))
