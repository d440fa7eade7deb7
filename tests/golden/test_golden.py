"""Configuration in, what `gianh check` says out. A fixed fault leaves its case behind.

A case is a folder with gateway.toml and expected.txt: standard output, standard error, exit code. After a
wanted change, `python -m tests.golden.test_golden` writes what is said now; read the difference.
"""

import contextlib
import io
import re
import sys
from pathlib import Path

import pytest

from edge.cli import main

HERE = Path(__file__).parent
CASES = sorted(path.name for path in HERE.iterdir() if (path / "gateway.toml").exists())


def said(case: str) -> str:
    """What the command says, with the case's own place left out."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["check", "-c", str(HERE / case / "gateway.toml")])
    whole = f"{out.getvalue()}{err.getvalue()}exit {code}\n".replace(f"{HERE / case}/", "")
    # A new profile is one new file: no case may name them all.
    return re.sub(r"known are .*", "known are ...", whole)


@pytest.mark.parametrize("case", CASES)
def test_check_says_what_it_said(case: str) -> None:
    assert said(case) == (HERE / case / "expected.txt").read_text("utf-8")


if __name__ == "__main__":
    for name in CASES:
        (HERE / name / "expected.txt").write_text(said(name), "utf-8")
    sys.exit(0)
