"""Sentences that people of the town meet: how a command ended, what an alarm or event is about. Pure.

Each stands once, in a `sayings*.toml`, under a code that stays. It is written in English, for logs, history
and the wire, and known again by that text, so that pages can say it in the language of their reader: also
what an older gateway said, or what was kept for a year. What is in no table is told as it is.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources

from edge.core.phrases import comma, label, label_of, phrases

EACH = "each"
"""What stands for lamps, each with its own reason."""

WHY, CHANGE, AT = "why", "change", "at"
"""What stands for a sentence again; for what was changed, one or several; for the time of a step."""

KNOWN = "known"
"""What stands at the end for a list of what there is, which may have semicolons."""

PLAIN = frozenset({"device", "bus", "line", "unit", "station", "lamp", "place_id", "subject", "at"})
"""Names without a space in them, so that no sentence is taken for the beginning of another."""

ALIKE = {"was": CHANGE, "commanded": "state"}
"""Names that stand for the same as another."""

FILES = tuple(f"sayings{room}.toml" for room in ("", "_console", "_lines", "_plan", "_targets"))

CHARS_MAX, TOGETHER, DEEP = 2_000, 3, 6
"""Longest text that is looked at, most semicolons within a sentence, and most sentences within each other:
a text may come from anybody, and none may keep the gateway from its buses."""

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


@dataclass(frozen=True, slots=True)
class _Form:
    """How a sentence is known again; `needle` is the longest text in it, to pass by most at once."""

    code: str
    needle: str
    pattern: re.Pattern[str]
    vi: str


@cache
def sentences() -> Mapping[str, Sentence]:
    """All sentences by their codes."""
    home = resources.files("edge.core")
    tables = [tomllib.loads(home.joinpath(file).read_text("utf-8")) for file in FILES]
    return {code: Sentence(row["en"], row["vi"]) for table in tables for code, row in table.items()}


def say(code: str, /, **what: object) -> str:
    """The English sentence of a code. Raises KeyError for what it does not know or is not told."""
    return sentences()[code].en.format_map(what)


@lru_cache(maxsize=LATEST_KEPT)
def understood(text: str) -> tuple[Saying, ...]:
    """The sentences of a reason or of an alarm's text, which semicolons part."""
    return _understood(text, 0)


def _understood(text: str, depth: int) -> tuple[Saying, ...]:
    if not text or len(text) > CHARS_MAX or depth > DEEP:
        return (Saying("", text, text),) if text else ()
    return tuple(_parted(text.split("; "), depth))


def in_vietnamese(text: str) -> str:
    """A reason or an alarm's text as a whole."""
    return "; ".join(one.vi for one in understood(text))


def _parted(parts: Sequence[str], depth: int) -> Iterator[Saying]:
    """Each sentence; one may have semicolons of its own, or names that brought some."""
    at = 0
    while at < len(parts):
        found, end = _begun(parts, at, depth)
        if found.what and found.what[-1][0] == KNOWN:
            while end < len(parts) and not _known(parts[end], _sentences(), depth):
                end += 1
        yield replace(found, en="; ".join(parts[at:end]))
        at = end


def _begun(parts: Sequence[str], at: int, depth: int) -> tuple[Saying, int]:
    """The sentence that begins here, and where it ends."""
    ends = range(at + 1, min(at + 1 + TOGETHER, len(parts)) + 1)
    for end in ends[1:]:
        if found := _known("; ".join(parts[at:end]), _with_semicolons(end - at - 1), depth):
            return found, end
    for end in ends:
        if found := _known("; ".join(parts[at:end]), _sentences(), depth):
            return found, end
    return _phrase(parts[at], depth), at + 1


def _phrase(text: str, depth: int) -> Saying:
    """A reason that is no sentence: why something ended, the time of a step; else what is in no table."""
    found = _known(text, _phrases(WHY), depth) or _known(text, _phrases(AT), depth)
    return found or Saying("", text, text)


def _known(text: str, forms: Sequence[_Form], depth: int) -> Saying | None:
    for form in forms:
        if form.needle in text and (found := form.pattern.fullmatch(text)):
            what = found.groupdict()
            told = {name: _told(ALIKE.get(name, name), value, depth + 1) for name, value in what.items()}
            return Saying(form.code, text, form.vi.format_map(told), tuple(what.items()))
    return None


def _told(name: str, value: str, depth: int) -> str:
    """What a sentence speaks of, in Vietnamese."""
    if depth > DEEP:
        return value
    if name == EACH:
        return _each(value, depth)
    if name == "point":
        return label_of(value)
    if name == "quantity":
        return label(value)
    is_sentence = name == CHANGE and _known(value, _sentences(), depth)
    if not is_sentence and (found := _known(value, _phrases(name), depth)):
        return found.vi
    if name == WHY or is_sentence:
        return "; ".join(one.vi if one.code else comma(one.vi) for one in _understood(value, depth))
    if name == CHANGE and ", " in value:
        return ", ".join(_told(name, part, depth + 1) for part in value.split(", "))
    return comma(value)


def _each(text: str, depth: int) -> str:
    """Lamps of a list (`lamp-1: why, lamp-2 and 3 more`) in Vietnamese, each with its reason."""
    more = re.search(r" and (\d+) more$", text)
    parts = re.split(r", (?=[a-z0-9-]+(?:: |, |$))", text[: more.start()] if more else text)
    found = [part.partition(": ") for part in parts]
    said = ", ".join(f"{lamp}: {_told(WHY, why, depth + 1)}" if why else lamp for lamp, _, why in found)
    return f"{said} và {more[1]} đèn khác" if more else said


@cache
def _sentences() -> Sequence[_Form]:
    return _forms({code: (one.en, one.vi) for code, one in sentences().items()})


@cache
def _with_semicolons(count: int) -> Sequence[_Form]:
    """Those that have so many themselves."""
    return [form for form in _sentences() if form.pattern.pattern.count(";") == count]


@cache
def _phrases(name: str) -> Sequence[_Form]:
    return _forms(phrases().get(name, {}))


def _forms(texts: Mapping[str, tuple[str, str]]) -> Sequence[_Form]:
    """Those first that say most by themselves."""
    ranked = sorted(texts.items(), key=lambda one: -len(re.sub(r"\{\w+\}", "", one[1][0])))
    return [_form(code, en, vi) for code, (en, vi) in ranked]


def _form(code: str, en: str, vi: str) -> _Form:
    parts = re.split(r"\{(\w+)\}", en)
    pattern = ""
    for at, part in enumerate(parts):
        again = part in parts[1:at:2]
        named = f"(?P={part})" if again else f"(?P<{part}>{_any(part)})"
        pattern += named if at % 2 else re.escape(part)
    return _Form(code, max(parts[::2], key=len), re.compile(pattern), vi)


def _any(name: str) -> str:
    """What a name may stand for; sections are those of gateway.toml, else they were found everywhere."""
    if name == "section":
        return "|".join(re.escape(en) for en, _ in phrases()[name].values())
    if name == "number":
        return r"-?[\d.,]+"
    return r"\S+" if name in PLAIN else ".+?"
