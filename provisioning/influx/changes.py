"""What is to be done at an InfluxDB, said before it is done."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do: in words, and how; `warns` where data would be deleted."""

    words: str
    do: Callable[[], None]
    warns: bool = False
