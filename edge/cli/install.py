"""`gianh install` and `gianh uninstall`: user, folders, serial ports, the hardened unit, limits of logs."""

import argparse
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from edge.cli.common import EXIT_DONE, Commands, add_command, add_json, print_json, print_table, print_text
from edge.core.errors import ConfigError
from edge.core.ids import ID_RULE, is_id
from provisioning.commission.document import smallest
from provisioning.install.files import CONFIG_FILE, DATA_DIR, UNIT, files_of
from provisioning.install.work import COMMANDS, Change, carry_out, installed, removed, to_stop

HERE = Path("/")


def add(commands: Commands) -> None:
    """Add this room's commands."""
    text = "make this machine a gateway: user, folders, serial ports, service, limits of logs"
    made = add_command(commands, "install", install, text, "gianh install --gateway gw-hung-vuong")
    made.add_argument("--gateway", metavar="ID", help="make the smallest gateway.toml where there is none")
    made.add_argument(
        "--program", metavar="FILE", help="which gianh the service runs (default: this one, as it is called)"
    )
    text = "let the board restart when even systemd hangs"
    made.add_argument("--hardware-watchdog", action="store_true", help=text)
    text = "take away what install made; the configuration and the data stay"
    gone = add_command(commands, "uninstall", uninstall, text, "gianh uninstall")
    for each in (made, gone):
        each.add_argument("--dry-run", action="store_true", help="show what would be done, and do nothing")
        each.add_argument(
            "--root", type=Path, default=HERE, metavar="DIR", help="another root, such as a mounted image"
        )
        add_json(each)


def install(args: argparse.Namespace) -> int:
    """`gianh install`."""
    if args.gateway is not None and not is_id(args.gateway):
        raise ConfigError(f"{args.gateway!r} is no id, which is {ID_RULE}")
    _root(args)
    config = smallest(args.gateway, DATA_DIR) if args.gateway else ""
    changes = installed(
        files_of(_program(args.program), config, args.hardware_watchdog), args.root, args.dry_run
    )
    on_this = args.root == HERE
    commands = [*COMMANDS, ("systemctl", "restart", UNIT)] if on_this and _is_configured(args) else COMMANDS
    _done(args, changes, commands if on_this else ())
    if not args.json:
        _tell_next(args)
    return EXIT_DONE


def uninstall(args: argparse.Namespace) -> int:
    """`gianh uninstall`."""
    _root(args)
    on_this = args.root == HERE
    if on_this and not args.dry_run and removed(args.root, dry=True):
        carry_out(to_stop())
    changes = removed(args.root, args.dry_run)
    _done(args, changes, (("systemctl", "daemon-reload"),) if on_this and changes else ())
    if not args.json:
        print_text(f"{CONFIG_FILE} and {DATA_DIR} stay: remove them by hand once nobody needs them")
    return EXIT_DONE


def _done(args: argparse.Namespace, changes: Sequence[Change], commands: Sequence[Sequence[str]]) -> None:
    if not args.dry_run:
        carry_out(commands)
    if args.json:
        print_json(
            {
                "dry_run": args.dry_run,
                "files": [{"path": one.path, "became": one.became} for one in changes],
                "commands": [shlex.join(one) for one in commands],
            }
        )
        return
    print_table(["would be" if args.dry_run else "", "file"], [[one.became, one.path] for one in changes])
    for command in commands:
        print_text(f"{'would run' if args.dry_run else 'ran'}  {shlex.join(command)}")


def _tell_next(args: argparse.Namespace) -> None:
    if not args.hardware_watchdog:
        print_text("with --hardware-watchdog the board restarts by itself when even systemd hangs")
    if args.dry_run or args.root != HERE:
        return
    if not _is_configured(args):
        print_text("no gateway.toml yet: `gianh install --gateway ID` makes one, or `gianh enrol`")
    print_text("next: `gianh doctor`, then `gianh commission`")


def _is_configured(args: argparse.Namespace) -> bool:
    return bool(args.gateway) or (args.root / CONFIG_FILE.lstrip("/")).exists()


def _root(args: argparse.Namespace) -> None:
    if not args.root.is_dir():
        raise ConfigError(f"--root {args.root} is no folder: mount the image first")


def _program(given: str | None) -> str:
    found = given or shutil.which(sys.argv[0]) or shutil.which("gianh")
    if found is None or (not found.startswith("/") and not Path(found).exists()):
        raise ConfigError("where is gianh? name it with --program FILE, as it will be on the gateway")
    path = found if given else str(Path(found).absolute())
    if any(letter.isspace() or letter in "%$\"'\\" for letter in path) or not path.startswith("/"):
        raise ConfigError(f"--program {path!r} will not do in a unit: give an absolute path without spaces")
    return path
