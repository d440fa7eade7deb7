"""`gianh export`: what a gateway keeps of the past, as CSV or Parquet."""

import argparse
import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from cloud_sync.reports.table import CsvTable, Table, TableRow
from edge.cli.air_report import INSTALL
from edge.cli.common import (
    EXIT_DONE,
    EXIT_FAILED,
    Commands,
    add_command,
    add_config,
    add_json,
    config_path,
    print_json,
)
from edge.cli.export_rows import Asked, asked_of, batches
from edge.cli.light_history import since
from edge.cli.past import past_of
from edge.config.load import load
from edge.core.air import Span
from edge.core.clock import SystemClock
from edge.core.errors import ConfigError, TransientError
from edge.core.times import rfc3339_ms
from edge.wiring import problems_of_wiring

RAW = "raw"
DAY_NS = 86_400_000_000_000


def add(commands: Commands) -> None:
    """Add this room's command."""
    text = "write kept samples or means as CSV or Parquet"
    example = "gianh export ba-don --span 1h --from 2026-10-01 --to 2026-11-01 -o october.csv"
    parser = add_command(commands, "export", export, text, example)
    parser.add_argument("names", metavar="NAME", nargs="*", help="devices or stations; default all")
    parser.add_argument("--points", metavar="P,P", help="only these points, with commas; default all")
    parser.add_argument(
        "--from", dest="begin", metavar="WHEN", help="2026-10-01, a local time, or a span back from now (30d)"
    )
    parser.add_argument("--to", dest="end", metavar="WHEN", help="likewise; default now")
    parser.add_argument(
        "--span",
        choices=(RAW, *(span.value for span in Span)),
        default=RAW,
        help="raw: samples as they were read (default); else the means of stations",
    )
    parser.add_argument("--local", action="store_true", help="local times instead of UTC")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="FILE.csv or FILE.parquet; default CSV to the screen",
    )
    add_config(parser)
    add_json(parser)


def export(args: argparse.Namespace) -> int:
    """`gianh export`: gives 1 where there is nothing."""
    config = load(config_path(args), problems_of_wiring).config
    zone, now_ns = ZoneInfo(config.gateway.timezone), SystemClock().utc_ns()
    begin_ns = since(args.begin, zone, now_ns, "--from") if args.begin else now_ns - DAY_NS
    end_ns = since(args.end, zone, now_ns, "--to") if args.end else now_ns
    if begin_ns >= end_ns:
        raise ConfigError("--from is not before --to: exchange them")
    if args.json and args.output is None:
        raise ConfigError("--json tells what was written into a file: name it with -o")
    span = None if args.span == RAW else Span(args.span)
    points = tuple(args.points.split(",")) if args.points else ()
    with past_of(config) as past:
        asked = asked_of(past, config, args.names, points, span, begin_ns, end_ns)
        shown = zone if args.local else None
        count = written(batches(past, asked), asked, args.output, shown)
    what = ", ".join(asked.sources) or "any device or station"
    if args.json:
        print_json({"file": str(args.output), "rows": count, "sources": list(asked.sources)})
    elif count:
        place = args.output or "the screen"
        print(f"gianh: {count} rows of {what} to {place}", file=sys.stderr)
    if not count:
        times = f"from {rfc3339_ms(begin_ns)} to {rfc3339_ms(end_ns)}"
        of = "samples" if span is None else f"means of {span}"
        print(f"gianh: no {of} of {what} are kept {times}: nothing was written", file=sys.stderr)
    return EXIT_DONE if count else EXIT_FAILED


def written(
    found: Iterator[Sequence[TableRow]], asked: Asked, path: Path | None, zone: ZoneInfo | None
) -> int:
    """Write all rows and give their number; a file is there only when it is whole, and has rows."""
    if path is None:
        return _to_screen(found, asked, zone)
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise ConfigError(f"{path}: name it FILE.csv or FILE.parquet")
    part, count = path.with_name(f"{path.name}.part"), 0
    try:
        with contextlib.ExitStack() as files:
            table = _open(files, path, part, asked, zone)
            for rows in found:
                table.write(rows)
                count += len(rows)
            table.close()
        if count:
            part.replace(path)
    except OSError as error:
        raise TransientError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return count


def _open(files: contextlib.ExitStack, path: Path, part: Path, asked: Asked, zone: ZoneInfo | None) -> Table:
    if path.suffix.lower() == ".csv":
        return CsvTable(files.enter_context(part.open("w", encoding="utf-8", newline="")), asked.points, zone)
    try:
        # Only here: the library is large, and not needed to run a gateway.
        from cloud_sync.reports.table_parquet import ParquetTable
    except ImportError as error:
        raise ConfigError(f"Parquet needs pyarrow, which is not here: {INSTALL}") from error
    return ParquetTable(part, asked.points, zone)


def _to_screen(found: Iterator[Sequence[TableRow]], asked: Asked, zone: ZoneInfo | None) -> int:
    table, count = None, 0
    for rows in found:
        if not rows:
            continue
        table = table or CsvTable(sys.stdout, asked.points, zone)
        table.write(rows)
        count += len(rows)
    return count
