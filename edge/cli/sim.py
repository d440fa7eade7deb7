"""`gianh sim`: the simulated town on its own."""

from edge.cli.common import Commands
from simulators import cli


def add(commands: Commands) -> None:
    """Add this room's command, with the options that the simulators name."""
    parser = commands.add_parser(
        "sim",
        help="the simulated buses and devices on their own",
        description=cli.DESCRIPTION,
        epilog=cli.EXAMPLE,
    )
    cli.add_options(parser)
    parser.set_defaults(carry_out=cli.run)
