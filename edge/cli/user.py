"""`gianh user`: who may log in, over the unix socket: whoever may open its file is an administrator."""

import argparse
from typing import Any

from edge.cli.ask import print_console
from edge.cli.common import (
    EXIT_DONE,
    Commands,
    add_command,
    add_config,
    add_json,
    ask_daemon,
    print_json,
    print_table,
)
from edge.console.access.roles import Role
from edge.core.errors import ConfigError
from edge.core.ids import ID_RULE, is_id

ROLES = tuple(role.value for role in Role)


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
        add_config(each)
        add_json(each)


def add_user(args: argparse.Namespace) -> int:
    """`gianh user add`."""
    body = {"id": args.user, "role": args.role, "name": args.name}
    return _show_code(args, ask_daemon(args, "POST", "/api/v1/users", body))


def list_users(args: argparse.Namespace) -> int:
    """`gianh user list`."""
    users = ask_daemon(args, "GET", "/api/v1/users")
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
    user = ask_daemon(args, "PATCH", _place(args), {"role": args.role})
    if args.json:
        print_json(user)
    else:
        print(f"{user['id']} is {user['role']} from now on")
    return EXIT_DONE


def reset_user(args: argparse.Namespace) -> int:
    """`gianh user reset`."""
    return _show_code(args, ask_daemon(args, "POST", f"{_place(args)}/reset"))


def remove_user(args: argparse.Namespace) -> int:
    """`gianh user remove`."""
    ask_daemon(args, "DELETE", _place(args))
    if args.json:
        print_json({"removed": args.user})
    else:
        print(f"{args.user} was removed, and is logged out")
    return EXIT_DONE


def first_code(args: argparse.Namespace) -> int:
    """`gianh user code`."""
    return _show_code(args, ask_daemon(args, "POST", "/api/v1/first-code"))


def _show_code(args: argparse.Namespace, made: dict[str, Any]) -> int:
    console = ask_daemon(args, "GET", "/api/v1/console")
    if args.json:
        print_json({**made, "console": console})
        return EXIT_DONE
    whom = made["user"] or "the first administrator"
    print(f"code for {whom}: {made['code']}")
    print(f"It works once, within an hour, at {console['address'] or 'the console'}/login/code")
    print_console({**console, "first_start": False})
    return EXIT_DONE


def _place(args: argparse.Namespace) -> str:
    if not is_id(args.user):
        raise ConfigError(f"{args.user!r} is no user id, which is {ID_RULE}; `gianh user list` lists them")
    return f"/api/v1/users/{args.user}"
