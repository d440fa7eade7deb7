"""Data files made at their time and sent, on a clock that jumps."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from cloud_sync.reports.data_file import file_name
from cloud_sync.reports.service import DataFiles, FileParts
from cloud_sync.reports.spool import WAITING
from cloud_sync.reports.state import folder_in, overview
from edge.config.air import DataFile
from edge.core.errors import PermanentError, TransientError
from edge.core.model import Event, EventKind
from tests.cloud_sync.data_files import FIVE_NS, SECOND_NS, START_NS, Means, Receiver, mean, settings
from tests.virtual import VirtualClock, run_virtual

DAY_S = 86_400


@pytest.fixture(autouse=True)
def _inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that jumps cannot wait for threads."""

    async def inline(work: Callable[..., Any], *arguments: Any) -> Any:
        return work(*arguments)

    monkeypatch.setattr(asyncio, "to_thread", inline)


class Yard:
    """A gateway's files over restarts; virtual time begins at a boundary of five minutes."""

    def __init__(self, data_dir: Path, found: DataFile | None = None) -> None:
        self.data_dir, self.settings = data_dir, found or settings()
        self.means, self.receiver = Means(), Receiver()
        self.events: list[Event] = []
        self.clock = VirtualClock()
        self.clock.offset_ns = START_NS
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        def points(station: str) -> tuple[str, ...]:
            assert station == "market"
            return ("pm2_5", "pm10")

        parts = FileParts(
            self.means, asyncio.to_thread, self.events.append, self.clock, self.data_dir, points, lambda: 0.5
        )
        service = DataFiles(self.settings, parts, self.receiver)
        self._task = asyncio.get_running_loop().create_task(service.run())

    async def stop(self) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def end(self, nth: int) -> int:
        return START_NS + nth * FIVE_NS

    def name(self, nth: int) -> str:
        return file_name(self.settings, self.end(nth))

    def measure(self, *nths: int) -> None:
        for nth in nths:
            self.means.put_mean(mean(self.end(nth), pm2_5=float(nth), pm10=1.0))

    async def until(self, nth: int, more_s: float = 20) -> None:
        """Wait until so long after this boundary."""
        await asyncio.sleep((self.end(nth) - self.clock.utc_ns()) / SECOND_NS + more_s)

    def waiting(self) -> list[str]:
        folder = folder_in(self.data_dir, self.settings.id) / WAITING
        return sorted(path.name for path in folder.glob("*.txt"))

    def kinds(self) -> list[EventKind]:
        return [event.kind for event in self.events]


def on_a_day(work: Callable[[Yard], Coroutine[Any, Any, None]], data_dir: Path, **more: Any) -> None:
    async def day() -> None:
        yard = Yard(data_dir, settings(**more))
        yard.start()
        await work(yard)
        await yard.stop()

    run_virtual(day())


def test_each_interval_has_its_file_soon_after_its_end_and_it_is_sent_once(tmp_path: Path) -> None:
    async def work(yard: Yard) -> None:
        yard.measure(1, 2, 3)
        await yard.until(1, 9)
        assert yard.receiver.order == []  # the means of this interval may not be whole yet
        await yard.until(1, 20)
        assert yard.receiver.order == [yard.name(1)]
        await yard.until(3)
        assert yard.receiver.order == [yard.name(1), yard.name(2), yard.name(3)]
        (path, text), *_ = yard.receiver.files.items()
        day = yard.name(1)[-18:-10]
        assert path == f"/KK01/{day[:4]}/{day[4:6]}/{day[6:]}/{yard.name(1)}"
        assert text.splitlines()[1].startswith(b"PM2.5\t1.00\tug/m3\t")
        assert (yard.waiting(), yard.events) == ([], [])

    on_a_day(work, tmp_path)


def test_means_that_are_late_are_waited_for_and_where_none_come_the_file_says_fault(tmp_path: Path) -> None:
    async def work(yard: Yard) -> None:
        await yard.until(1, 60)
        assert yard.receiver.order == []
        yard.measure(1)
        await yard.until(1, 62)
        assert yard.receiver.order == [yard.name(1)]
        await yard.until(2, 119)
        assert yard.receiver.order == [yard.name(1)]
        await yard.until(2, 122)
        assert b"PM2.5\t\tug/m3\t" in yard.receiver.files[list(yard.receiver.files)[-1]]
        assert [line[-2:] for line in list(yard.receiver.files.values())[-1].splitlines()] == [b"02", b"02"]

    on_a_day(work, tmp_path)


def test_after_an_hour_without_the_receiver_all_arrive_the_oldest_first(tmp_path: Path) -> None:
    async def work(yard: Yard) -> None:
        yard.measure(*range(1, 20))
        yard.receiver.trouble = TransientError("the server is away")
        await yard.until(12)
        assert yard.receiver.order == []
        assert yard.waiting() == [yard.name(nth) for nth in range(1, 13)]
        state = overview(tmp_path, "province")
        assert (state.waiting, state.oldest_waiting, state.state.trouble) == (
            12,
            yard.name(1),
            "the server is away",
        )
        yard.receiver.trouble = None
        await yard.until(13)
        assert yard.receiver.order == [yard.name(nth) for nth in range(1, 14)]
        assert yard.kinds() == [EventKind.TARGET_LOST, EventKind.TARGET_BACK]
        state = overview(tmp_path, "province")
        assert (state.waiting, state.last_sent, state.state.trouble) == (0, yard.name(13), "")

    on_a_day(work, tmp_path)


