"""`gianh set-address`: give one device another unit id or other line settings."""

import argparse
import asyncio
import sys
from dataclasses import asdict
from pathlib import Path

from drivers.profile import load_profile
from edge.cli.address_after import remind
from edge.cli.address_person import Person
from edge.cli.bus_place import Spot, add_place, borrowed, choice_of, spots_of
from edge.cli.common import EXIT_DONE, EXIT_FAILED, Commands, add_command, add_json, print_json, print_text
from edge.core.errors import ConfigError
from provisioning.address.configured import refuse_taken
from provisioning.address.journal import Entry, Journal, Step, Way, Where
from provisioning.address.preview import planned
from provisioning.address.proving import prove_single
from provisioning.address.resume import is_rest, rest_of, way_back
from provisioning.address.rules import converter, doubts, start_needed
from provisioning.address.site import Change, Lost, NotAlone, Site
from provisioning.address.work import prove, recover, set_address, was_done
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
    parser.add_argument(
        "--as",
        dest="itself",
        metavar="DEVICE",
        help="which device of gateway.toml it is, where that has its new address already",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="prove and show what would be written; write nothing"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before writing")
    parser.add_argument(
        "--undo",
        action="store_true",
        help="bring the device that was changed last on this line back to where it was before",
    )
    parser.add_argument(
        "--forget",
        action="store_true",
        help="do not look for the device of an interrupted change: it is gone, or known to be elsewhere",
    )
    parser.add_argument("--journal", type=Path, metavar="FILE", help="default: in data_dir")
    add_json(parser)


def unit_id(text: str) -> int:
    """A unit id, for argparse."""
    if not text.isdecimal() or int(text) not in UNITS:
        raise argparse.ArgumentTypeError(f"{text!r}: unit ids are 1 to 247")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """`gianh set-address`: exit 1 where nothing was written, or it cannot be proved."""
    spots = spots_of(args)
    if len(spots) > 1:
        raise ConfigError(f"there are several adapters, name one: {', '.join(one.name for one in spots)}")
    return asyncio.run(_run(args, spots[0]))


async def _run(args: argparse.Namespace, spot: Spot) -> int:
    journal = Journal(args.journal or spot.state.with_name(spot.state.name.replace("scan", "address")))
    person = Person(not args.json)
    site = Site(RealLines(spot.place), journal, person, person.say)
    if args.forget:
        _forget(site)
        if args.unit is None and not args.undo:
            return EXIT_DONE
    async with borrowed(args, spot):
        entry = journal.under_way()
        if entry is not None and args.dry_run:
            raise ConfigError(f"{_interrupted(entry)}: run that again first, without --dry-run")
        found = await _found(site, entry) if entry is not None else None
        change = await _wanted(args, spot, site, entry, found)
        if change.old == change.new and change.began is not None:
            return await _done(args, spot, person, change)
        if change.way is Way.THERE and change.old.unit != change.new.unit:
            refuse_taken(spot.devices, change.new, args.itself)
        if args.dry_run:
            return await _preview(args, spot, site, change)
        if not await _agreed(args, spot, person, change):
            print("nothing was written", file=sys.stderr)
            return EXIT_FAILED
        await set_address(site, change)
    return await _done(args, spot, person, change)


def _interrupted(entry: Entry) -> str:
    return f"a change was interrupted ({entry.profile}: {entry.began} to {entry.goal})"


def _forget(site: Site) -> None:
    entry = site.journal.under_way()
    if entry is None:
        raise ConfigError("no change on this line was interrupted: there is nothing to forget")
    site.journal.write(entry.at(Step.FORGOTTEN))
    site.say(f"forgotten: {_interrupted(entry)}")


async def _found(site: Site, entry: Entry) -> Where:
    """Where the device of an interrupted change is."""
    site.say(f"{_interrupted(entry)}: looking for it")
    try:
        where = await recover(site, entry, load_profile(entry.profile))
    except (Lost, NotAlone) as error:
        raise type(error)(f"{error}. If that device is gone, --forget goes on without it") from error
    site.say(f"{entry.profile} is at {where}")
    return where


async def _wanted(
    args: argparse.Namespace, spot: Spot, site: Site, entry: Entry | None, found: Where | None
) -> Change:
    """What to do; `entry` is the change that was interrupted, whose device is at `found`."""
    everybody = modbus_profiles()
    if args.undo:
        _refuse_with_undo(args)
        return way_back(site.journal.read(), found, everybody)
    if args.unit is None:
        raise ConfigError("give --unit, where the device answers now; `gianh scan` tells")
    old, new = _places(args, spot)
    if entry is not None and found is not None and is_rest(entry, found, old, new):
        return rest_of(entry, found, new, everybody)
    if entry is None and old != new and (last := await was_done(site, old, new)):
        site.say(f"{last.profile} is at {new} already: this was done before")
        return rest_of(last, new, new, everybody)
    profile = args.profile or await _identified(spot, site, old)
    return Change(str(spot.place), load_profile(profile), old, new, everybody)


def _places(args: argparse.Namespace, spot: Spot) -> tuple[Where, Where]:
    if not spot.place.has_settings:
        if args.to_baudrate is not None or args.to_parity is not None:
            raise converter(spot.name)
        return Where(args.unit, None), Where(args.to or args.unit, None)
    line = choice_of(args, spot)
    after = Choice(args.to_baudrate or line.baudrate, args.to_parity or line.parity, line.stop_bits)
    return Where(args.unit, line), Where(args.to or args.unit, after)


def _refuse_with_undo(args: argparse.Namespace) -> None:
    given = (args.unit, args.to, args.to_baudrate, args.to_parity, args.profile)
    if any(one is not None for one in given):
        raise ConfigError("--undo knows where the device is and where it was: give it nothing but the line")


async def _identified(spot: Spot, site: Site, where: Where) -> str:
    await prove_single(site.lines, where)
    async with Asker(spot.place, where.line, PATIENT_S, PATIENT_QUIET_S, None) as line:
        one = await identify(line, where.unit, where.line)
    if one.best is None or one.verdict is not Verdict.SURE:
        names = ", ".join(match.profile for match in one.matches[:3]) or "none"
        raise ConfigError(
            f"what stands at {where} cannot be told for sure (it fits: {names}): read its label and give "
            "--profile"
        )
    return one.best.profile


async def _preview(args: argparse.Namespace, spot: Spot, site: Site, change: Change) -> int:
    writes = planned(change, spot.place.kind)
    _tell_plan(args, change)
    for write in writes:
        site.say(f"  would write {write}")
    await prove(site, change)
    if args.json:
        print_json(
            {"bus": spot.name, "profile": change.profile.id, "writes": [asdict(one) for one in writes]}
        )
    site.say("nothing was written")
    return EXIT_DONE


def _tell_plan(args: argparse.Namespace, change: Change) -> None:
    if args.json:
        return
    print_text(f"{change.profile.id}: {change.old} -> {change.new}")
    for doubt in doubts(change.profile, change.old, change.new):
        print_text(f"  {doubt}")
    print_text(f"  {start_needed(change.profile)}")


async def _agreed(args: argparse.Namespace, spot: Spot, person: Person, change: Change) -> bool:
    planned(change, spot.place.kind)
    if args.yes:
        return True
    _tell_plan(args, change)
    return await person.agrees("write this?")


async def _done(args: argparse.Namespace, spot: Spot, person: Person, change: Change) -> int:
    if args.json:
        line = change.new.line
        print_json(
            {
                "bus": spot.name,
                "unit": change.new.unit,
                "baudrate": line.baudrate if line is not None else None,
                "parity": line.parity if line is not None else None,
                "profile": change.profile.id,
            }
        )
    await remind(args, spot, person, change)
    return EXIT_DONE
