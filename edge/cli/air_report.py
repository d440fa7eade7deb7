"""`gianh air report`: the officer's report on a station, as PDF and CSV."""

import argparse
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from cloud_sync.reports.report_rows import write_csv
from cloud_sync.reports.report_words import Language
from drivers.profile import load_profile
from edge.air.report import report_of
from edge.air.report_frame import Frame, Kept, frame_of, needs
from edge.air.stations import Place, places_of
from edge.cli.common import (
    EXIT_DONE,
    Commands,
    add_command,
    add_config,
    add_json,
    config_path,
    print_json,
    print_text,
    version,
)
from edge.cli.past import Past, all_means, past_of
from edge.config.load import load
from edge.config.schema import Config
from edge.core.air_report import AirReport, Period
from edge.core.clock import SystemClock
from edge.core.days import day_written, month_written
from edge.core.errors import ConfigError, TransientError
from edge.wiring import problems_of_wiring
from edge.wiring.air import air_devices

INSTALL = "install it with: pip install 'gianh[reports]'"


def add(commands: Commands) -> None:
    """Add `report` to the commands of `gianh air`."""
    text = "make the officer's report on a station, a day or a month, as PDF and CSV"
    example = "gianh air report month ba-don --date 2026-10 --csv"
    parser = add_command(commands, "report", report, text, example)
    parser.add_argument("period", choices=[period.value for period in Period])
    parser.add_argument("station", metavar="STATION", help="a station; `gianh air status` lists them")
    parser.add_argument(
        "--date", metavar="D", help="the day (2026-10-31), or month (2026-10); default the last that is over"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="FILE.pdf, or FILE.csv for the table alone"
    )
    parser.add_argument("--csv", action="store_true", help="write a table with the same numbers beside it")
    parser.add_argument(
        "--language",
        type=Language,
        choices=list(Language),
        default=Language.VI,
        help="vi: Vietnamese with English beneath (default); en: English alone",
    )
    add_config(parser)
    add_json(parser)


def report(args: argparse.Namespace) -> int:
    """`gianh air report`."""
    config = load(config_path(args), problems_of_wiring).config
    period, now_ns = Period(args.period), SystemClock().utc_ns()
    place = place_of(config, args.station)
    frame = frame_of(period, day_of(args.date, period, place.zone, now_ns), place.zone, now_ns)
    pdf, table = files_of(args.output, args.csv, place, frame)
    with past_of(config) as past:
        found = report_of(place, config.gateway.id, frame, kept_of(past, place, frame), now_ns, version())
    if pdf is not None:
        _write_pdf(found, pdf, args.language)
    if table is not None:
        _write_csv(found, table)
    if args.json:
        places = {"pdf": pdf and str(pdf), "csv": table and str(table)}
        print_json({**places, "empty": found.is_empty, "whole": found.is_whole})
        return EXIT_DONE
    for path in (pdf, table):
        if path is not None:
            print_text(f"{path}: {place.title}, {_named(frame)}")
    if found.is_empty:
        print_text(f"there is no valid data of {place.id} in it, and the report says so")
    return EXIT_DONE


def place_of(config: Config, station: str) -> Place:
    """The station of this name. Raises ConfigError."""
    places = places_of(config, air_devices(config, cache(load_profile)))
    for place in places:
        if place.id == station:
            return place
    known = ", ".join(place.id for place in places) or "none: add a [[station]] or an air device"
    raise ConfigError(f"there is no station {station!r}; there are {known}")


def day_of(text: str | None, period: Period, zone: ZoneInfo, now_ns: int) -> date:
    """The day, or one of the month, that is meant; the last that is over by default. Raises ConfigError."""
    if text is None:
        today = datetime.fromtimestamp(now_ns / 1e9, UTC).astimezone(zone).date()
        return (today if period is Period.DAY else today.replace(day=1)) - timedelta(days=1)
    return (day_written if period is Period.DAY else month_written)(text, "--date")


def files_of(
    output: Path | None, with_csv: bool, place: Place, frame: Frame
) -> tuple[Path | None, Path | None]:
    """Where PDF and CSV go, None where one is not wanted. Raises ConfigError."""
    output = output or Path(f"gianh-{place.id}-{_named(frame)}.pdf")
    if output.suffix.lower() == ".csv":
        return None, output
    if output.suffix.lower() != ".pdf":
        raise ConfigError(f"{output}: name it FILE.pdf, or FILE.csv for the table alone")
    return output, output.with_suffix(".csv") if with_csv else None


def kept_of(past: Past, place: Place, frame: Frame) -> Kept:
    """What is kept of a station for a report."""
    return Kept(
        **{
            name: all_means(past, need.place, need.span, need.after_ns, need.through_ns)
            for name, need in needs(place.id, frame).items()
        }
    )


def _named(frame: Frame) -> str:
    first = frame.days[0]
    return f"{first:%Y-%m-%d}" if frame.period is Period.DAY else f"{first:%Y-%m}"


def _write_pdf(report: AirReport, path: Path, language: Language) -> None:
    try:
        # Only here: the library takes memory that the daemon, which is the same program, has better use for.
        from cloud_sync.reports.pdf_air import write_pdf
    except ImportError as error:
        raise ConfigError(f"a PDF needs fpdf2, which is not here: {INSTALL}") from error
    try:
        write_pdf(report, path, language)
    except OSError as error:
        raise TransientError(f"cannot write {path}: {error.strerror}") from error


def _write_csv(report: AirReport, path: Path) -> None:
    try:
        # With a mark at its begin, without which spreadsheets take UTF-8 for something else.
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            write_csv(report, file)
    except OSError as error:
        raise TransientError(f"cannot write {path}: {error.strerror}") from error