def test_a_receiver_that_refuses_is_an_alarm_and_tried_slowly(tmp_path: Path) -> None:
    async def work(yard: Yard) -> None:
        yard.measure(*range(1, 30))
        yard.receiver.trouble = PermanentError("wrong password")
        await yard.until(3)
        yard.receiver.trouble = TransientError("away")
        await yard.until(8)
        yard.receiver.trouble = None
        await yard.until(20)
        assert yard.kinds() == [EventKind.TARGET_REFUSES, EventKind.TARGET_LOST, EventKind.TARGET_BACK]
        assert yard.receiver.order == [yard.name(nth) for nth in range(1, 21)]

    on_a_day(work, tmp_path)


def test_an_answer_that_was_lost_makes_no_second_file(tmp_path: Path) -> None:
    async def work(yard: Yard) -> None:
        yard.measure(1, 2)
        yard.receiver.mute = TransientError("it hung up")
        await yard.until(1)
        assert yard.waiting() == [yard.name(1)]
        await yard.stop()
        yard.receiver.mute = None
        yard.start()
        await yard.until(2)
        assert yard.receiver.order == [yard.name(1), yard.name(2)]
        assert yard.receiver.uploads == 2

    on_a_day(work, tmp_path)


def test_what_an_outage_left_out_is_made_up_from_the_kept_means_and_nothing_is_invented(
    tmp_path: Path,
) -> None:
    async def work(yard: Yard) -> None:
        yard.measure(1)
        await yard.until(1)
        await yard.stop()
        yard.measure(*range(2, 15), *range(20, 25))  # from 15 to 19 the gateway itself was off
        await yard.until(24)
        yard.start()
        await asyncio.sleep(1000)  # past the patience for each that is missing
        there = [1, *range(2, 15), *range(20, 25)]
        assert yard.receiver.order[: len(there)] == [yard.name(nth) for nth in there]

    on_a_day(work, tmp_path)


def test_a_first_start_makes_no_files_of_the_past(tmp_path: Path) -> None:
    async def work(yard: Yard) -> None:
        yard.measure(*range(-50, 2))
        await yard.until(1)
        assert yard.receiver.order == [yard.name(1)]

    on_a_day(work, tmp_path)


def test_nothing_is_made_before_the_clock_is_set(tmp_path: Path) -> None:
    async def work(yard: Yard) -> None:
        await yard.stop()
        yard.clock.believed = False
        yard.start()
        yard.measure(*range(1, 9))
        await yard.until(5)
        assert overview(tmp_path, "province").kept == 0
        yard.clock.believed = True
        await yard.until(6)
        assert yard.receiver.order == [yard.name(6)]

    on_a_day(work, tmp_path)


def test_a_clock_that_was_years_ahead_stops_nothing_once_it_is_right(tmp_path: Path) -> None:
    async def work(yard: Yard) -> None:
        yard.clock.offset_ns += 1000 * DAY_S * SECOND_NS
        await asyncio.sleep(700)
        yard.clock.offset_ns -= 1000 * DAY_S * SECOND_NS
        future = list(yard.receiver.order)
        assert future
        yard.measure(*range(1, 20))
        await yard.until(8)
        await yard.stop()
        yard.start()
        await yard.until(10)
        assert {yard.name(nth) for nth in (7, 8, 9, 10)} <= set(yard.receiver.order)

    on_a_day(work, tmp_path)


def test_unsent_files_that_get_too_old_leave_and_are_told_as_a_gap(tmp_path: Path) -> None:
    async def work(yard: Yard) -> None:
        yard.receiver.trouble = TransientError("away")
        count = DAY_S // 300
        yard.measure(*range(1, count + 20))
        await yard.until(count + 10)
        gaps = [event for event in yard.events if event.kind is EventKind.GAP]
        assert gaps
        assert sum(int(dict(gap.fields)["count"] or 0) for gap in gaps) == 9
        state = overview(tmp_path, "province")
        assert (state.kept, state.state.dropped) == (count + 1, 9)
        yard.receiver.trouble = None
        await asyncio.sleep(600)
        assert yard.receiver.order[0] == yard.name(10)

    on_a_day(work, tmp_path, keep_days=1)


def test_a_disk_that_takes_nothing_is_told_and_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(yard: Yard) -> None:
        yard.measure(*range(1, 9))
        await yard.until(1)
        with monkeypatch.context() as full:
            full.setattr("cloud_sync.reports.spool.os.fsync", _full)
            await yard.until(4)
            assert yard.receiver.order == [yard.name(1)]
        await yard.until(8)
        assert yard.receiver.order == [yard.name(nth) for nth in range(1, 9)]
        assert yard.kinds() == [EventKind.STORE_TROUBLE, EventKind.STORE_RECOVERED]

    on_a_day(work, tmp_path)


def _full(descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_store_in_trouble_only_delays(tmp_path: Path) -> None:
    async def work(yard: Yard) -> None:
        yard.measure(1, 2, 3, 4, 5)
        yard.means.trouble = TransientError("the store is being mended")
        await yard.until(2)
        yard.means.trouble = None
        await yard.until(5)
        assert yard.receiver.order == [yard.name(nth) for nth in (1, 2, 3, 4, 5)]

    on_a_day(work, tmp_path)
