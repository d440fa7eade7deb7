"""Which tests one process runs together, and in which order: what is set up for them is set up once.

pytest-xdist's own groups have no effect with pytest 9.2 (its issue 1386): every test would go alone to
whoever is free, and each process would start a town for the browser and fill a week of the centre.
"""

from pathlib import PurePosixPath

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/browser", "tests/centre")
"""Folders whose files share what takes long; elsewhere a file is a share."""

FIRST = (
    "tests/browser",
    "tests/cli/test_demo.py",
    "tests/centre",
    "tests/real",
    "tests/world",
    "tests/crash",
    "tests/cli",
    "tests/provisioning",
    "tests/console",
)
"""Where the long shares are, the longest first: so that at the end all processes are done at once."""


def share(nodeid: str) -> str:
    """The share that a test belongs to."""
    file = PurePosixPath(nodeid.partition("::")[0])
    return next((folder for folder in TOGETHER if file.is_relative_to(folder)), str(file))


def rank(nodeid: str) -> int:
    """Where the share of a test stands: those of FIRST, and then all others as they came."""
    file = PurePosixPath(nodeid.partition("::")[0])
    return next((index for index, place in enumerate(FIRST) if file.is_relative_to(place)), len(FIRST))


class Shares(LoadScopeScheduling):
    """Gives the next share to whoever is nearly done with theirs."""

    def _split_scope(self, nodeid: str) -> str:
        return share(nodeid)


def in_order(items: list[pytest.Item]) -> None:
    """Put the tests into the order of their shares."""
    items.sort(key=lambda item: rank(item.nodeid))
