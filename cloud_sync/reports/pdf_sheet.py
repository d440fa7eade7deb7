"""A4 sheets with headings, tables and a foot: all that knows the library fpdf2."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from cloud_sync.reports.pdf_fonts import fonts
from cloud_sync.reports.report_words import Language, one_of
from edge.core.air_report import Said

MARGIN_MM = 15.0
WIDTH_MM = 210.0 - 2 * MARGIN_MM
ROW_MM = 4.8
FONT = "firago"

Colour = tuple[int, int, int]
BLACK: Colour = (20, 20, 20)
GREY: Colour = (110, 110, 110)
PALE: Colour = (236, 240, 244)
LINE: Colour = (190, 198, 206)
RED: Colour = (196, 30, 30)
WHITE: Colour = (255, 255, 255)

Align = Literal["L", "C", "R"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `width` in mm."""

    head: Said
    width: float
    align: Align = "R"


class Sheet(FPDF):
    """The document. `language` decides whether English stands beneath."""

    def __init__(self, language: Language, title: str, head: str, foot: Said, made_ns: int) -> None:
        super().__init__(format="A4")
        self.language = language
        self._head, self._foot, self._sections = head, foot, 0
        with TemporaryDirectory() as folder:
            for style, content in fonts().items():
                file = Path(folder) / f"{FONT}{style}.ttf"
                file.write_bytes(content)
                self.add_font(FONT, style, file)
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, 18)
        self.set_title(title)
        self.set_creator("Gianh")
        self.set_lang(language.value)
        self.set_creation_date(datetime.fromtimestamp(made_ns // 1_000_000_000, UTC))
        self.add_page()

    def header(self) -> None:
        """Every page but the first says whose it is."""
        if self.page_no() > 1:
            self.ink(7, GREY)
            self.set_xy(MARGIN_MM, 8)
            self.cell(WIDTH_MM, 4, self._head, align="L")
            self._rule(12.5)
            self.set_xy(MARGIN_MM, MARGIN_MM + 1)

    def footer(self) -> None:
        """Who made it, and the page."""
        self._rule(297 - 13)
        self.ink(7, GREY)
        self.set_xy(MARGIN_MM, 297 - 12)
        self.cell(WIDTH_MM - 30, 4, one_of(self._foot, self.language), align="L")
        page = "Trang" if self.language is Language.VI else "Page"
        self.cell(30, 4, f"{page} {self.page_no()}/{{nb}}", align="R")

    def ink(self, size: float, colour: Colour = BLACK, bold: bool = False) -> None:
        """Font and colour of the text that follows."""
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(*colour)

    def room(self, height: float) -> None:
        """Begin a new page if this does not fit on this one."""
        if self.will_page_break(height):
            self.add_page()

    def heading(self, text: Said, height: float = 25.0) -> None:
        """A numbered heading that stays with the `height` below it."""
        self.room(height + 9)
        self.ln(2.5)
        self._sections += 1
        shown = f"{self._sections}. {one_of(text, self.language)}"
        self.ink(10.5, bold=True)
        self.cell(self.get_string_width(shown) + 3, 6, shown)
        if self.language is Language.VI:
            self.ink(8, GREY)
            self.cell(0, 6.4, text.en)
        self.ln(6.8)

    def say(self, text: Said, size: float = 8.0, colour: Colour = BLACK, bold: bool = False) -> None:
        """A paragraph, with English beneath."""
        self.ink(size, colour, bold)
        self.paragraph(one_of(text, self.language), size)
        if self.language is Language.VI:
            self.ink(size - 1, GREY)
            self.paragraph(text.en, size - 1)

    def paragraph(self, text: str, size: float) -> None:
        """Text between the margins, with the ink that is set."""
        self.multi_cell(0, size * 0.46, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def rows(
        self, columns: Sequence[Column], cells: Sequence[Sequence[str]], marked: Collection[int] = ()
    ) -> None:
        """A table; marked rows stand out. The head comes again on a new page."""
        self._table_head(columns)
        for number, row in enumerate(cells):
            if self.will_page_break(ROW_MM):
                self.add_page()
                self._table_head(columns)
            self._row(columns, row, number in marked)
        self.ln(1.5)

    def _table_head(self, columns: Sequence[Column]) -> None:
        height = 7.6 if self.language is Language.VI else ROW_MM
        self.room(height + ROW_MM)
        top = self.get_y()
        self.set_fill_color(*PALE)
        self.rect(MARGIN_MM, top, sum(column.width for column in columns), height, style="F")
        x = MARGIN_MM
        for column in columns:
            self.ink(7, bold=True)
            self.set_xy(x, top + 0.3)
            self._fitted(column.width, 4, one_of(column.head, self.language), column.align)
            if self.language is Language.VI:
                self.ink(6, GREY)
                self.set_xy(x, top + 3.8)
                self._fitted(column.width, 3.2, column.head.en, column.align)
            x += column.width
        self.set_xy(MARGIN_MM, top + height)

    def _row(self, columns: Sequence[Column], row: Sequence[str], is_marked: bool) -> None:
        for column, text in zip(columns, row, strict=True):
            self.ink(7.5, RED if is_marked else BLACK, bold=is_marked)
            self._fitted(column.width, ROW_MM, text, column.align)
        self.ln(ROW_MM)
        self._rule(self.get_y(), sum(column.width for column in columns))

    def _fitted(self, width: float, height: float, text: str, align: Align) -> None:
        """A cell whose text gets smaller until it fits, down to two thirds; then it is cut."""
        size = least = self.font_size_pt
        least *= 0.66
        while self.get_string_width(text) > width - 2 and size > least:
            size -= 0.25
            self.set_font_size(size)
        while text and self.get_string_width(text) > width - 2:
            text = text[:-2].rstrip() + "…" if len(text) > 2 else ""
        self.cell(width, height, text, align=align)

    def _rule(self, y: float, width: float = WIDTH_MM) -> None:
        self.set_draw_color(*LINE)
        self.set_line_width(0.15)
        self.line(MARGIN_MM, y, MARGIN_MM + width, y)

    def label(self, x: float, y: float, text: str, align: Align = "L") -> None:
        """Text with its baseline at a point, with the ink that is set."""
        part = {"L": 0.0, "C": 0.5, "R": 1.0}[align]
        self.text(x - part * self.get_string_width(text), y, text)
