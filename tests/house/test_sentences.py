"""What people are told of alarms, events and refusals is known in Vietnamese: a test over the source.

Whoever writes a new sentence of these says it with `say`, or adds it to a `sayings*.toml` of edge/core.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from edge.core import errors
from edge.core.sayings import understood
from tests.house.tree import ROOT

SPEAKING = (
    "drivers/line*.py",
    "drivers/access_points/*.py",
    "drivers/modbus/*.py",
    "drivers/serial/driver.py",
    "drivers/serial/link.py",
    "drivers/device_model.py",
    "cloud_sync/mqtt/*.py",
    "cloud_sync/influx/*.py",
    "cloud_sync/reports/*.py",
    "edge/air/quality.py",
    "edge/air/judging.py",
    "edge/air/service.py",
    "edge/air/watch.py",
    "edge/alarms/*.py",
    "edge/config/secrets.py",
    "edge/console/**/*.py",
    "edge/core/days.py",
    "edge/core/owned.py",
    "edge/lighting/audit_keeper.py",
    "edge/lighting/conduct.py",
    "edge/lighting/guard.py",
    "edge/lighting/identify.py",
    "edge/lighting/monitor*.py",
    "edge/lighting/plan_guard.py",
    "edge/lighting/plans.py",
    "edge/lighting/rate.py",
    "edge/lighting/service.py",
    "edge/lighting/targets.py",
    "edge/runtime/*.py",
    "edge/runtime/store/store.py",
    "edge/runtime/store/writer.py",
    "edge/wifi/watch.py",
    "edge/wiring/*.py",
    "edge/config/lighting_names.py",
    "edge/config/plan.py",
    "edge/lighting/calendar.py",
    "edge/lighting/problems.py",
    "edge/lighting/program.py",
    "edge/lighting/times.py",
    "provisioning/commission/*.py",
    "provisioning/enrol/renewal.py",
)
"""Modules whose errors, events and findings people meet in the console."""

NOT_MET = (
    "[openid] needs the package",
    "ca_file 7 of [openid]",
    "it cannot be read",
    "no timezone is called",
    "the journal of the commissioning has a 7 as a step",
    "the certificate 7 and its key",
)
"""Sentences that only whoever starts the gateway or calls a route wrongly ever meets."""

WORDS = re.compile("[a-z]{2,} |[a-z] [a-z]")
"""What makes a sentence of a text."""

OURS = {name for name, one in vars(errors).items() if isinstance(one, type)}
TELLING = {"Event", "Finding", "Outcome", "Rejection", "Verdict", "HTTPException"}
TELLING |= {
    "missed",
    "bus_lost",
    "bus_lent",
    "bus_returned",
    "_tell",
    "_changed",
    "_failed",
    "_lose",
    "_held",
}
"""What is called with such texts, besides our errors."""

Values = Mapping[str, Sequence[ast.expr]]


def said_in(path: Path) -> Iterator[tuple[int, str]]:
    """(Line, text) of all that is told in a module, with 7 for whatever is put into a text."""
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            values = assigned(function)
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and name_of(call.func) in OURS | TELLING:
                    for given in [*call.args, *(one.value for one in call.keywords)]:
                        yield from (
                            (call.lineno, text) for text in texts(given, values) if WORDS.search(text)
                        )


def assigned(function: ast.AST) -> Values:
    """What its variables are given."""
    found: dict[str, list[ast.expr]] = defaultdict(list)
    for one in ast.walk(function):
        if isinstance(one, ast.Assign):
            for target in one.targets:
                found[name_of(target)].append(one.value)
        elif isinstance(one, ast.AnnAssign) and one.value is not None:
            found[name_of(one.target)].append(one.value)
    return found


def texts(node: ast.expr, values: Values) -> Iterator[str]:
    """What an expression can say, as far as it is written here."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from texts(one, values)
            yield from texts(other, values)
        case ast.BoolOp(values=either):
            for one in either:
                yield from texts(one, values)
        case ast.Name(id=name):
            for one in values.get(name, ()):
                yield from texts(one, {key: value for key, value in values.items() if key != name})
        case ast.JoinedStr(values=parts):
            yield "".join(part(one, values) for one in parts)


def part(node: ast.expr, values: Values) -> str:
    """A piece of a formatted text."""
    if isinstance(node, ast.FormattedValue):
        inner = next(texts(node.value, values), "7") if isinstance(node.value, ast.Name) else "7"
        return f"'{inner}'" if node.conversion == ord("r") else inner
    return str(node.value) if isinstance(node, ast.Constant) else ""


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def test_each_text_that_is_told_is_known_in_vietnamese() -> None:
    modules = sorted({path for pattern in SPEAKING for path in ROOT.glob(pattern)})
    strange = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in modules
        for line, text in said_in(path)
        if not all(one.code for one in understood(text)) and not text.startswith(NOT_MET)
    ]
    assert len(modules) > 100
    assert not strange, "\n".join(["without a sentence in edge/core/sayings*.toml:", *strange])
