"""`gianh enrol`: a gateway gets its identity; at the centre: tickets, and the service that gives it."""

import argparse
import asyncio
import contextlib
import datetime as dt
import getpass
import logging
import signal
import sys
from pathlib import Path

from edge.cli.ca import add_ca, place_of
from edge.cli.common import (
    EXIT_DONE,
    Commands,
    add_command,
    add_config,
    add_json,
    config_path,
    configured,
    port,
    print_json,
    shows,
)
from edge.cli.run import quiet_libraries
from edge.core.errors import ConfigError
from provisioning.ca.authority import Authority, fingerprint
from provisioning.enrol.enrolment import Enrolled, Enrolment
from provisioning.enrol.identity import Identity
from provisioning.enrol.office import Office
from provisioning.enrol.qr import qr_lines
from provisioning.enrol.serve import EnrolServer
from provisioning.enrol.settings import as_toml
from provisioning.enrol.ticket import TICKET_MAX, Ticket
from provisioning.enrol.tokens import LIFE, LIFE_MAX


def add(commands: Commands) -> None:
    """Add this room's commands."""
    text = "get this gateway its certificate; at the centre: make tickets, and give certificates"
    parser = add_command(commands, "enrol", enrol, text, "gianh enrol -c gateway.toml")
    add_config(parser)
    add_json(parser)
    parser.add_argument(
        "--ticket-file", type=Path, metavar="FILE", help="the ticket (default: you are asked; - is stdin)"
    )
    parser.add_argument("--print", action="store_true", help="print the [mqtt] section, do not write it")
    parser.add_argument("--again", action="store_true", help="another identity, though there is one")
    inner = parser.add_subparsers(dest="enrol_command", metavar="COMMAND")
    text = "a ticket for one gateway: it works once, within a day"
    ticket = add_command(inner, "token", make_ticket, text, "gianh enrol token gw-cau-gianh")
    ticket.add_argument("gateway", metavar="GATEWAY")
    ticket.add_argument("--hours", type=_hours, default=LIFE, help="how long it works: 24, or up to 168")
    ticket.add_argument("--again", action="store_true", help="admit a gateway that was revoked")
    ticket.add_argument("--no-qr", action="store_true", help="without the QR code")
    text = "give certificates to gateways with tickets, and renew them; until Ctrl-C"
    service = add_command(inner, "serve", serve, text, "gianh enrol serve --ca /var/lib/gianh/ca")
    service.add_argument("--host", default="0.0.0.0", help="listen here (default: all addresses)")  # noqa: S104
    service.add_argument("--port", type=port, help="default: that of enrol_url in ca.toml")
    for each in (ticket, service):
        add_ca(each)
        add_json(each)


def enrol(args: argparse.Namespace) -> int:
    """`gianh enrol`."""
    config, file = configured(args), config_path(args)
    ticket = _ticket(args)
    if ticket.gateway != config.gateway.id:
        raise ConfigError(
            f"the ticket is for {ticket.gateway!r}, and this gateway is {config.gateway.id!r} in {file}: "
            "take the right ticket, or correct [gateway] id"
        )
    identity = Identity(config.gateway.data_dir)
    write = None if args.print else file
    enrolment = Enrolment(ticket, identity, file.parent, write, lambda text: print(text, file=sys.stderr))
    enrolled = asyncio.run(enrolment.run(args.again))
    if args.json:
        print_json(_as_json(ticket, enrolled))
    elif args.print:
        print(as_toml(enrolled.settings), end="")
    else:
        _say(file, ticket, enrolled)
    return EXIT_DONE


def make_ticket(args: argparse.Namespace) -> int:
    """`gianh enrol token`."""
    authority = Authority(place_of(args))
    ticket = Office(authority).ticket(args.gateway, args.hours, args.again)
    until = authority.now() + args.hours
    if args.json:
        said = {"gateway": ticket.gateway, "token": ticket.token, "url": ticket.url, "ticket": ticket.text}
        print_json(said | {"fingerprint": fingerprint(authority.root), "until": until.isoformat()})
        return EXIT_DONE
    if not args.no_qr and shows("█▀▄"):
        print(qr_lines(ticket.text))
    print(f"ticket for {ticket.gateway}, once, until {until:%Y-%m-%d %H:%M} UTC; whoever has it can be it:")
    print(f"\n{ticket.text}\n")
    print(f"token        {ticket.token}")
    print(f"fingerprint  {fingerprint(authority.root)}")
    print("\nAt the gateway: `gianh enrol -c gateway.toml`, then paste the line.")
    return EXIT_DONE


def serve(args: argparse.Namespace) -> int:
    """`gianh enrol serve`."""
    authority = Authority(place_of(args))
    if not args.debug:
        logging.getLogger().setLevel(logging.INFO)
        quiet_libraries()
    number = authority.town.enrol_address[1] if args.port is None else args.port
    server = EnrolServer(authority, args.host, number)
    asyncio.run(_serve(server, authority, args.json))
    return EXIT_DONE


async def _serve(server: EnrolServer, authority: Authority, as_json: bool) -> None:
    loop = asyncio.get_running_loop()
    running = asyncio.ensure_future(server.run())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    bound = asyncio.ensure_future(server.bound.wait())
    await asyncio.wait((running, bound), return_when=asyncio.FIRST_COMPLETED)
    bound.cancel()
    if not running.done():
        known = fingerprint(authority.root)
        if as_json:
            print_json({"ready": True, "port": server.port, "fingerprint": known})
        else:
            print(f"gateways enrol at {authority.town.enrol_url} (port {server.port} here); {known}")
        sys.stdout.flush()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def _ticket(args: argparse.Namespace) -> Ticket:
    if args.ticket_file is not None and str(args.ticket_file) != "-":
        try:
            text = args.ticket_file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{args.ticket_file} cannot be read: name the file with the ticket") from error
        return Ticket.read(text)
    if args.ticket_file is None and sys.stdin.isatty():
        return Ticket.read(getpass.getpass("ticket (it is not shown): "))
    return Ticket.read(sys.stdin.readline(TICKET_MAX + 1))


def _say(file: Path, ticket: Ticket, enrolled: Enrolled) -> None:
    print(f"{ticket.gateway} has its certificate, until {enrolled.ends:%Y-%m-%d}; it renews it by itself")
    for change in enrolled.changed:
        print(f"  {file}: [mqtt] {change}")
    print("a running gateway takes it with SIGHUP (`systemctl reload gianh`), else start it")


def _as_json(ticket: Ticket, enrolled: Enrolled) -> dict[str, object]:
    return {
        "gateway": ticket.gateway,
        "until": enrolled.ends.isoformat(),
        "mqtt": enrolled.settings,
        "changed": list(enrolled.changed),
    }


def _hours(text: str) -> dt.timedelta:
    try:
        life = dt.timedelta(hours=float(text))
    except (ValueError, OverflowError):
        life = dt.timedelta()
    if not dt.timedelta() < life <= LIFE_MAX:
        raise argparse.ArgumentTypeError(f"{text!r}: give hours, above 0 and at most 168")
    return life
