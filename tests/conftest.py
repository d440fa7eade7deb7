"""What every test can count on: repeatable Hypothesis runs that hold on a busy machine."""

import os
import sys

from hypothesis import HealthCheck, settings

# Compiled modules are kept where pytest is started by hand as well: each gianh that a test starts needs them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

settings.register_profile(
    "house", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")
