"""The process that makes a report: an Order comes in by standard input, the file goes out by standard output.

Only the console starts it, with an order of its own making. It gives way to everything else on the machine.
"""

import io
import os
import pickle
import sys

from cloud_sync.reports.report_rows import write_csv
from cloud_sync.reports.report_words import Language
from edge.air.report import report_of
from edge.console.panels.children import NICE
from edge.console.panels.reports import LACKS_LIBRARY, Order, Paper


def main() -> int:
    """Make one report."""
    os.nice(NICE)
    order: Order = pickle.load(sys.stdin.buffer)
    body = made(order)
    if body is None:
        return LACKS_LIBRARY
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()
    return 0


def made(order: Order) -> bytes | None:
    """The file's bytes; None where the library for PDF is not there."""
    report = report_of(order.place, order.gateway, order.frame, order.kept, order.made_ns, order.version)
    if order.paper is Paper.CSV:
        table = io.StringIO(newline="")
        write_csv(report, table)
        # With a mark at its begin, without which spreadsheets take UTF-8 for something else.
        return table.getvalue().encode("utf-8-sig")
    try:
        # Only here: a CSV goes without the library.
        from cloud_sync.reports.pdf_air import pdf_of
    except ImportError:
        return None
    return pdf_of(report, Language(order.language))


if __name__ == "__main__":
    sys.exit(main())
