"""A console that most tests of this folder ask."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.console.access.roles import Role
from tests.console.asking import Console, console


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Console]:
    """A gateway with a login, where the operator hoa has a password."""
    async with console(tmp_path) as made:
        await made.person("hoa", Role.OPERATOR)
        yield made
