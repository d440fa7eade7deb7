"""`gianh sim`: the simulated town on its own."""

import argparse
import sys

from edge.cli.common import Commands
from simulators import cli as simulators_cli


def add(commands: Commands) -> None:
    """Add this room's command; the simulators read its options themselves."""
    parser = commands.add_parser("sim", add_help=False, help="the simulated buses and devices on their own")
    parser.add_argument("options", nargs=argparse.REMAINDER)
    parser.set_defaults(carry_out=simulate)


def simulate(args: argparse.Namespace) -> int:
    """`gianh sim`."""
    sys.stdout.flush()
    return simulators_cli.main(args.options)
