"""`gianh air`: the officer's air."""

from edge.cli import air_aqi, air_files, air_fit, air_limits, air_report, air_status
from edge.cli.common import Commands

ROOMS = (air_status, air_report, air_files, air_aqi, air_fit, air_limits)
"""Where the commands of `gianh air` live; each adds its own."""


def add(commands: Commands) -> None:
    """Add this room's commands."""
    text = "the air: reports, data files, indices, limits, and the fit of a sensor to a reference"
    parser = commands.add_parser(
        "air",
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog="Example: gianh air aqi --daily pm2_5=55.7 pm10=90",
    )
    inner = parser.add_subparsers(dest="air", required=True, metavar="COMMAND")
    for room in ROOMS:
        room.add(inner)
