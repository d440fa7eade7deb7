"""`gianh ca`: the town's own certificate authority."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

from edge.cli.common import (
    EXIT_DONE,
    CarryOut,
    Commands,
    add_command,
    add_json,
    print_json,
    print_table,
    print_text,
)
from edge.core.errors import ConfigError
from provisioning.ca.authority import Authority, fingerprint, utc_now, whose
from provisioning.ca.ceremony import init, renew
from provisioning.ca.give import Given, issue_role, issue_signing_key, listed, show, take_back
from provisioning.ca.place import Place, town_of
from provisioning.ca.profiles import Role

ENV, HERE = "GIANH_CA", Path("ca")
"""Where the authority's folder is looked for when nobody names it."""


def add(commands: Commands) -> None:
    """Add this room's commands."""
    parser = commands.add_parser(
        "ca", help="the town's certificate authority", epilog="Example: gianh ca show"
    )
    inner = parser.add_subparsers(dest="ca_command", required=True, metavar="COMMAND")

    def command(name: str, carry_out: CarryOut, text: str, example: str) -> argparse.ArgumentParser:
        made = add_command(inner, name, carry_out, text, example)
        add_ca(made)
        add_json(made)
        return made

    text = "make the authority: an offline root and an issuing authority; what is there stays"
    example = (
        "gianh ca init --town Ba-Don --enrol-url https://centre.example:8443 "
        "--mqtt-url mqtts://centre.example:8883"
    )
    made = command("init", make, text, example)
    made.add_argument("--town", required=True, help="goes into every certificate, for ever")
    made.add_argument("--enrol-url", required=True, metavar="URL", help="for gateways: https://HOST[:PORT]")
    made.add_argument("--mqtt-url", required=True, metavar="URL", help="their broker: mqtts://HOST[:PORT]")
    text = "give the issuing authority more time, with the root's key"
    more = command("renew", more_time, text, "gianh ca renew --root-key /media/stick/root.key")
    for each in (made, more):
        each.add_argument("--root-key", type=Path, metavar="FILE", help="default: DIR/root.key")
        each.add_argument(
            "--passphrase-file", type=Path, metavar="FILE", help="its passphrase (default: you are asked)"
        )
    command("show", show_ca, "what the authority is, with its fingerprint", "gianh ca show")
    command("list", list_issued, "who has which certificate", "gianh ca list")
    _add_giving(command)


def _add_giving(command: Callable[[str, CarryOut, str, str], argparse.ArgumentParser]) -> None:
    text = "a certificate for somebody at the centre: console, operator, reader or fleet"
    role = command("role", give_role, text, "gianh ca role console --name centre --out /etc/gianh/mqtt")
    role.add_argument("role", choices=tuple(Role), metavar="ROLE", help=", ".join(Role))
    role.add_argument("--name", default="centre", help="whose it is (default: centre)")
    role.add_argument("--again", action="store_true", help="admit who was revoked")
    text = "a key that signs configurations for the fleet"
    sign = command("sign-key", give_signing_key, text, "gianh ca sign-key fleet --out /etc/gianh/sign")
    sign.add_argument("name", metavar="NAME")
    for each in (role, sign):
        each.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files are to go")
    gone = command("revoke", revoke, "take back what a gateway or a role has", "gianh ca revoke gw-cau-gianh")
    gone.add_argument("name", metavar="NAME", help="a gateway's id, or NAME@ROLE as `gianh ca list` has it")
    gone.add_argument(
        "--broker", type=Path, metavar="DIR", help="also tell the broker that `gianh broker setup` made"
    )
    command("crl", sign_list, "sign the list of what is revoked anew", "gianh ca crl").add_argument(
        "--out", type=Path, metavar="FILE", help="write it there as well"
    )


def add_ca(parser: argparse.ArgumentParser) -> None:
    """Add --ca."""
    parser.add_argument(
        "--ca", type=Path, metavar="DIR", help=f"the authority's folder (default: ${ENV}, ./{HERE})"
    )


def place_of(args: argparse.Namespace) -> Place:
    """The authority that is meant."""
    folder = args.ca or Path(os.environ.get(ENV) or HERE)
    return Place.at(folder, getattr(args, "root_key", None))


def make(args: argparse.Namespace) -> int:
    """`gianh ca init`."""
    place = place_of(args)
    town = town_of(args.town, args.enrol_url, args.mqtt_url)
    made = init(place, town, _passphrase(args), utc_now)
    found = show(Authority(place))
    if args.json:
        print_json({**found, "made": list(made.files)})
        return EXIT_DONE
    print_text(
        f"made {', '.join(made.files)} in {place.folder}" if made.files else f"{place.folder} is complete"
    )
    _print_facts(found)
    if place.root_key.name in made.files:
        print(
            f"\n{place.root_key} is the root's key. Copy it to two media that are kept apart and offline,\n"
            "write the passphrase down elsewhere, then delete it here: only `gianh ca renew` needs it again."
        )
    return EXIT_DONE


