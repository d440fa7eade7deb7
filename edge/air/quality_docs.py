"""The table of quality control in docs/air.md: `python -m edge.air.quality_docs docs/air.md`."""

import sys
from pathlib import Path

from edge.air.checks import Check, rows
from edge.core.vocabulary import quantity

BEGIN = "<!-- made by `python -m edge.air.quality_docs docs/air.md` -->\n"
END = "<!-- end -->\n"


def quality_markdown() -> str:
    """The built-in checks as a table, in the order of quality.toml."""
    lines = ["| check | of | fails | verdict | where from |", "| --- | --- | --- | --- | --- |"]
    for row in rows():
        points = ", ".join(f"`{point}`" for point in row.points)
        check = row.check
        verdict = check.verdict.name.lower()
        lines.append(f"| `{check.kind.value}` | {points} | {_fails(check)} | {verdict} | {check.why} |")
    return "\n".join(lines) + "\n"


def with_table(page: str) -> str:
    """The page with the table as it is now between its two marks."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}{quality_markdown()}{END}{tail}"


_LIMIT = {"rate": "a minute by more than", "stuck": "within"}


def _fails(check: Check) -> str:
    found = quantity(check.point)
    unit = f" {found.display}" if found and found.display else ""
    words = {
        "low": f"below {check.low:g}{unit}" if check.low is not None else "",
        "high": f"above {check.high:g}{unit}" if check.high is not None else "",
        "limit": f"{_LIMIT.get(check.kind, 'by more than')} {check.limit:g}{unit}" if check.limit else "",
        "ratio": f"ratio {check.ratio:g}" if check.ratio is not None else "",
        "for_s": f"within {check.for_s:g} s" if check.kind == "warm_up" else _for(check),
        "values": _values(check),
    }
    return ", ".join(filter(None, words.values()))


def _for(check: Check) -> str:
    return f"for {check.for_s / 3600:g} h" if check.for_s is not None else ""


def _values(check: Check) -> str:
    if check.values is None:
        return ""
    listed = ", ".join(f"{value:g}" for value in check.values)
    return listed if check.kind == "sentinel" else f"but {listed} may last"


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(with_table(page.read_text("utf-8")), "utf-8")
