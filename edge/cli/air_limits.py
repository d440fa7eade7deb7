"""`gianh air limits`: which limits hold on a day."""

import argparse
from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from edge.air.limits import Limit, Standard, Term, first_day, limits_on
from edge.cli.common import EXIT_DONE, Commands, add_command, add_json, print_json, print_table, print_text
from edge.core.clock import SystemClock
from edge.core.days import day_written
from edge.core.ports import Clock
from edge.core.times import SECOND_NS
from edge.core.vocabulary import quantity

HA_NOI = ZoneInfo("Asia/Ho_Chi_Minh")
HEADS = {
    Standard.QCVN: "QCVN 05:2023/BTNMT: law, µg/Nm³ at 25 °C and 760 mmHg",
    Standard.WHO: "WHO 2021: advice, µg/m³; those of 24 h and 8 h may be passed on 3 or 4 days a year",
}


def add(commands: Commands) -> None:
    """Add `limits` to the commands of `gianh air`."""
    text = "show the limits in force on a day: QCVN 05:2023, and beside it the WHO's advice of 2021"
    parser = add_command(commands, "limits", limits, text, "gianh air limits --on 2026-01-01")
    parser.add_argument("--on", metavar="YYYY-MM-DD", help="which day (default: today in Ha Noi)")
    add_json(parser)


def limits(args: argparse.Namespace, clock: Clock | None = None) -> int:
    """`gianh air limits`."""
    day = day_written(args.on, "--on") if args.on else _today(clock or SystemClock())
    found = {standard: limits_on(day, standard) for standard in Standard}
    if args.json:
        print_json(
            {"on": day.isoformat(), "limits": [_as_json(one) for rows in found.values() for one in rows]}
        )
        return EXIT_DONE
    print_text(f"Limits on {day:%d/%m/%Y}")
    for standard, rows in found.items():
        print()
        if not rows:
            print_text(f"{HEADS[standard]}: known here from {first_day(standard):%d/%m/%Y}")
            continue
        print_text(HEADS[standard])
        _print(rows)
    print()
    print_text("There is no limit for particles over one hour.")
    return EXIT_DONE


def _print(rows: Sequence[Limit]) -> None:
    terms = [term for term in Term if any(one.term is term for one in rows)]
    at = {(one.point, one.term): f"{one.value:g}" for one in rows}
    points = dict.fromkeys(one.point for one in rows)
    cells = [[_label(point), *(at.get((point, term), "") for term in terms)] for point in points]
    print_table(["", *(term.value for term in terms)], cells)


def _label(point: str) -> str:
    known = quantity(point)
    return f"{known.vi} · {known.en}" if known is not None else point


def _as_json(limit: Limit) -> dict[str, object]:
    return {
        "standard": limit.standard,
        "point": limit.point,
        "term": limit.term,
        "value": limit.value,
        "unit": "ug/m3",
        "from": limit.from_day.isoformat(),
        "source": limit.source,
    }


def _today(clock: Clock) -> date:
    return datetime.fromtimestamp(clock.utc_ns() // SECOND_NS, UTC).astimezone(HA_NOI).date()
