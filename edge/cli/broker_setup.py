"""`gianh broker`: the town's broker at the centre."""

import argparse
from pathlib import Path

from edge.cli.ca import add_ca, place_of
from edge.cli.common import EXIT_DONE, Commands, add_command, add_json, print_json
from provisioning.broker.setup import BrokerSetup, Wish, reload_broker, usual_user
from provisioning.ca.authority import Authority


def add(commands: Commands) -> None:
    """Add this room's commands."""
    parser = commands.add_parser(
        "broker", help="the town's MQTT broker", epilog="Example: gianh broker setup /etc/gianh/broker"
    )
    inner = parser.add_subparsers(dest="broker_command", required=True, metavar="COMMAND")
    text = "write a Mosquitto configuration by which everybody needs a certificate and reaches what is theirs"
    example = "gianh broker setup /etc/gianh/broker --dry-run"
    setup = add_command(inner, "setup", set_up, text, example)
    setup.add_argument("folder", type=Path, metavar="DIR", help="where everything of the broker lies")
    setup.add_argument("--user", default=usual_user(), help="whom it becomes when root starts it")
    setup.add_argument("--listen", default="", metavar="ADDRESS", help="listen here (default: everywhere)")
    setup.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    setup.add_argument("--reload", action="store_true", help="have the running broker read it")
    add_ca(setup)
    add_json(setup)


def set_up(args: argparse.Namespace) -> int:
    """`gianh broker setup`."""
    authority = Authority(place_of(args))
    setup = BrokerSetup(authority, Wish(args.folder, args.user, args.listen))
    differences = setup.differences()
    if args.dry_run:
        if args.json:
            print_json({"differences": differences})
        else:
            print(differences or "nothing would change\n", end="")
        return EXIT_DONE
    made = [str(file) for file in setup.apply()]
    reloaded = reload_broker(setup.files) if args.reload else None
    if args.json:
        print_json({"written": made, "port": setup.port, "reloaded": reloaded})
        return EXIT_DONE
    _say(setup, made, differences, reloaded)
    return EXIT_DONE


def _say(setup: BrokerSetup, made: list[str], differences: str, reloaded: int | None) -> None:
    files = setup.files
    if not made:
        print(f"{files.folder} is as it should be")
    else:
        print(differences, end="")
    if reloaded is not None:
        print(f"the broker (process {reloaded}) has read it; who is revoked gets and sends nothing any more")
        print("a connection that is open is cut by a restart alone, after which all others come back")
    elif made:
        print(f"start it: mosquitto -c {files.conf}   (or read it again: gianh broker setup ... --reload)")
