"""A dialogue at a terminal: a question at a time, a wrong answer asked again with the sentence why."""

from collections.abc import Callable
from typing import TypeVar

from edge.cli.common import print_text, sayable
from edge.core.errors import ConfigError

T = TypeVar("T")

STOP, UNDO = ("stop", "dừng", "dung"), ("undo", "lùi", "lui")
YES, NO = ("y", "yes", "c", "co", "có"), ("n", "no", "k", "khong", "không")
NOTHING = "-"
"""What is typed instead of a default to say that there is none."""


class Stopped(Exception):
    """The person wants to go on later."""


class TakenBack(Exception):
    """The person wants the last step back."""


def ask(question: str) -> str:
    """A line from the terminal. Raises Stopped or TakenBack where that was said; EOFError at its end."""
    while True:
        try:
            said = input(f"{sayable(question)}: ").strip()
        except UnicodeDecodeError:
            print_text("  that was no UTF-8 (half a letter erased?): type it again")
            continue
        if said.lower() in STOP:
            raise Stopped
        if said.lower() in UNDO:
            raise TakenBack
        return said


def asked(question: str, read: Callable[[str], T]) -> T:
    """What `read` makes of the answer; asked again, with the sentence, while it raises ConfigError."""
    while True:
        try:
            return read(ask(question))
        except ConfigError as error:
            print_text(f"  {error}")


def asked_with(question: str, default: str, read: Callable[[str], T]) -> T | None:
    """As `asked`, where an empty answer means the default and `-` means none."""

    def either(said: str) -> T | None:
        meant = said or default
        return read(meant) if meant not in ("", NOTHING) else None

    return asked(f"{question} [{default or NOTHING}]", either)


def yes_or_no(said: str) -> bool:
    """Raises ConfigError for anything else."""
    if said.lower() in YES:
        return True
    if said.lower() in NO:
        return False
    raise ConfigError("answer y (có) or n (không)")
