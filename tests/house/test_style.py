"""The house style, as far as a test can see it."""

import ast

import pytest

from edge.core.ids import is_id
from edge.core.vocabulary import quantity, vocabulary
from tests.house.tree import PACKAGES, ROOT, sources, tree

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
WAYS_TO_SKIP = {"skip", "skipif", "importorskip", "xfail", "skipTest"}


def test_no_file_is_longer_than_a_room_may_be():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert {name: length for name, length in lengths.items() if length > FILE_LINES_MAX} == {}


def test_no_function_is_longer_than_one_thing():
    long = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": length
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_nothing_in_the_product_blocks_the_loop_by_sleeping():
    sleeps = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(*PACKAGES)
        for node in ast.walk(tree(path))
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "sleep"
            and isinstance(node.value, ast.Name)
            and node.value.id == "time"
        )
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "time"
            and any(name.name == "sleep" for name in node.names)
        )
    ]
    assert sleeps == []


def test_no_thread_but_the_stores():
    """The demo's broker, which is no part of a gateway, may block while it starts; FTPS has no client that
    can wait without a thread: one is borrowed of the loop while a file is sent.
    """
    ours = {"edge/runtime/store/store.py", "edge/runtime/store/writer.py"}
    allowed = ours | {"edge/cli/broker.py", "cloud_sync/reports/ftps.py"}
    names = {"to_thread", "run_in_executor", "ThreadPoolExecutor", "Thread"}
    found = {
        str(path.relative_to(ROOT))
        for path in sources(*PACKAGES)
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.Name) and node.id in names)
    }
    assert found == allowed


def test_no_test_skips_quietly():
    skips = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in WAYS_TO_SKIP
    ]
    assert skips == []


@pytest.mark.parametrize("name", vocabulary())
def test_every_quantity_can_be_true_and_be_read_in_both_languages(name: str):
    found = vocabulary()[name]
    assert quantity(name) is found
    assert is_id(name.replace("_", "-"))
    assert found.low < found.high
    assert found.en.strip()
    assert found.vi.strip()


def test_no_two_quantities_are_called_the_same():
    for labels in ([q.en for q in vocabulary().values()], [q.vi for q in vocabulary().values()]):
        assert sorted(set(labels)) == sorted(labels)
