"""Kinds of rows that are kept over restarts: what `at`, `place` and `key` of each mean."""

SESSION = 1
"""`at` 0, `place` the client, `key` the number of the session in the order of coming."""

MINUTE = 60
HOUR = 3_600
"""`at` the begin in UTC seconds, `place` the hotspot, `key` 0."""

GRID = 2
"""How many were there in an hour: `at` its begin, `place` any place, `key` 0."""

SEEN = 3
"""`at` the local day, `place` any place, `key` the pseudonym of a device."""

VISITORS = 4
"""Different devices of a day that is over: `at` the local day, `place` any place, `key` 0."""
