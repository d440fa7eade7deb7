"""`gianh identify`: which profile a unit has."""

import argparse
import asyncio

from edge.cli.bus_place import Spot, add_place, borrowed, choice_of, spots_of
from edge.cli.common import (
    EXIT_DONE,
    EXIT_FAILED,
    Commands,
    add_command,
    add_json,
    print_json,
    print_table,
    print_text,
)
from edge.cli.scan import parse_units
from edge.core.errors import ConfigError, NoAnswer, ProtocolError
from provisioning.identify.weigh import Match
from provisioning.identify.work import Identity, Verdict, identify
from provisioning.scan.line import Asker
from provisioning.scan.plan import PATIENT_QUIET_S, PATIENT_S, Choice

SHOWN = 4
"""So many matches are shown of a unit."""

VALUES = 3


def add(commands: Commands) -> None:
    """Add this room's command."""
    parser = add_command(
        commands,
        "identify",
        run,
        "which profile a unit has, by what it answers and whether the values can be true; reads only",
        "gianh identify /dev/ttyUSB0 --unit 5 --baudrate 9600",
    )
    add_place(parser)
    parser.add_argument("--unit", required=True, metavar="IDS", help="such as 5, or 2,5,12")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """`gianh identify`."""
    spots = spots_of(args)
    if len(spots) > 1:
        names = ", ".join(spot.name for spot in spots)
        raise ConfigError(f"there are several adapters, name one: {names}")
    units = parse_units(args.unit)
    found = asyncio.run(_all(args, spots[0], units))
    sure = all(one.verdict is Verdict.SURE for one in found)
    return EXIT_DONE if sure else EXIT_FAILED


async def _all(args: argparse.Namespace, spot: Spot, units: tuple[int, ...]) -> list[Identity]:
    choice = choice_of(args, spot) if spot.place.has_settings else None
    found: list[Identity] = []
    async with (
        borrowed(args, spot),
        Asker(spot.place, choice, PATIENT_S, PATIENT_QUIET_S, None) as line,
    ):
        for unit in units:
            try:
                one = await identify(line, unit, choice)
            except ProtocolError as error:
                raise ProtocolError(f"{error}; `gianh scan` tells what is wrong") from error
            except NoAnswer as error:
                raise NoAnswer(f"{error} (at {choice or 'TCP'})") from error
            found.append(one)
            _show(args, spot, choice, one)
    return found


def _show(args: argparse.Namespace, spot: Spot, choice: Choice | None, one: Identity) -> None:
    if args.json:
        print_json(as_json(spot.name, choice, one))
        return
    print(f"unit {one.unit} on {spot.name}: {_verdict(one)}")
    if one.matches:
        print_table(["profile", "score", "bits"], [_row(match) for match in one.matches[:SHOWN]])
        best = one.matches[0]
        for sentence in best.evidence:
            print_text(f"  {best.profile}: {sentence}")
    for variant in one.variants:
        print_text(f"  {variant.profile} would fit with {variant.change}: {variant.reading}")
    for match in sorted(one.ruled_out, key=lambda match: "no value" in match.no)[:SHOWN]:
        print_text(f"  not {match.profile}: {match.no}")


def _verdict(one: Identity) -> str:
    best = one.best
    if best is None:
        if one.variants:
            return "no profile fits, but a variant of one would"
        return "no profile fits: write one (docs/devices.md)"
    if one.verdict is Verdict.SURE:
        shown = ", ".join(f"{name} {value:g}" for name, value in best.values[:VALUES])
        return f"{best.profile} ({shown})"
    return "several profiles fit, the label has to say which"


def _row(match: Match) -> list[str]:
    return [match.profile, f"{match.score:.0f}", f"{match.bits:.0f}"]


def as_json(bus: str, choice: Choice | None, one: Identity) -> dict[str, object]:
    """One object per unit, as `gianh scan --json` has it, with the matches."""
    best = one.best if one.verdict is Verdict.SURE else None
    return {
        "bus": bus,
        "baudrate": choice.baudrate if choice is not None else None,
        "parity": choice.parity if choice is not None else None,
        "unit": one.unit,
        "verdict": one.verdict.value,
        "profile": best.profile if best is not None else None,
        "score": best.score if best is not None else None,
        "matches": [
            {
                "profile": match.profile,
                "score": match.score,
                "evidence": list(match.evidence),
                "values": dict(match.values),
            }
            for match in one.matches
        ],
        "variants": [
            {"profile": variant.profile, "change": variant.change, "reading": variant.reading}
            for variant in one.variants
        ],
    }
