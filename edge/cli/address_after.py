"""After `gianh set-address`: what gateway.toml still says of the former address, and changing it there."""

import argparse
import sys

from edge.cli.address_person import Person
from edge.cli.bus_place import Spot
from edge.cli.common import config_path
from edge.config.installed import check_text, put
from edge.config.load import read_text
from edge.wiring import problems_of_wiring
from provisioning.address.configured import left_behind, unreached, with_address
from provisioning.address.site import Change


async def remind(args: argparse.Namespace, spot: Spot, person: Person, change: Change) -> None:
    """Say what is left to change in gateway.toml; change it where somebody is there and wants it."""
    if why := unreached(spot.bus, change.new):
        print(why, file=sys.stderr)
    left = left_behind(spot.devices, change.began or change.old, change.new)
    if not left:
        return
    names, unit = ", ".join(one.id for one in left), change.new.unit
    file = config_path(args)
    print(f"{file} still has {names} at address {left[0].address}", file=sys.stderr)
    if args.yes or args.json or not sys.stdin.isatty():
        print(f"set address = {unit} there, then `gianh reload`", file=sys.stderr)
    elif await person.agrees(f"set address = {unit} there?"):
        text = with_address(read_text(file), left, unit)
        check_text(file, text, problems_of_wiring)
        put(file, text)
        person.say(f"{file} has {names} at address {unit}: `gianh reload` tells the running gateway")
