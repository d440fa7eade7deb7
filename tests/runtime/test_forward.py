"""Forwarding: receipts strike rows off, trouble waits, events do not wait behind telemetry."""

import asyncio
from collections.abc import Sequence

import pytest

from edge.core.errors import PermanentError, TransientError
from edge.core.model import Event, EventKind, EventRow, Layout, Rejection, SampleRow, Stream
from edge.core.ports import Delivery
from edge.runtime.forward import Forwarder
from tests.virtual import VirtualClock, run_virtual

LAYOUT = Layout("meter-1", "meter", ("active_power",), (("device", "meter-1"),))


class Outbox:
    """Rows owed, as the store hands them out."""

    def __init__(self, count: int) -> None:
        self.owed = {seq: SampleRow(seq, seq, LAYOUT, ("1",)) for seq in range(1, count + 1)}
        self.rejected: list[Rejection] = []
        self.events: list[EventRow] = []
        self.told: list[Event] = []
        self.came = asyncio.Event()

    async def owed_samples(self, target: str, limit: int) -> Sequence[SampleRow]:
        if not self.owed:
            await asyncio.get_running_loop().create_future()
        return [self.owed[seq] for seq in sorted(self.owed)[:limit]]

    async def owed_events(self, target: str, limit: int) -> Sequence[EventRow]:
        while not self.events:
            self.came.clear()
            await self.came.wait()
        return self.events[:limit]

    def report(self, event: Event) -> None:
        """What the forwarder tells is owed to the target as well, as the gateway has it."""
        self.told.append(event)
        seq, text = len(self.told), event.text
        self.events.append(EventRow(seq, seq, event.kind, event.subject, event.severity, text, ()))
        self.came.set()

    def settle(self, target: str, stream: Stream, done: Sequence[int], rejected: Sequence[Rejection]) -> None:
        if stream is Stream.EVENT:
            self.events = [row for row in self.events if row.seq not in done]
            return
        for seq in [*done, *(rejection.seq for rejection in rejected)]:
            del self.owed[seq]
        self.rejected += rejected


class Publisher:
    """Does with each batch what the script says."""

    id = "centre"

    def __init__(self, clock: VirtualClock, script: list[Delivery | None]) -> None:
        self.clock, self.script = clock, script
        self.calls: list[tuple[float, list[int]]] = []

    async def deliver_samples(self, rows: Sequence[SampleRow]) -> Delivery:
        self.calls.append((self.clock.mono_ns() / 1e9, [row.seq for row in rows]))
        scripted = self.script.pop(0) if self.script else None
        return scripted or Delivery(done=[row.seq for row in rows])

    async def deliver_events(self, rows: Sequence[EventRow]) -> Delivery:
        return Delivery(done=[row.seq for row in rows])


def forward(
    count: int, script: list[Delivery | None], seconds: float, batch_max: int = 100
) -> tuple[Outbox, Publisher, list[Event], Forwarder]:
    async def main() -> tuple[Outbox, Publisher, list[Event], Forwarder]:
        clock, outbox = VirtualClock(), Outbox(count)
        publisher = Publisher(clock, script)
        forwarder = Forwarder(publisher, outbox, outbox.report, clock, batch_max, 1.0, chance=lambda: 0.999)
        task = asyncio.create_task(forwarder.run())
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return outbox, publisher, outbox.told, forwarder

    return run_virtual(main())


def test_a_backlog_goes_out_oldest_first_without_lingering() -> None:
    outbox, publisher, _, _ = forward(250, [], 0.01)
    assert [rows[0] for _, rows in publisher.calls] == [1, 101, 201]
    assert not outbox.owed


