"""Labels for poles and cabinets: A4 sheets of 24, each with a QR code and words that are read from the road.

3 by 8 labels of 70 by 37 mm, as self-adhesive sheets of this division are sold; 0.5 mm stay free above and
below, as half of what 8 times 37 mm leave of 297 mm.
"""

from collections.abc import Sequence

import segno

from cloud_sync.reports.pdf_sheet import BLACK, GREY, Sheet
from cloud_sync.reports.report_words import Language
from edge.core.air_report import Said
from provisioning.commission.facts import Label

COLUMNS, ROWS = 3, 8
WIDE_MM, HIGH_MM, TOP_MM = 70.0, 37.0, 0.5
PAD_MM = 4.5
"""Free on each side of a label: printers do not reach the edge of the paper."""

CODE_MM = 26.0
QUIET = 4
"""Modules that stay white around a code (ISO/IEC 18004)."""


class _Bare(Sheet):
    """A sheet without head and foot: to its last millimetre labels."""

    def header(self) -> None:
        """Nothing."""

    def footer(self) -> None:
        """Nothing."""


def labels_pdf(labels: Sequence[Label]) -> bytes:
    """The labels as the bytes of a PDF, in the order in which they are peeled off: rows, then sheets."""
    sheet = _Bare(Language.EN, "Gianh labels", "", Said("", ""), 0)
    sheet.set_auto_page_break(False)
    for number, label in enumerate(labels):
        place = number % (COLUMNS * ROWS)
        if number and place == 0:
            sheet.add_page()
        row, column = divmod(place, COLUMNS)
        _draw(sheet, label, column * WIDE_MM, TOP_MM + row * HIGH_MM)
    return bytes(sheet.output())


def _draw(sheet: Sheet, label: Label, x: float, y: float) -> None:
    _code(sheet, label.code, x + PAD_MM, y + (HIGH_MM - CODE_MM) / 2)
    left = x + PAD_MM + CODE_MM + 1.5
    width = WIDE_MM - PAD_MM - (left - x)
    _text(sheet, label.name, (left, y + 13.5), width, 22, bold=True)
    for line, text in enumerate(_lines(sheet, label.where, width, 7.5)):
        _text(sheet, text, (left, y + 19.5 + 3.4 * line), width, 7.5)
    _text(sheet, label.what, (left, y + 27.5), width, 7, grey=True)
    _text(sheet, label.code, (left, y + 31), width, 5.5, grey=True)


def _text(
    sheet: Sheet,
    text: str,
    at: tuple[float, float],
    width: float,
    size: float,
    bold: bool = False,
    grey: bool = False,
) -> None:
    """Text that gets smaller until it fits, down to 5 pt, and is cut then."""
    while True:
        sheet.ink(size, GREY if grey else BLACK, bold)
        if sheet.get_string_width(text) <= width:
            break
        if size > 5:
            size -= 0.5
        else:
            text = text[:-2].rstrip() + "…"
    sheet.label(*at, text)


def _lines(sheet: Sheet, text: str, width: float, size: float) -> list[str]:
    """The words on two lines at most."""
    sheet.ink(size)
    words = text.split()
    first: list[str] = []
    while words and sheet.get_string_width(" ".join([*first, words[0]])) <= width:
        first.append(words.pop(0))
    return [" ".join(first), " ".join(words)] if first and words else [text]


def _code(sheet: Sheet, text: str, x: float, y: float) -> None:
    """A QR code with a quarter of it to spare for rain and dirt (level Q)."""
    modules = [
        list(row)
        for row in segno.make(text, error="q", micro=False, boost_error=False).matrix_iter(border=QUIET)
    ]
    size = CODE_MM / len(modules)
    sheet.set_fill_color(0, 0, 0)
    for row, line in enumerate(modules):
        for start, length in _runs(line):
            sheet.rect(x + start * size, y + row * size, length * size, size, style="F")


def _runs(line: Sequence[int]) -> list[tuple[int, int]]:
    """Where dark begins and how long it goes on: one stroke each, without seams between modules."""
    runs: list[tuple[int, int]] = []
    for place, dark in enumerate(line):
        if not dark:
            continue
        if runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((place, 1))
    return runs
