"""Stored rows to one InfluxDB: one request in flight, gone only by a 204, bad lines found by halving."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cloud_sync.influx.lines import Lines, Tags
from cloud_sync.influx.post import Post
from cloud_sync.influx.verdict import Ruling, Verdict, judge
from edge.config.schema import Influx
from edge.core.errors import GianhError, PermanentError, TransientError
from edge.core.model import EventRow, Rejection, SampleRow
from edge.core.ports import Clock, Delivery
from edge.core.sayings import say

BODY_BYTES_MAX = 1_000_000
"""Largest body before compression: more would hold up the polls while it is built and compressed."""

BODY_BYTES_MIN = 1_000
"""A 413 never makes bodies smaller than this; a single line may still be longer."""


@dataclass(frozen=True, slots=True)
class _Entry:
    seq: int
    line: str


@dataclass(slots=True)
class _Tally:
    done: list[int] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Stop:
    trouble: GianhError
    wait_s: float = 0.0


class InfluxPublisher:
    """Implements Publisher for one `[[influx]]` target; `tags` (gateway, place) stand on events' lines."""

    def __init__(self, settings: Influx, tags: Tags, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._lines, self._post = Lines(tags), Post(settings)
        self._bytes_max = BODY_BYTES_MAX

    @property
    def id(self) -> str:
        """The target's id."""
        return self._settings.id

    async def deliver_samples(self, rows: Sequence[SampleRow]) -> Delivery:
        """Send rows, oldest first, in as many requests as it takes."""
        return await self._deliver((row.seq, self._lines.sample(row)) for row in rows)

    async def deliver_events(self, rows: Sequence[EventRow]) -> Delivery:
        """Send gaps and alarms; what InfluxDB does not keep is done."""
        return await self._deliver((row.seq, self._lines.event(row)) for row in rows)

    async def close(self) -> None:
        """Close the connection."""
        await self._post.close()

    async def _deliver(self, rows: Iterable[tuple[int, str | None]]) -> Delivery:
        tally = _Tally()
        for part in self._parts(rows, tally):
            if stop := await self._place(part, tally):
                return Delivery(tally.done, tally.rejected, stop.trouble, stop.wait_s)
        return Delivery(tally.done, tally.rejected)

    def _parts(self, rows: Iterable[tuple[int, str | None]], tally: _Tally) -> Iterator[list[_Entry]]:
        part: list[_Entry] = []
        length = 0
        for seq, line in rows:
            if line is None:
                tally.done.append(seq)
                continue
            full = len(part) >= self._settings.batch_max or length + len(line) >= self._bytes_max
            if part and full:
                yield part
                part, length = [], 0
            part.append(_Entry(seq, line))
            length += len(line) + 1
        if part:
            yield part

    async def _place(self, part: list[_Entry], tally: _Tally) -> _Stop | None:
        """Bring lines to rest, one way or the other, or give the reason why the rest is still owed."""
        waiting = [part]
        while waiting:
            part = waiting.pop()
            try:
                body = "\n".join([entry.line for entry in part]).encode()
                verdict = judge(await self._post.write(body), self._clock.utc_ns() / 1e9)
            except GianhError as error:
                return _Stop(error)
            match verdict.ruling:
                case Ruling.STORED:
                    tally.done += [entry.seq for entry in part]
                case Ruling.SPLIT | Ruling.TOO_LARGE if len(part) == 1:
                    tally.rejected.append(Rejection(part[0].seq, part[0].line, verdict.words))
                case Ruling.SPLIT | Ruling.TOO_LARGE:
                    if verdict.ruling is Ruling.TOO_LARGE:
                        self._bytes_max = max(BODY_BYTES_MIN, len(body) // 2)
                    middle = len(part) // 2
                    waiting += [part[middle:], part[:middle]]
                case _:
                    return await self._stopped(verdict)
        return None

    async def _stopped(self, verdict: Verdict) -> _Stop:
        place = self._post.place
        if verdict.ruling is Ruling.WAIT:
            text = say("asks_to_wait", place=place, answer=verdict.words)
            return _Stop(TransientError(text), verdict.wait_s)
        # A corrected secret counts from the next try on: secrets are read with a new connection.
        await self._post.close()
        return _Stop(
            PermanentError(
                say("takes_nothing", place=place, answer=verdict.words, remedy=_remedy(verdict.words))
            )
        )


def _remedy(words: str) -> str:
    if words.startswith(("HTTP 401", "HTTP 403")):
        return "give it a user or token that may write there"
    if words.startswith("HTTP 404"):
        return "create it there, or correct url and name in [[influx]]"
    return "check url, version and names in [[influx]]"
