"""How the numbers of an air report came about, in words: the paragraphs are method.toml. Pure."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

from cloud_sync.reports.report_words import SPANS, Language, short_of
from edge.core.air import COVERAGE_MIN, Span
from edge.core.air_report import AirReport, Said

LAW_WORDS = (("Decision", "Quyết định"), ("table of breakpoints (BPi)", "bảng các giá trị BPi"))


def method_of(report: AirReport) -> Iterator[Said]:
    """One paragraph for each step, from the sensor to the index."""
    part = f"{100 * COVERAGE_MIN:.0f} %"
    yield _said("checks")
    yield _said("means", part=part)
    source = report.index_source
    yield _said("index", title=report.index_title, source=source, law=_law(source), part=part)
    if report.limits:
        yield _said("limits", sources=", ".join(dict.fromkeys(row.source for row in report.limits)))
        yield from _converted(report)
    correction = report.subject.correction
    yield _said("corrected", correction=correction) if correction else _said("raw")
    fine = SPANS[min((line.span for line in report.lines), key=lambda span: span.seconds, default=Span.HOUR)]
    told = _said("time", zone=report.zone)
    yield Said(told.vi.replace("{fine}", fine.vi), told.en.replace("{fine}", fine.en))


def _converted(report: AirReport) -> Iterator[Said]:
    """How means became Nm3, and for how many of them the air was assumed."""
    rows = [row for row in report.limits if row.conversion]
    if rows:
        counts = {"assumed": sum(row.assumed for row in rows), "judged": sum(row.judged for row in rows)}
        points = ", ".join(dict.fromkeys(short_of(row.limit_point, Language.VI) for row in rows))
        yield _said(
            "converted",
            conversion=rows[0].conversion,
            points=points,
            **{key: str(count) for key, count in counts.items()},
        )


def _law(source: str) -> str:
    """The source of an index in Vietnamese, its date as people there write it."""
    for english, vietnamese in LAW_WORDS:
        source = source.replace(english, vietnamese)
    return re.sub(r"(\d{4})-(\d{2})-(\d{2})", r"\3/\2/\1", source)


def _said(name: str, **filled: str) -> Said:
    said = _paragraphs()[name]
    vi, en = said.vi, said.en
    for key, text in filled.items():
        vi, en = vi.replace(f"{{{key}}}", text), en.replace(f"{{{key}}}", text)
    return Said(vi, en)


@cache
def _paragraphs() -> dict[str, Said]:
    text = resources.files("cloud_sync.reports").joinpath("method.toml").read_text("utf-8")
    return {name: Said(row["vi"], row["en"]) for name, row in tomllib.loads(text).items()}
