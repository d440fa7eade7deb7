"""`gianh user`: who may log in to a gateway or to the centre, over the unix socket.

Whoever may open the socket's file is an administrator.
"""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.cli.ask import print_console
from edge.cli.common import EXIT_DONE, Commands, add_command, add_json, print_json, print_table
from edge.cli.daemon import Daemon, ask
from edge.config.console_load import is_console, load_console
from edge.config.load import load
from edge.console.access.roles import Role
from edge.core.errors import ConfigError
from edge.core.ids import ID_RULE, is_id

ROLES = tuple(role.value for role in Role)

CONFIG_HELP = (
    "gateway.toml, or console.toml for the users of the centre (default: $GIANH_CONFIG, then gateway.toml "
    "and console.toml here, then those in /etc/gianh)"
)

PLACES = tuple(
    folder / name for folder in (Path(), Path("/etc/gianh")) for name in ("gateway.toml", "console.toml")
)
"""Where the configuration is looked for when nobody names it."""


def add(commands: Commands) -> None:
    """Add this room's commands."""
    parser = commands.add_parser(
        "user", help="who may log in to the console", epilog="Example: gianh user add hoa --role operator"
    )
    inner = parser.add_subparsers(dest="user_command", required=True, metavar="COMMAND")
    made = add_command(
        inner,
        "add",
        add_user,
        "a new user, and the code to set a password",
        "gianh user add hoa --role viewer",
    )
    made.add_argument("user", metavar="ID")
    made.add_argument("--role", choices=ROLES, required=True, help="what they may do")
    made.add_argument("--name", default="", help="what people call them (default: the id)")
    found = add_command(inner, "list", list_users, "all users with their roles", "gianh user list")
    role = add_command(inner, "role", give_role, "give a user another role", "gianh user role hoa technician")
    role.add_argument("user", metavar="ID")
    role.add_argument("role", choices=ROLES)
    text = "take a user's password away, end their sessions, and make a code for a new one"
    reset = add_command(inner, "reset", reset_user, text, "gianh user reset hoa")
    reset.add_argument("user", metavar="ID")
    gone = add_command(inner, "remove", remove_user, "take a user away", "gianh user remove hoa")
    gone.add_argument("user", metavar="ID")
    text = "a new code for the first administrator, while there is no user yet"
    code = add_command(inner, "code", first_code, text, "gianh user code")
    for each in (made, found, role, reset, gone, code):
        each.add_argument("-c", "--config", type=Path, metavar="FILE", help=CONFIG_HELP)
        add_json(each)


def add_user(args: argparse.Namespace) -> int:
    """`gianh user add`."""
    body = {"id": args.user, "role": args.role, "name": args.name}
    return _show_code(args, _ask(args, "POST", "/api/v1/users", body))


def list_users(args: argparse.Namespace) -> int:
    """`gianh user list`."""
    users = _ask(args, "GET", "/api/v1/users")
    if args.json:
        print_json(users)
    elif not users:
        print("no users yet: `gianh user code` makes a code for the first administrator")
    else:
        rows = [[user["id"], user["name"], user["role"], user["state"]] for user in users]
        print_table(["user", "name", "role", "state"], rows)
    return EXIT_DONE


def give_role(args: argparse.Namespace) -> int:
    """`gianh user role`."""
    user = _ask(args, "PATCH", _place(args), {"role": args.role})
    if args.json:
        print_json(user)
    else:
        print(f"{user['id']} is {user['role']} from now on")
    return EXIT_DONE


def reset_user(args: argparse.Namespace) -> int:
    """`gianh user reset`."""
    return _show_code(args, _ask(args, "POST", f"{_place(args)}/reset"))


def remove_user(args: argparse.Namespace) -> int:
    """`gianh user remove`."""
    _ask(args, "DELETE", _place(args))
    if args.json:
        print_json({"removed": args.user})
    else:
        print(f"{args.user} was removed, and is logged out")
    return EXIT_DONE


def first_code(args: argparse.Namespace) -> int:
    """`gianh user code`."""
    return _show_code(args, _ask(args, "POST", "/api/v1/first-code"))


def _show_code(args: argparse.Namespace, made: dict[str, Any]) -> int:
    console = _ask(args, "GET", "/api/v1/console")
    if args.json:
        print_json({**made, "console": console})
        return EXIT_DONE
    whom = made["user"] or "the first administrator"
    print(f"code for {whom}: {made['code']}")
    print(f"It works once, within an hour, at {console['address'] or 'the console'}/login/code")
    print_console({**console, "first_start": False})
    return EXIT_DONE


def _ask(args: argparse.Namespace, method: str, path: str, body: Mapping[str, str] | None = None) -> Any:
    return ask(_daemon(args), method, path, body)


def _daemon(args: argparse.Namespace) -> Daemon:
    """Whose users are meant: a gateway's or the centre's."""
    named = args.config or os.environ.get("GIANH_CONFIG")
    file = Path(named) if named else next((place for place in PLACES if place.exists()), None)
    if file is None:
        raise ConfigError("no gateway.toml or console.toml here or in /etc/gianh: name it with -c FILE")
    if is_console(file):
        centre = load_console(file).console
        return Daemon(centre.id, centre.data_dir, f"gianh console -c {file}")
    own = load(file).config.gateway
    return Daemon(own.id, own.data_dir, f"gianh run -c {file}")


def _place(args: argparse.Namespace) -> str:
    if not is_id(args.user):
        raise ConfigError(f"{args.user!r} is no user id, which is {ID_RULE}; `gianh user list` lists them")
    return f"/api/v1/users/{args.user}"
