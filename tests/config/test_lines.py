"""The lines of keys in a TOML text."""

import json
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.config.lines import KeyPath, dotted, line_of, lines_of

TOWN = """\
# a comment with [brackets] and "quotes
title = '''two
lines''' # after
[gateway]
id = "gw"
place.latitude = 1.5
place . longitude = 2

[[bus]]
id = "a"
bauds = [ # how many
  9600,
  [1, 2], { x = "]}", y.z = 3 },
]
[bus.extra]
on = true

[[bus]]
"id" = "b\\"c"
[[bus.child]]
n = 1
[[bus.child]]
n = 2
"""


def test_every_way_to_write_a_key_has_its_line():
    lines = lines_of(TOWN)
    assert lines[("title",)] == 2
    assert lines[("gateway",)] == 4
    assert lines[("gateway", "place")] == 6
    assert lines[("gateway", "place", "longitude")] == 7
    assert lines[("bus", 0)] == 9
    assert lines[("bus", 0, "bauds", 0)] == 12
    assert lines[("bus", 0, "bauds", 1, 1)] == 13
    assert lines[("bus", 0, "bauds", 2, "y", "z")] == 13
    assert lines[("bus", 0, "extra", "on")] == 16
    assert lines[("bus", 1)] == 18
    assert lines[("bus", 1, "id")] == 19
    assert lines[("bus", 1, "child", 1, "n")] == 23


def test_the_town_has_no_path_more_and_none_less_than_the_parser_finds():
    assert set(lines_of(TOWN)) == set(paths_in(tomllib.loads(TOWN)))


def test_a_missing_key_stands_at_the_nearest_thing_around_it():
    lines = lines_of(TOWN)
    assert line_of(("bus", 1, "kind"), lines) == 18
    assert line_of(("bus", 0, "extra", "off", 3), lines) == 15
    assert line_of(("device",), lines) == 1


def test_windows_line_ends_count_once():
    assert lines_of('a = """x\r\ny"""\r\nb = 1\r\n') == {("a",): 1, ("b",): 3}


def test_quotes_right_before_the_closing_ones_belong_to_the_text():
    text = 'a = """x"""""\nb = 1\n'
    assert tomllib.loads(text) == {"a": 'x""', "b": 1}
    assert lines_of(text) == {("a",): 1, ("b",): 2}


def test_paths_read_as_people_write_them():
    assert dotted(("bus", 1, "baudrate")) == "bus[1].baudrate"
    assert dotted(()) == ""


def paths_in(node: Any, base: KeyPath = ()) -> list[KeyPath]:
    found: list[KeyPath] = [base] if base else []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in items:
        found += paths_in(child, (*base, key))
    return found


class Writer:
    """Writes a document in drawn styles, and knows itself at which line each path begins."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.text = ""
        self.lines: dict[KeyPath, int] = {}

    def note(self, path: KeyPath) -> None:
        self.lines.setdefault(path, self.text.count("\n") + 1)

    def put(self, *choices: str) -> None:
        self.text += choices[0] if len(choices) == 1 else self.draw(st.sampled_from(choices))

    def key(self, key: str) -> str:
        bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
        return key if bare and self.draw(st.booleans()) else json.dumps(key)

    def table(self, node: dict[str, Any], path: KeyPath) -> None:
        later = {k: v for k, v in node.items() if self.has_header(v) and self.draw(st.booleans())}
        for key, value in node.items():
            if key not in later:
                self.put("", "\n", "# [x] = {\n", "  ")
                self.note((*path, key))
                self.put(self.key(key))
                self.put("=", " = ", "\t=  ")
                self.value(value, (*path, key))
                self.put("\n", " # \"]'''\n")
        for key, value in later.items():
            for index, child in enumerate(value if isinstance(value, list) else [value]):
                self.header((*path, key), index if isinstance(value, list) else None)
                self.table(child, (*path, key, index) if isinstance(value, list) else (*path, key))

    def has_header(self, node: Any) -> bool:
        return isinstance(node, dict) or (
            isinstance(node, list) and bool(node) and all(isinstance(child, dict) for child in node)
        )

    def header(self, path: KeyPath, index: int | None) -> None:
        self.put("", "\n")
        self.note(path)
        if index is not None:
            self.note((*path, index))
        name = ".".join(self.key(part) for part in path if isinstance(part, str))
        self.put(f"[{name}]\n" if index is None else f"[[ {name} ]]  # more\n")

    def value(self, node: Any, path: KeyPath) -> None:
        if isinstance(node, dict):
            self.put("{")
            for nth, (key, child) in enumerate(node.items()):
                self.put(", " if nth else " ")
                self.note((*path, key))
                self.put(self.key(key) + " = ")
                self.value(child, (*path, key))
            self.put("}")
        elif isinstance(node, list):
            self.put("[", "[\n", "[ # ]\n")
            for index, child in enumerate(node):
                self.note((*path, index))
                self.value(child, (*path, index))
                self.put(",", ",\n", " ,  ", "# ,\n ,")
            self.put("]")
        elif isinstance(node, str):
            quoted = json.dumps(node, ensure_ascii=False)
            self.put(quoted, f'""{quoted}""')
        else:
            self.put(json.dumps(node))


KEYS = st.text("ab_-.=]#\" '\\é", min_size=1, max_size=5)
TEXTS = st.text("ab\\\"'#\n[]{}=, ", max_size=8)
LEAVES = st.integers(-9, 9) | st.booleans() | st.floats(-1e3, 1e3) | TEXTS
NODES = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3)
)


@given(st.dictionaries(KEYS, NODES, max_size=4), st.data())
def test_whatever_is_written_is_found_at_its_line(document: dict[str, Any], data: st.DataObject):
    writer = Writer(data.draw)
    writer.table(document, ())
    assert tomllib.loads(writer.text) == document
    assert lines_of(writer.text) == writer.lines
