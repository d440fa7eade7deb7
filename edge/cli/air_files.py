"""`gianh air files`: the data files of Circular 10/2021, by what is on disk, with or without the daemon."""

import argparse
from datetime import UTC, datetime

from cloud_sync.reports.data_file import HA_NOI, MOMENT, moment_of
from cloud_sync.reports.state import Overview, overview
from edge.cli.common import (
    EXIT_DONE,
    EXIT_FAILED,
    Commands,
    add_command,
    add_config,
    add_json,
    configured,
    print_json,
    print_table,
    print_text,
)
from edge.core.times import SECOND_NS, rfc3339_ms


def add(commands: Commands) -> None:
    """Add `files` to the commands of `gianh air`."""
    text = "the data files of Circular 10/2021: the last that was made and sent, how many wait, and why"
    parser = add_command(commands, "files", files, text, "gianh air files")
    add_config(parser)
    add_json(parser)


def files(args: argparse.Namespace) -> int:
    """`gianh air files`; 1 where a receiver takes none."""
    config = configured(args)
    found = [overview(config.gateway.data_dir, one.id) for one in config.data_file]
    if args.json:
        print_json([_as_json(one) for one in found])
    elif not found:
        print_text("no data file is configured: add [[data_file]] to gateway.toml")
    else:
        heads = ["data file", "last made", "last sent", "waiting", "the oldest", "kept", "dropped"]
        print_table(heads, [_row(one) for one in found])
        for one in found:
            if one.state.trouble:
                print_text(f"{one.id}: {_since(one)}{one.state.trouble}")
    return EXIT_FAILED if any(one.state.trouble for one in found) else EXIT_DONE


def _row(one: Overview) -> list[str]:
    return [
        one.id,
        _local(one.last_made),
        _local(one.last_sent),
        str(one.waiting),
        _local(one.oldest_waiting),
        str(one.kept),
        str(one.state.dropped),
    ]


def _since(one: Overview) -> str:
    if one.state.since_ns is None:
        return ""
    at = datetime.fromtimestamp(one.state.since_ns // SECOND_NS, UTC).astimezone(HA_NOI)
    return f"{'refused' if one.state.refused else 'not reached'} since {at:%Y-%m-%d %H:%M}: "


def _local(name: str | None) -> str:
    if name is None:
        return "-"
    return f"{datetime.strptime(moment_of(name), MOMENT).replace(tzinfo=HA_NOI):%Y-%m-%d %H:%M}"


def _as_json(one: Overview) -> dict[str, object]:
    state = one.state
    return {
        "id": one.id,
        "last_made": one.last_made,
        "last_sent": one.last_sent,
        "waiting": one.waiting,
        "oldest_waiting": one.oldest_waiting,
        "kept": one.kept,
        "dropped": state.dropped,
        "trouble": state.trouble,
        "refused": state.refused,
        "trouble_since": None if state.since_ns is None else rfc3339_ms(state.since_ns),
    }
