"""`gianh light`: the operator's lighting."""

from edge.cli import light_plan
from edge.cli.common import Commands

ROOMS = (light_plan,)
"""Where the commands of `gianh light` live."""


def add(commands: Commands) -> None:
    """Add this room's commands."""
    parser = commands.add_parser(
        "light",
        help="the lighting: what is planned",
        description="The lighting: what is planned.",
        epilog="Example: gianh light plan gw-quang-long --date 2026-12-21",
    )
    inner = parser.add_subparsers(dest="light", required=True, metavar="COMMAND")
    for room in ROOMS:
        room.add(inner)