def test_only_what_was_received_is_struck_off() -> None:
    trouble = TransientError("connection lost")
    script: list[Delivery | None] = [Delivery(done=[2, 4], trouble=trouble), None]
    outbox, publisher, events, forwarder = forward(5, script, 10)
    assert publisher.calls[1][1] == [1, 3, 5]
    assert not outbox.owed
    assert [event.kind for event in events] == [EventKind.TARGET_LOST, EventKind.TARGET_BACK]
    assert forwarder.status().trouble == ""
    assert forwarder.status().delivered == 5 + len(events)


def test_a_lost_target_is_tried_again_ever_more_rarely_and_told_once() -> None:
    gone = Delivery(done=[], trouble=TransientError("no answer"))
    _, publisher, events, forwarder = forward(1, [gone] * 1000, 600)
    gaps = [b[0] - a[0] for a, b in zip(publisher.calls, publisher.calls[1:], strict=False)]
    assert gaps[0] < gaps[3]
    assert 30 <= max(gaps) <= 60
    assert [event.kind for event in events] == [EventKind.TARGET_LOST]
    assert forwarder.status().trouble == "no answer"


@pytest.mark.parametrize(("logged", "lines"), [(True, 0), (False, 2)])
def test_a_trouble_that_was_logged_already_is_told_as_events_alone(logged: bool, lines: int, caplog) -> None:
    caplog.set_level("INFO")
    lost = Delivery((), trouble=TransientError("the broker is away"), logged=logged)
    _, _, told, _ = forward(1, [lost, lost], 60)
    assert [event.kind for event in told] == [EventKind.TARGET_LOST, EventKind.TARGET_BACK]
    assert len(caplog.records) == lines


def test_a_target_that_refuses_us_raises_an_alarm_and_keeps_everything() -> None:
    refused = Delivery(done=[], trouble=PermanentError("wrong password"))
    outbox, publisher, events, forwarder = forward(3, [refused] * 100, 1000)
    assert len(outbox.owed) == 3
    assert len(publisher.calls) < 20
    assert [event.kind for event in events] == [EventKind.TARGET_REFUSES]
    assert forwarder.status().refused


def test_the_wait_that_the_far_end_asks_for_is_kept() -> None:
    script: list[Delivery | None] = [Delivery(done=[], trouble=TransientError("503"), wait_s=25.0)]
    _, publisher, _, _ = forward(1, script, 60)
    assert publisher.calls[1][0] - publisher.calls[0][0] >= 25.0


def test_refused_rows_are_set_aside_and_told_in_one_event() -> None:
    rejected = [Rejection(seq, "line", "field type conflict") for seq in (1, 2)]
    outbox, _, events, forwarder = forward(3, [Delivery(done=[3], rejected=rejected)], 5)
    assert [rejection.seq for rejection in outbox.rejected] == [1, 2]
    assert [event.kind for event in events] == [EventKind.QUARANTINED]
    assert "2 rows" in events[0].text
    assert "field type conflict" in events[0].text
    assert forwarder.status().rejected == 2


def test_events_that_a_lost_target_has_no_use_for_do_not_make_it_look_found() -> None:
    """Told as events themselves, loss and return would chase each other, several times a second."""
    gone = Delivery(done=[], trouble=TransientError("no answer"))
    outbox, publisher, events, forwarder = forward(1, [gone] * 20, 60)
    assert [event.kind for event in events] == [EventKind.TARGET_LOST]
    assert not outbox.events
    assert len(publisher.calls) < 8
    assert forwarder.status().trouble == "no answer"


def test_an_event_does_not_wait_until_samples_are_tried_again() -> None:
    async def main() -> list[EventRow]:
        clock, outbox = VirtualClock(), Outbox(1)
        publisher = Publisher(clock, [Delivery(done=[], trouble=PermanentError("not allowed"))] * 100)
        forwarder = Forwarder(publisher, outbox, outbox.report, clock, 100, chance=lambda: 0.999)
        task = asyncio.create_task(forwarder.run())
        await asyncio.sleep(100)
        outbox.report(outbox.told[0])
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return outbox.events

    assert run_virtual(main()) == []
