"""Kills work, as a power cut or `kill -9` does, before each of its changes to the disk, one run for each."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator

import pytest

CHANGES = ("fsync", "replace", "rename", "link", "symlink", "mkdir", "unlink")
STEPS_MAX = 200


EVERY = pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.long)])
"""For work of many changes: killed before each fourth of them, and in the long proofs before each."""


def deaths(work: Callable[[], object], every: int = 1) -> Iterator[int]:
    """Do the work again and again, each time killed `every` changes later; ends once a run was not killed.

    Between two runs the caller looks at what is left, or puts it back to the beginning.
    """
    for step in range(1, STEPS_MAX, every):
        if not _is_killed(work, step):
            return
        yield step
    raise AssertionError(f"more than {STEPS_MAX} changes to the disk")


def _is_killed(work: Callable[[], object], step: int) -> bool:
    child = os.fork()
    if child == 0:
        _run(work, step)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the work failed by itself: see above"
    return False


def _run(work: Callable[[], object], step: int) -> None:
    count = 0

    def fatal(change: Callable[..., object]) -> Callable[..., object]:
        def changed(*args: object, **more: object) -> object:
            nonlocal count
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return change(*args, **more)

        return changed

    for name in CHANGES:
        setattr(os, name, fatal(getattr(os, name)))
    try:
        work()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
        os._exit(1)
    os._exit(0)
