"""`gianh backup`: make, list, check, restore."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from edge.cli.common import (
    EXIT_DONE,
    Commands,
    add_command,
    add_json,
    print_json,
    print_table,
    print_text,
    version,
)
from edge.config.backup import Backup
from edge.config.load import load_section
from provisioning.backup.manifest import read_manifest
from provisioning.backup.work import check, finished, make, restore

DEFAULT = Path("/etc/gianh/backup.toml")


def add(commands: Commands) -> None:
    """Add this room's commands."""
    text = "keep what the centre has twice, and bring it back"
    parser = add_command(commands, "backup", _make, text, "gianh backup make -c backup.toml")
    inner = parser.add_subparsers(dest="backup", required=True, metavar="WHAT")
    one = add_command(inner, "make", _make, "make a back-up now", "gianh backup make -c backup.toml")
    _add_file(one)
    one = add_command(inner, "list", _list, "list the back-ups", "gianh backup list -c backup.toml")
    _add_file(one)
    text = "read every byte of a back-up and compare it with what was written"
    one = add_command(inner, "check", _check, text, "gianh backup check /var/backups/gianh/20261128T020000Z")
    one.add_argument("folder", type=Path, metavar="FOLDER", help="the back-up's folder")
    add_json(one)
    text = "bring parts back; stop what uses their folders first, and let InfluxDB run"
    example = "gianh backup restore /var/backups/gianh/20261128T020000Z -c backup.toml --part console"
    one = add_command(inner, "restore", _restore, text, example)
    one.add_argument("folder", type=Path, metavar="FOLDER", help="the back-up's folder")
    one.add_argument(
        "--part", action="append", default=[], metavar="ID", help="only this part; may be repeated"
    )
    _add_file(one)


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-c", "--config", type=Path, default=DEFAULT, metavar="FILE", help=f"default {DEFAULT}"
    )
    add_json(parser)


def _make(args: argparse.Namespace) -> int:
    config = load_section(args.config, Backup)
    folder = make(config, version(), datetime.now(UTC), _say)
    manifest = read_manifest(folder)
    if args.json:
        print_json({"folder": str(folder), "bytes": manifest.bytes, "files": len(manifest.files)})
    else:
        print_text(f"{folder}: {len(manifest.files)} files, {manifest.bytes / 1e6:.1f} MB")
    return EXIT_DONE


def _list(args: argparse.Namespace) -> int:
    config = load_section(args.config, Backup)
    found = [(folder, read_manifest(folder)) for folder in finished(config.folder)]
    if args.json:
        print_json([{"folder": str(f), "made_at": m.made_at, "bytes": m.bytes} for f, m in found])
    elif not found:
        print_text(f"no back-up in {config.folder} yet: make one with `gianh backup make`")
    else:
        rows = [
            (m.made_at, f"{m.bytes / 1e6:.1f} MB", ", ".join(n for n, _ in m.parts), str(f)) for f, m in found
        ]
        print_table(("made", "size", "parts", "folder"), rows)
    return EXIT_DONE


def _check(args: argparse.Namespace) -> int:
    manifest = check(args.folder)
    if args.json:
        print_json({"ok": True, "made_at": manifest.made_at, "files": len(manifest.files)})
    else:
        print_text(f"whole: {len(manifest.files)} files of {manifest.made_at}, {manifest.bytes / 1e6:.1f} MB")
    return EXIT_DONE


def _restore(args: argparse.Namespace) -> int:
    done = restore(args.folder, load_section(args.config, Backup), args.part, _say)
    if args.json:
        print_json({"restored": done})
    else:
        print_text(
            f"restored: {', '.join(done)}; what was there before lies beside it as NAME.before-restore"
        )
    return EXIT_DONE


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr)