def more_time(args: argparse.Namespace) -> int:
    """`gianh ca renew`."""
    certificate = renew(place_of(args), _passphrase(args), utc_now)
    if args.json:
        print_json({"until": certificate.not_valid_after_utc.isoformat()})
    else:
        print(f"the issuing authority holds until {certificate.not_valid_after_utc:%Y-%m-%d}")
        print("restart `gianh enrol serve`; gateways get it with their next renewal")
    return EXIT_DONE


def show_ca(args: argparse.Namespace) -> int:
    """`gianh ca show`."""
    found = show(Authority(place_of(args)))
    if args.json:
        print_json(found)
    else:
        _print_facts(found)
    return EXIT_DONE


def list_issued(args: argparse.Namespace) -> int:
    """`gianh ca list`."""
    rows = listed(Authority(place_of(args)))
    if args.json:
        print_json([row.as_json() for row in rows])
    elif not rows:
        print("nobody has a certificate yet: `gianh enrol token GATEWAY` lets a gateway get one")
    else:
        print_table(["name", "for", "state", "until", "serial"], [row.cells() for row in rows])
    return EXIT_DONE


def give_role(args: argparse.Namespace) -> int:
    """`gianh ca role`."""
    return _say_given(
        args, issue_role(Authority(place_of(args)), Role(args.role), args.name, args.out, args.again)
    )


def give_signing_key(args: argparse.Namespace) -> int:
    """`gianh ca sign-key`."""
    return _say_given(args, issue_signing_key(Authority(place_of(args)), args.name, args.out))


def revoke(args: argparse.Namespace) -> int:
    """`gianh ca revoke`."""
    authority = Authority(place_of(args))
    taken = take_back(authority, args.name)
    if args.json:
        print_json(
            {
                "name": args.name,
                "revoked": [f"{one.serial:x}" for one in taken],
                "crl": str(authority.place.crl),
            }
        )
        return EXIT_DONE
    for one in taken:
        print(f"revoked: {whose(one.certificate)}")
    if not taken:
        print(f"{args.name} has nothing that still holds; it gets nothing any more")
    print("now tell the broker: `gianh broker setup DIR --reload` takes its topics away at once and lets it")
    print("in no more; only a restart of the broker cuts a connection that is open now")
    return EXIT_DONE


def sign_list(args: argparse.Namespace) -> int:
    """`gianh ca crl`."""
    authority = Authority(place_of(args))
    content = authority.write_crl()
    count = len(list(authority.records.revoked()))
    if args.out is not None:
        try:
            args.out.write_bytes(content)
        except OSError as error:
            raise ConfigError(f"{args.out} cannot be written: {error.strerror}") from error
    if args.json:
        print_json({"crl": str(args.out or authority.place.crl), "revoked": count})
    else:
        print(f"{args.out or authority.place.crl}: {count} revoked certificates")
    return EXIT_DONE


def _say_given(args: argparse.Namespace, given: Given) -> int:
    if args.json:
        print_json(given.as_json())
    else:
        print(f"{whose(given.certificate)}")
        for file in given.files:
            print(f"  {file}")
    return EXIT_DONE


def _print_facts(found: dict[str, object]) -> None:
    print_text(f"town:         {found['town']}")
    print(f"fingerprint:  {found['fingerprint']}")
    print(f"root:         until {found['root_until']}")
    print(f"issuing:      until {found['issuing_until']}")
    print(f"enrolment:    {found['enrol_url']}")
    print(f"broker:       {found['mqtt_url']}")
    print(f"certificates: {found['valid']} valid, {found['revoked']} revoked")


def _passphrase(args: argparse.Namespace) -> Callable[[bool], str]:
    def ask(is_new: bool) -> str:
        if args.passphrase_file is not None:
            return _read(args.passphrase_file)
        if not sys.stdin.isatty():
            raise ConfigError("nobody can be asked for the root's passphrase here: give --passphrase-file")
        given = getpass.getpass("passphrase of the root's key: ")
        if is_new and getpass.getpass("once more: ") != given:
            raise ConfigError("the two passphrases differ: try again")
        return given

    return ask


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: name the file with the passphrase") from error


__all__ = ["add", "add_ca", "fingerprint", "place_of"]
