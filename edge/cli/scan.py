"""`gianh scan`: who answers on a line."""

import argparse
import asyncio
import contextlib
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from drivers.line_serial import adapters
from edge.cli.bus_place import Spot, add_place, borrowed, spots_of
from edge.cli.common import EXIT_DONE, EXIT_FAILED, Commands, add_command, add_json, print_json, print_table
from edge.config.schema import BusKind
from edge.core.errors import ConfigError
from provisioning.scan.book import Book, Find
from provisioning.scan.line import TCP_ANSWER_S, TCP_DEAD_S
from provisioning.scan.naming import name_finds
from provisioning.scan.plan import (
    LIKELY,
    PATIENT_QUIET_S,
    PATIENT_S,
    UNITS,
    Choice,
    Wish,
    first_sweeps,
    later_sweeps,
    left_s,
)
from provisioning.scan.session import begin, scan
from provisioning.scan.work import Progress

TICK_S = 0.2
"""How often the progress line is written."""

BAR = 24


def add(commands: Commands) -> None:
    """Add this room's command."""
    parser = add_command(
        commands,
        "scan",
        run,
        "find what answers on a serial line or a network converter; reads only",
        "gianh scan /dev/ttyUSB0 --baudrate 9600",
    )
    add_place(parser)
    parser.add_argument("--units", default="1-247", metavar="IDS", help="such as 1-32,40 (default 1-247)")
    parser.add_argument("--quick", action="store_true", help="likely settings and unit ids only")
    parser.add_argument(
        "--thorough", action="store_true", help="ask silent units once more, by another function"
    )
    parser.add_argument(
        "--patient", action="store_true", help="wait 350 ms for an answer, not 60: for slow converters"
    )
    parser.add_argument("--identify", action="store_true", help="say which profile each unit has as well")
    parser.add_argument("--fresh", action="store_true", help="do not go on with an interrupted scan")
    parser.add_argument(
        "--state", type=Path, metavar="FILE", help="where an interrupted scan is kept (default: data_dir)"
    )
    parser.add_argument("--adapters", action="store_true", help="list the serial adapters and end")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """`gianh scan`."""
    if args.adapters:
        return _list_adapters(args)
    wish = wish_of(args)
    books: list[Book] = []
    try:
        asyncio.run(_scan_all(args, wish, books))
    except asyncio.CancelledError:
        pass
    finally:
        _show(args, books)
    return EXIT_DONE if any(book.finds for book in books) else EXIT_FAILED


def wish_of(args: argparse.Namespace) -> Wish:
    """What the options say. Raises ConfigError."""
    choices = tuple(
        choice
        for choice in LIKELY
        if args.baudrate in (None, choice.baudrate) and args.parity in (None, choice.parity)
    )
    if args.baudrate is not None:
        parities = (args.parity,) if args.parity is not None else ("N", "E", "O")
        choices = tuple(Choice(args.baudrate, parity, args.stop_bits) for parity in parities)
    wish = Wish(choices, parse_units(args.units), args.quick, args.thorough)
    return replace(wish, answer_s=PATIENT_S, quiet_s=PATIENT_QUIET_S) if args.patient else wish


def parse_units(text: str) -> tuple[int, ...]:
    """Unit ids such as `1-32,40`. Raises ConfigError."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            raise ConfigError(f"--units {text!r} is not understood: write it as 1-32,40")
        found += range(int(first), int(last or first) + 1)
    if not found or min(found) < UNITS.start or max(found) >= UNITS.stop:
        raise ConfigError(f"--units {text!r}: unit ids are 1 to 247")
    return tuple(dict.fromkeys(found))


async def _scan_all(args: argparse.Namespace, wish: Wish, books: list[Book]) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    for spot in spots_of(args):
        async with borrowed(args, spot):
            await _scan_one(args, wish, spot, books)


async def _scan_one(args: argparse.Namespace, wish: Wish, spot: Spot, books: list[Book]) -> None:
    if not spot.place.has_settings:
        longest_s = TCP_DEAD_S if spot.place.kind is BusKind.TCP else max(TCP_ANSWER_S, wish.answer_s)
        wish = replace(wish, choices=(None,), listen=False, answer_s=longest_s)
    state = args.state or spot.state
    book, goes_on = (Book(spot.name), False) if args.fresh else begin(spot.place, wish, spot.name, state)
    books.append(book)
    show = _Screen(spot.name)
    if goes_on:
        show.say(f"{spot.name}: going on with an interrupted scan ({len(book.finds)} found so far)")
    else:
        whole = left_s((*first_sweeps(wish), *later_sweeps(wish, ())))
        show.say(f"{spot.name}: at most {_minutes(whole)}; Ctrl-C ends it with what was found")
    try:
        await scan(spot.place, wish, book, show.progress, state)
        if args.identify:
            await name_finds(spot.place, book)
    except asyncio.CancelledError:
        show.end()
        show.say(f"interrupted; the same command goes on from here (state in {state})")
        raise
    finally:
        show.end()


class _Screen:
    """Progress for a person at a terminal; silent otherwise."""

    def __init__(self, name: str) -> None:
        self._name, self._live = name, sys.stderr.isatty()
        self._at_s = 0.0

    def say(self, text: str) -> None:
        if self._live:
            sys.stderr.write(f"{text}\n")

    def progress(self, now: Progress) -> None:
        if not self._live or time.monotonic() - self._at_s < TICK_S:
            return
        self._at_s = time.monotonic()
        filled = BAR * now.done // max(1, now.units)
        text = (
            f"{now.sweep} [{'#' * filled}{'.' * (BAR - filled)}] unit {now.unit:3}, {now.found} found, "
            f"at most {_minutes(now.left_s)} left"
        )
        sys.stderr.write(f"\r{text:<100}")
        sys.stderr.flush()

    def end(self) -> None:
        if self._live and self._at_s:
            sys.stderr.write("\r" + " " * 100 + "\r")
            sys.stderr.flush()
            self._at_s = 0.0


def _minutes(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60:02} s" if whole >= 60 else f"{whole} s"


def _show(args: argparse.Namespace, books: list[Book]) -> None:
    finds = [find for book in books for find in sorted(book.finds.values(), key=_order)]
    if args.json:
        for find in finds:
            print_json(find.as_json())
    elif finds:
        print_table(["bus", "line", "unit", "answered", "profile"], [_row(find) for find in finds])
    remarks = [remark for book in books for remark in book.remarks.values()]
    with contextlib.suppress(BrokenPipeError):
        for remark in remarks:
            print(remark, file=sys.stderr if args.json else sys.stdout)


def _order(find: Find) -> tuple[Choice, int]:
    return find.choice or Choice(), find.unit or 0


def _row(find: Find) -> list[str]:
    count = f" ({find.good} of {find.trials} clean)" if find.good < find.trials else ""
    return [
        find.bus,
        str(find.choice or "TCP"),
        "-" if find.unit is None else str(find.unit),
        find.answered.value + count,
        (find.profile or "") + (f" ({find.score:.0f})" if find.score is not None else ""),
    ]


def _list_adapters(args: argparse.Namespace) -> int:
    found = adapters()
    if args.json:
        print_json(list(found))
    else:
        print("\n".join(found) or "no serial adapter is plugged in")
    return EXIT_DONE if found else EXIT_FAILED
