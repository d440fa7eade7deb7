"""`gianh light`: the operator's lighting."""

from edge.cli import light_history, light_plan, light_set
from edge.cli.common import Commands

ROOMS = (light_set, light_plan, light_history)
"""Where the commands of `gianh light` live."""


def add(commands: Commands) -> None:
    """Add this room's commands."""
    text = "the lighting: set and release levels, what is planned, what happened"
    parser = commands.add_parser(
        "light",
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog="Example: gianh light set tran-hung-dao 40 --for 2h",
    )
    inner = parser.add_subparsers(dest="light", required=True, metavar="COMMAND")
    for room in ROOMS:
        room.add(inner)
