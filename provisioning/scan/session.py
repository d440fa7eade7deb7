"""The door to scanning: a line, a wish, a file that survives an interruption; gives the book."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from edge.core.errors import LinkDown
from provisioning.scan.book import Book, resume, save
from provisioning.scan.line import Asker, Counts, Pace, Place, listen
from provisioning.scan.plan import Choice, Wish
from provisioning.scan.work import Progress, Report, Scan

SAVE_S = 3.0
"""How often the book is written down: an interruption costs no more than this."""


@dataclass(frozen=True, slots=True)
class RealLines:
    """A real port or connection, opened anew for each setting; `pace` is what is known of a gateway there."""

    place: Place
    counts: Counts | None = None
    pace: Pace = field(default_factory=Pace)

    def at(self, choice: Choice | None, answer_s: float, quiet_s: float) -> Asker:
        """The line at these settings."""
        return Asker(self.place, choice, answer_s, quiet_s, self.counts, self.pace)

    async def listen(self, choice: Choice, for_s: float) -> bytes:
        """What comes by itself."""
        return await listen(self.place, choice, for_s)

    async def pause(self, for_s: float) -> None:
        """Ask nobody for so long."""
        await asyncio.sleep(for_s)


def plan_id(place: Place, wish: Wish) -> str:
    """The same for the same line and wish."""
    return sha256(repr((str(place), place.kind, wish)).encode()).hexdigest()[:16]


def begin(place: Place, wish: Wish, bus: str, state: Path | None) -> tuple[Book, bool]:
    """The book to fill, and whether it is that of an interrupted scan."""
    if state is not None:
        found = resume(state, bus, plan_id(place, wish), time.time())
        if found is not None:
            return found, True
    return Book(bus), False


async def scan(
    place: Place,
    wish: Wish,
    book: Book,
    report: Report = lambda _: None,
    state: Path | None = None,
    counts: Counts | None = None,
    now_s: Callable[[], float] = time.monotonic,
) -> Book:
    """Scan `place` as `wish` says; fills and gives `book`, also when it is cancelled.

    Raises LinkDown when the line cannot be opened or goes away.
    """
    keep = _Keeper(place, wish, book, state, now_s)

    def told(progress: Progress) -> None:
        keep.now_and_then()
        report(progress)

    try:
        await Scan(RealLines(place, counts), wish, book, told).run()
    finally:
        keep.at_the_end()
    return book


class _Keeper:
    """Writes the book down; a full card does not end a scan."""

    def __init__(
        self, place: Place, wish: Wish, book: Book, state: Path | None, now_s: Callable[[], float]
    ) -> None:
        self._plan, self._book, self._state, self._now_s = plan_id(place, wish), book, state, now_s
        self._saved_s = now_s()

    def now_and_then(self) -> None:
        if self._now_s() - self._saved_s >= SAVE_S:
            self._save()

    def at_the_end(self) -> None:
        if self._state is None:
            return
        if self._book.finished:
            with contextlib.suppress(OSError):
                self._state.unlink(missing_ok=True)
        elif self._book.asked:
            self._save()

    def _save(self) -> None:
        self._saved_s = self._now_s()
        if self._state is not None:
            with contextlib.suppress(OSError):
                save(self._state, self._book, self._plan, time.time())


__all__ = ["LinkDown", "RealLines", "begin", "plan_id", "scan"]
