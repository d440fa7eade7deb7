"""`gianh set-address`: give one device another unit id or other line settings."""

import argparse
import asyncio
import sys
from pathlib import Path

from drivers.profile import load_profile
from edge.cli.bus_place import Spot, add_place, borrowed, choice_of, spots_of
from edge.cli.common import EXIT_DONE, Commands, add_command, add_json, print_json
from edge.core.errors import ConfigError
from provisioning.address.journal import Journal, Step, Where
from provisioning.address.rules import writes
from provisioning.address.work import Change, moves, recover, set_address
from provisioning.identify.work import Verdict, identify, modbus_profiles
from provisioning.scan.line import Asker
from provisioning.scan.plan import PATIENT_QUIET_S, PATIENT_S, UNITS, Choice
from provisioning.scan.session import RealLines


def add(commands: Commands) -> None:
    """Add this room's command."""
    parser = add_command(
        commands,
        "set-address",
        run,
        "give one device another unit id, baud rate or parity, and prove it",
        "gianh set-address /dev/ttyUSB0 --unit 1 --to 21 --profile xy-md02",
    )
    add_place(parser)
    parser.add_argument("--unit", type=unit_id, metavar="ID", help="where the device answers now")
    parser.add_argument("--to", type=unit_id, metavar="ID", help="where it shall answer (default: as now)")
    parser.add_argument("--to-baudrate", type=int, metavar="N", help="its new baud rate")
    parser.add_argument("--to-parity", choices=("N", "E", "O"), help="its new parity")
    parser.add_argument("--profile", metavar="ID", help="what it is (default: what `gianh identify` finds)")
    parser.add_argument("--yes", action="store_true", help="do not ask before writing")
    parser.add_argument("--undo", action="store_true", help="take the last change on this line back")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="default: in data_dir")
    add_json(parser)


def unit_id(text: str) -> int:
    """A unit id, for argparse."""
    if not text.isdecimal() or int(text) not in UNITS:
        raise argparse.ArgumentTypeError(f"{text!r}: unit ids are 1 to 247")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """`gianh set-address`."""
    spots = spots_of(args)
    if len(spots) > 1:
        raise ConfigError(f"there are several adapters, name one: {', '.join(one.name for one in spots)}")
    where = asyncio.run(_run(args, spots[0]))
    if args.json:
        print_json(
            {
                "bus": spots[0].name,
                "unit": where.unit,
                "baudrate": where.line.baudrate,
                "parity": where.line.parity,
            }
        )
    return EXIT_DONE


class Person:
    """Whoever types the command stands at the device."""

    def __init__(self, tell: bool) -> None:
        self._tell = tell

    def say(self, text: str) -> None:
        """One step that was done."""
        if self._tell:
            print(text)

    async def restart(self, profile: str, where: Where) -> bool:
        """Ask for the device's power to be taken away; nobody is there where stdin is no terminal."""
        if not sys.stdin.isatty():
            return False
        return await _answer(
            f"take the power of the {profile} at {where} away for five seconds, then press Enter: "
        )


async def _run(args: argparse.Namespace, spot: Spot) -> Where:
    journal = Journal(args.journal or spot.state.with_name(spot.state.name.replace("scan", "address")))
    lines, person = RealLines(spot.place), Person(not args.json)
    async with borrowed(args, spot):
        found = await _finish(lines, journal, person)
        change = await _wanted(args, spot, journal, found)
        if found is not None and found == change.new:
            return found
        await _consent(args, change)
        return await set_address(lines, change, journal, person, person.say)


async def _finish(lines: RealLines, journal: Journal, person: Person) -> Where | None:
    """Where the device of an interrupted change is."""
    entry = journal.under_way()
    if entry is None:
        return None
    person.say(f"a change was interrupted ({entry.profile}: {entry.old} to {entry.new}): looking for it")
    where = await recover(lines, entry, load_profile(entry.profile), journal, person)
    person.say(f"{entry.profile} is at {where}")
    return where


async def _wanted(args: argparse.Namespace, spot: Spot, journal: Journal, found: Where | None) -> Change:
    everybody = modbus_profiles()
    if args.undo:
        entry = journal.read()
        if entry is None or entry.step is not Step.DONE:
            raise ConfigError(f"{journal.path} has no change that could be taken back")
        return Change(str(spot.place), load_profile(entry.profile), entry.new, entry.old, everybody)
    if args.unit is None:
        raise ConfigError("give --unit, where the device answers now; `gianh scan` tells")
    line = choice_of(args, spot)
    old = Where(args.unit, line)
    parity = args.to_parity or line.parity
    new = Where(args.to or args.unit, Choice(args.to_baudrate or line.baudrate, parity, line.stop_bits))
    if found == new:
        return Change(str(spot.place), everybody[0], old, new, everybody)
    profile = args.profile or await _identified(spot, old)
    return Change(str(spot.place), load_profile(profile), found if found == old else old, new, everybody)


async def _identified(spot: Spot, where: Where) -> str:
    async with Asker(spot.place, where.line, PATIENT_S, PATIENT_QUIET_S, None) as line:
        one = await identify(line, where.unit, where.line)
    if one.best is None or one.verdict is not Verdict.SURE:
        names = ", ".join(match.profile for match in one.matches[:3]) or "none"
        raise ConfigError(
            f"what stands at {where} cannot be told for sure (it fits: {names}): read its label and give "
            "--profile"
        )
    return one.best.profile


async def _consent(args: argparse.Namespace, change: Change) -> None:
    moves(change)
    rule = change.profile.readdress
    doubts = []
    if rule is not None:
        told = [write.setting for write in writes(change.profile, change.old, change.new)]
        settings = (("unit", rule.unit), ("baudrate", rule.baudrate), ("parity", rule.parity))
        parts = (("the rule", rule), *(one for one in settings if one[1] in told))
        doubts = [
            f"{name} is unverified ({part.note or 'by one source'})"
            for name, part in parts
            if part is not None and not part.verified
        ]
    if args.yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError("nobody can be asked here whether to write: give --yes")
    for doubt in doubts:
        print(f"  {change.profile.id}: {doubt}")
    question = f"write to {change.profile.id}: {change.old} -> {change.new}? Enter goes on, Ctrl-C ends: "
    if not await _answer(question):
        raise ConfigError("nothing was written")


async def _answer(question: str) -> bool:
    """Wait for Enter while the loop goes on, so that a lent bus stays lent; False at the end of input."""
    loop = asyncio.get_running_loop()
    sys.stderr.write(question)
    sys.stderr.flush()
    typed: asyncio.Future[bool] = loop.create_future()

    def read() -> None:
        line = sys.stdin.readline()
        if not typed.done():
            typed.set_result(bool(line))

    loop.add_reader(sys.stdin.fileno(), read)
    try:
        return await typed
    finally:
        loop.remove_reader(sys.stdin.fileno())
