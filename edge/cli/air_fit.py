"""`gianh air fit`: a low-cost sensor against the reference that it stood beside."""

import argparse
import math
from pathlib import Path

from edge.air.fit import Agreement, Fit, fitted
from edge.air.fit_file import rows_of
from edge.cli.common import EXIT_DONE, Commands, add_command, add_json, print_json, print_table, print_text
from edge.core.errors import ConfigError

BYTES_MAX = 50_000_000
NAMES = {"slope": "slope", "intercept": "intercept", "r2": "R²", "rmse": "RMSE µg/m³", "nrmse": "NRMSE %"}


def add(commands: Commands) -> None:
    """Add `fit` to the commands of `gianh air`."""
    text = (
        "fit PM2.5 of a sensor to a reference as a + b * sensor + c * rh, and judge it by the EPA's targets"
    )
    parser = add_command(commands, "fit", fit, text, "gianh air fit beside-reference.csv")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE.csv",
        help="columns reference and sensor in ug/m3 and, if measured, rh in %%: a line for each hour or day",
    )
    add_json(parser)


def fit(args: argparse.Namespace) -> int:
    """`gianh air fit`."""
    found = rows_of(_text(args.file), args.file.name)
    try:
        result = fitted(found.rows)
    except ConfigError as error:
        raise ConfigError(f"{args.file.name}: {error}") from error
    if args.json:
        print_json(as_json(result, found.empty))
    else:
        _print(args.file.name, result, found.empty)
    return EXIT_DONE


def as_json(fit: Fit, empty: int) -> dict[str, object]:
    """The fit as programs read it; `raw` is the sensor as it is, `corrected` with the fit."""
    return {
        "a": fit.a,
        "b": fit.b,
        "c": fit.c,
        "rows": fit.rows,
        "rows_left_out": empty,
        "raw": _judged(fit.raw),
        "corrected": _judged(fit.corrected),
    }


def _judged(agreement: Agreement) -> dict[str, object]:
    numbers: dict[str, object] = {
        name: round(value, 6) if math.isfinite(value) else None for name, value, *_ in agreement.checks
    }
    return numbers | {"meets_targets": agreement.meets}


def _print(name: str, fit: Fit, empty: int) -> None:
    left_out = f", {empty} with empty cells left out" if empty else ""
    print_text(f"{name}: {fit.rows} rows{left_out}")
    print()
    rows = [
        (NAMES[key], _cell(raw, raw_met), _cell(value, met), target)
        for (key, raw, target, raw_met), (_, value, _, met) in zip(
            fit.raw.checks, fit.corrected.checks, strict=True
        )
    ]
    print_table(("", "   sensor", "corrected", "EPA target"), rows)
    print()
    print("[station.correction]")
    print('kind = "local"')
    print(f"a = {fit.a!r}\nb = {fit.b!r}\nc = {fit.c!r}")
    print()
    print_text("! misses its target. The EPA judges means of 24 h over at least 30 days.")
    print_text(
        "The corrected column is judged on the rows that it was fitted to: look at other days as well."
    )


def _cell(value: float, met: bool) -> str:
    return f"{value:9.3f}" + ("" if met else " !")


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(BYTES_MAX + 1)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror}): check the name") from error
    if len(content) > BYTES_MAX:
        raise ConfigError(f"{file} is larger than {BYTES_MAX // 1_000_000} MB: give hourly or daily means")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8 text: save it as CSV UTF-8") from error
