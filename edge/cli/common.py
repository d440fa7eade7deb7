"""What several commands share: options and printing."""

import argparse
import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from edge.config.load import load
from edge.config.schema import Config
from edge.core.errors import ConfigError

EXIT_DONE, EXIT_FAILED, EXIT_WRONG = 0, 1, 2

PLACES = (Path("gateway.toml"), Path("/etc/gianh/gateway.toml"))
"""Where the configuration is looked for when nobody names it."""

_PLAIN = str.maketrans({"µ": "u", "đ": "d", "Đ": "D", "≤": "<=", "≥": ">=", "±": "+/-", "·": "-", "°": ""})
"""For terminals that know only ASCII; accents fall away by themselves."""

Commands = Any  # argparse has no public name for what add_subparsers gives
CarryOut = Callable[[argparse.Namespace], int]


SHORTEST_S, LONGEST_S = 1e-3, 1e9
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(s|m|min|h|d|)")
UNITS_S = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}


def version() -> str:
    """The installed version."""
    try:
        return metadata.version("gianh")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def called() -> str:
    """How a person calls this program from where they are: `gianh`, or its path if that is not found."""
    if shutil.which("gianh"):
        return "gianh"
    place = Path(sys.argv[0])
    return os.path.relpath(place) if place.name == "gianh" else f"{sys.executable} -m edge.cli"


def add_command(
    commands: Commands, name: str, carry_out: CarryOut, text: str, example: str
) -> argparse.ArgumentParser:
    """Add a command with its help and an example."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=f"Example: {example}",
    )
    parser.set_defaults(carry_out=carry_out)
    return parser


def add_config(parser: argparse.ArgumentParser, default: object = None) -> None:
    """Add -c; a command within a command that has it too gives argparse.SUPPRESS as default."""
    parser.add_argument(
        "-c",
        "--config",
        type=Path,
        metavar="FILE",
        default=default,
        help="gateway.toml (default: $GIANH_CONFIG, ./gateway.toml, /etc/gianh/gateway.toml)",
    )


def add_json(parser: argparse.ArgumentParser, default: object = False) -> None:
    """Add --json; `default` as in add_config."""
    parser.add_argument("--json", action="store_true", default=default, help="print JSON")


def port(text: str) -> int:
    """A TCP port, for argparse; 0 takes a free one."""
    return int(_number(text, 0, 65_535, whole=True))


def span_s(text: str) -> float:
    """Seconds of a span such as `90s`, `30m`, `2h`; raises ConfigError."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise ConfigError(f"{text!r} is not a span of time: use a number with s, m, h or d, such as 2h")
    return float(found[1]) * UNITS_S[found[2]]


def seconds(text: str) -> float:
    """A time above 0 in seconds, or a span such as `20m`, for argparse."""
    try:
        found = span_s(text)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if not SHORTEST_S <= found <= LONGEST_S:
        raise argparse.ArgumentTypeError(f"{text!r}: give from {SHORTEST_S:g} to {LONGEST_S:,.0f} s")
    return found


def row_count(text: str) -> int:
    """How many rows to show, for argparse."""
    return int(_number(text, 1, 1_000, whole=True))


def _number(text: str, low: float, high: float, whole: bool = False) -> float:
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        kind = "a whole number" if whole else "a number"
        raise argparse.ArgumentTypeError(f"{text!r}: give {kind} from {low:g} to {high:,.0f}")
    return number


def config_path(args: argparse.Namespace) -> Path:
    """The configuration file that is meant."""
    if args.config is not None:
        return Path(args.config)
    if named := os.environ.get("GIANH_CONFIG"):
        return Path(named)
    for place in PLACES:
        if place.exists():
            return place
    raise ConfigError("no gateway.toml here or in /etc/gianh: name it with -c FILE")


def configured(args: argparse.Namespace) -> Config:
    """The configuration that is meant, loaded."""
    return load(config_path(args)).config


def web_url(option: str, url: str, example: str) -> str:
    """A URL that a person gave, without a slash at its end. Raises ConfigError."""
    if not url.startswith(("http://", "https://")):
        raise ConfigError(f"{option} {url}: begin it with http:// or https://, as {example}")
    return url.rstrip("/")


def agreed(question: str) -> bool:
    """Whether the person says yes. Raises ConfigError where nobody is there to be asked."""
    if not sys.stdin.isatty():
        raise ConfigError("nobody is there to be asked: say --yes, or --dry-run to only look")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes", "c", "có")


def print_json(value: Any) -> None:
    """Print JSON for a program; escaped where the terminal's encoding lacks a character."""
    indent = 2 if sys.stdout.isatty() else None
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    print(text if shows(text) else json.dumps(value, indent=indent))


def print_text(text: str) -> None:
    """Print a line for a person; without its accents where the terminal's encoding lacks them."""
    print(sayable(text))


def sayable(text: str) -> str:
    """The text as the terminal's encoding can have it: without its accents where it lacks them."""
    return text if shows(text) else plain(text)


def shows(text: str) -> bool:
    """Whether the terminal's encoding has these characters."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def plain(text: str) -> str:
    """The text in ASCII: letters without their accents."""
    known = text.translate(_PLAIN)
    return unicodedata.normalize("NFKD", known).encode("ascii", "ignore").decode("ascii")


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns that a person can read; numbers to the right."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in [header, *rows]:
        cells = [
            cell.rjust(width) if _is_number(cell) else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        ]
        print_text("  ".join(cells).rstrip())


def _is_number(text: str) -> bool:
    return text.rstrip("%").replace(".", "", 1).replace("-", "", 1).replace(",", "").isdigit()
