"""`gianh sim`: the simulated town on its own, its access points, a cabinet to practise, a town over MQTT."""

from edge.cli.common import Commands
from simulators import cabinet_cli, cabinet_hands, cli, mqtt_town, wifi


def add(commands: Commands) -> None:
    """Add this room's commands, with the options that the simulators name."""
    parser = commands.add_parser(
        "sim",
        help="the simulated buses and devices on their own; `sim wifi`: the access points",
        description=cli.DESCRIPTION,
        epilog=cli.EXAMPLE,
    )
    cli.add_options(parser)
    parser.set_defaults(carry_out=cli.run)
    more = parser.add_subparsers(metavar="[wifi | cabinet | hands | town]")
    access_points = more.add_parser(
        "wifi",
        help="the access points, which send RADIUS accounting",
        description=wifi.DESCRIPTION,
        epilog=wifi.EXAMPLE,
    )
    wifi.add_options(access_points)
    access_points.set_defaults(carry_out=wifi.run)
    cabinet = more.add_parser(
        "cabinet",
        help="eight unlabelled devices on one line, to practise `gianh scan` on",
        description=cabinet_cli.DESCRIPTION,
        epilog=cabinet_cli.EXAMPLE,
    )
    cabinet_cli.add_options(cabinet)
    cabinet.set_defaults(carry_out=cabinet_cli.run)
    hands = more.add_parser(
        "hands",
        help="unplug, plug or restart a device of that cabinet, from another terminal",
        description=cabinet_hands.DESCRIPTION,
        epilog=cabinet_hands.EXAMPLE,
    )
    cabinet_hands.add_options(hands)
    hands.set_defaults(carry_out=cabinet_hands.run)
    town = more.add_parser(
        "town",
        help="many gateways at a broker, without buses",
        description=mqtt_town.DESCRIPTION,
        epilog=mqtt_town.EXAMPLE,
    )
    mqtt_town.add_options(town)
    town.set_defaults(carry_out=mqtt_town.run)
