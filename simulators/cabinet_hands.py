"""The hands in a practice cabinet: unplug, plug, restart, from its own terminal or from another one."""

import argparse
import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from edge.core.errors import ConfigError, TransientError
from simulators.cabinet import Cabinet

DESCRIPTION = (
    "Do in a practice cabinet (`gianh sim cabinet`) what a technician's hands do: unplug NAME or plug NAME "
    "(take a device off the line, connect it again), restart NAME (its power off and on), swap (A and B), "
    "echo (of the adapter), where (what hangs there, and at which address), quit (end the cabinet)."
)
EXAMPLE = "example: gianh sim hands /tmp/cabinet unplug dust"

LINE_BYTES_MAX = 256
ANSWER_S = 5.0
"""Longest wait for the other side, on both sides."""

DONE, FAILED, WRONG_USAGE = 0, 1, 2


def obey(cabinet: Cabinet, line: str) -> str:
    """Do what one line says; gives what to tell. Raises ConfigError for what cannot be done."""
    verb, _, name = (part.strip() for part in line.strip().partition(" "))
    if verb in ("", "quit"):
        return verb
    if verb == "swap":
        cabinet.wire.swapped = not cabinet.wire.swapped
        return "A and B are swapped" if cabinet.wire.swapped else "A and B are right"
    if verb == "echo":
        cabinet.wire.echoes = not cabinet.wire.echoes
        return "the adapter echoes" if cabinet.wire.echoes else "the adapter does not echo"
    if verb == "where":
        return where(cabinet)
    acts = {
        "unplug": (cabinet.unplug, "is off the line"),
        "plug": (cabinet.plug, "is on the line"),
        "restart": (cabinet.restart, "was without power for a moment"),
    }
    if verb not in acts:
        raise ConfigError(f"{verb!r} is not known: unplug, plug or restart NAME, swap, echo, where or quit")
    act, said = acts[verb]
    act(name)
    return f"{name} {said}"


def where(cabinet: Cabinet) -> str:
    """What hangs in the cabinet, a line each."""
    return "\n".join(
        f"{one.name:8} {one.profile.id:26} unit {one.at.unit:3} {one.at.line.baudrate} "
        f"8{one.at.line.parity}{one.at.line.stop_bits}" + ("" if one.powered else "  off the line")
        for one in cabinet.devices.values()
    )


def door_of(link: Path) -> Path:
    """Where the hands of the cabinet at `link` are reached."""
    return link.with_name(f"{link.name}.hands")


@asynccontextmanager
async def listening(cabinet: Cabinet, link: Path, end: Callable[[], None]) -> AsyncIterator[None]:
    """Obey who knocks at the door, one line each, until the block ends. Raises OSError."""
    door = door_of(link)
    door.unlink(missing_ok=True)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(TimeoutError, ConnectionError, ValueError):
            async with asyncio.timeout(ANSWER_S):
                line = (await reader.readline()).decode("utf-8", "replace")
                writer.write(json.dumps(_answer(cabinet, line, end)).encode() + b"\n")
                await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(serve, door, limit=LINE_BYTES_MAX)
    try:
        door.chmod(0o600)
        yield
    finally:
        server.close()
        door.unlink(missing_ok=True)


def _answer(cabinet: Cabinet, line: str, end: Callable[[], None]) -> dict[str, object]:
    try:
        said = obey(cabinet, line)
    except ConfigError as error:
        return {"done": False, "said": str(error)}
    if said == "quit":
        end()
    return {"done": True, "said": "the cabinet ends" if said == "quit" else said}


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `run` wants to be told."""
    parser.add_argument("link", type=Path, metavar="LINK", help="the device file of `gianh sim cabinet`")
    parser.add_argument("words", nargs="*", metavar="WORD", help="what to do (default: where)")


def run(options: argparse.Namespace) -> int:
    """Have one thing done; gives the exit code."""
    try:
        answer = ask(options.link, " ".join(options.words) or "where")
    except TransientError as error:
        sys.stderr.write(f"gianh sim hands: {error}\n")
        return FAILED
    if not answer["done"]:
        sys.stderr.write(f"gianh sim hands: {answer['said']}\n")
        return WRONG_USAGE
    sys.stdout.write(f"{answer['said']}\n")
    return DONE


def is_there(link: Path) -> bool:
    """Whether a cabinet runs at `link`."""
    try:
        ask(link, "")
    except TransientError:
        return False
    return True


def ask(link: Path, line: str) -> dict[str, object]:
    """What the hands at `link` say to a line. Raises TransientError where nobody is there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knocking:
        knocking.settimeout(ANSWER_S)
        try:
            knocking.connect(os.fspath(door_of(link)))
            knocking.sendall(line.encode()[: LINE_BYTES_MAX - 1] + b"\n")
            said: dict[str, object] = json.loads(knocking.makefile("rb").readline())
        except (OSError, ValueError) as error:
            raise TransientError(
                f"no cabinet is running at {link}: start one with `gianh sim cabinet --link {link}`"
            ) from error
    return said
