"""Whoever types `gianh set-address` stands at the device: is told each step, and is asked."""

import asyncio
import sys

from edge.cli.common import print_text
from edge.core.errors import ConfigError
from provisioning.address.journal import Where

YES = ("y", "yes", "c", "có")


class Person:
    """Reads and answers at the terminal; `tell` says whether each step is printed."""

    def __init__(self, tell: bool) -> None:
        self._tell = tell

    def say(self, text: str) -> None:
        """One step that was done."""
        if self._tell:
            print_text(text)
            sys.stdout.flush()

    async def restart(self, profile: str, where: Where) -> bool:
        """Ask for the device's power to be taken away; nobody is there where stdin is no terminal."""
        if not sys.stdin.isatty():
            return False
        question = f"take the power of the {profile} at {where} away for five seconds, then press Enter: "
        return await _typed(question) is not None

    async def agrees(self, question: str) -> bool:
        """Ask whether to go on. Raises ConfigError where nobody can be asked."""
        if not sys.stdin.isatty():
            raise ConfigError(
                "nobody can be asked here whether to write: say --yes, or --dry-run to only look"
            )
        typed = await _typed(f"{question} [y/N] ")
        return typed is not None and typed.strip().lower() in YES


async def _typed(question: str) -> str | None:
    """Wait for a line while the loop goes on, so that a lent bus stays lent; None at the end of input."""
    loop = asyncio.get_running_loop()
    sys.stderr.write(question)
    sys.stderr.flush()
    typed: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        line = sys.stdin.readline()
        if not typed.done():
            typed.set_result(line)

    loop.add_reader(sys.stdin.fileno(), read)
    try:
        return await typed or None
    finally:
        loop.remove_reader(sys.stdin.fileno())
