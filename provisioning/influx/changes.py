"""What is to be done at an InfluxDB, said before it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.core.errors import TransientError


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do: in words, and how; `warns` where data would be deleted.

    `about` is the same for those that belong together, in words for all of them.
    """

    words: str
    do: Callable[[], None]
    warns: bool = False
    about: str = ""


def no_answer(url: str, error: Exception) -> TransientError:
    """What to say of a server that is not heard."""
    return TransientError(f"InfluxDB at {url} gave no answer ({error}): is it running, and the URL right?")
