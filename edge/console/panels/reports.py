"""Makes an officer's report in a process of its own, one at a time: the gateway's buses must not wait."""

import pickle
from dataclasses import dataclass
from enum import StrEnum

from edge.air.report_frame import Frame, Kept
from edge.air.stations import Place
from edge.console.panels.children import worked
from edge.core.air_report import Period
from edge.core.errors import Busy, ConfigError, TransientError
from edge.core.sayings import say

MAKES_S = 180.0
"""Longest time that making a report may take; a month takes seconds, on a slow card more."""

CHILD = "edge.console.panels.report_child"

INSTALL = "install it with: pip install 'gianh[reports]'"
LACKS_LIBRARY = 3
"""The child's exit code where the library for PDF is not there."""


class Paper(StrEnum):
    """As what a report is wanted."""

    PDF = "pdf"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Order:
    """What the child is given: what was kept, and how the report is wanted; `language` is vi or en."""

    place: Place
    gateway: str
    frame: Frame
    kept: Kept
    made_ns: int
    version: str
    paper: Paper
    language: str


def name_of(order: Order) -> str:
    """What the file is called."""
    first = order.frame.days[0]
    named = f"{first:%Y-%m-%d}" if order.frame.period is Period.DAY else f"{first:%Y-%m}"
    return f"gianh-{order.place.id}-{named}.{order.paper.value}"


def has_begun(frame: Frame, now_ns: int) -> bool:
    """Whether there can be anything in it yet."""
    return frame.begin_ns < now_ns


class ReportDesk:
    """Makes one report at a time."""

    def __init__(self, module: str = CHILD) -> None:
        self._module = module
        self._busy = False

    @property
    def is_busy(self) -> bool:
        """Whether one is being made."""
        return self._busy

    async def make(self, order: Order) -> bytes:
        """The report's bytes. Raises Busy, ConfigError where a library lacks, TransientError else."""
        if self._busy:
            raise Busy(say("report_running"))
        self._busy = True
        try:
            code, body = await worked(self._module, pickle.dumps(order), MAKES_S)
        finally:
            self._busy = False
        if code == LACKS_LIBRARY:
            raise ConfigError(say("no_pdf", remedy=INSTALL))
        if code or not body:
            raise TransientError(say("report_failed"))
        return body
