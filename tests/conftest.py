"""What every test can count on: repeatable Hypothesis runs that hold on a busy machine."""

import os
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.shares import Shares, in_order

# Compiled modules are kept where pytest is started by hand as well: each gianh that a test starts needs them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

settings.register_profile(
    "house", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    in_order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    return Shares(config, log)
