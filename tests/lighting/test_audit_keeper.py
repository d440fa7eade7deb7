"""The end of the audit log is known outside of it: kept in memory, told to the centre, and compared."""

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cli import main
from edge.config.schema import Store as Settings
from edge.core.audit import Head, head_of, keep_head, kept_head
from edge.core.errors import ConfigError
from edge.core.model import Event, EventKind
from edge.lighting import chain
from edge.lighting.audit import AuditFile
from edge.lighting.audit_keeper import AuditKeeper
from edge.lighting.chain import CUT, NAME, START, entries, last_head, lost_since, verify
from edge.runtime.store import Store
from tests.lighting.test_audit import TOML, written
from tests.lighting.town import NIGHT, Kept
from tests.runtime.store_help import HandClock
from tests.virtual import VirtualClock, run_virtual

HOUR_S = 3_600.0
HASH = "ab" * 32


class Desk:
    """A keeper with a file, memory and events that can be looked at."""

    def __init__(self, directory: Path, memory: Kept, bytes_max: int = 10**6) -> None:
        self.clock = VirtualClock()
        self.clock.offset_ns = NIGHT - self.clock.mono_ns()
        self.file, self.memory = AuditFile(directory, bytes_max), memory
        self.told: list[Event] = []
        self.synced: list[Head] = []
        self.full = False
        zone = ZoneInfo("Asia/Ho_Chi_Minh")
        self.keeper = AuditKeeper(self.file, self.aside, memory, self.told.append, self.clock, "gw", zone)

    async def aside(self, work: Callable[[], None]) -> None:
        await asyncio.sleep(0.1)
        if self.full:
            raise OSError(5, "I/O error")
        work()
        self.synced.append(last_head(self.file.directory))

    def write(self, number: int = 1) -> None:
        for n in range(number):
            self.file.write("command", (("target", f"lamp-{n}"), ("by", "Hòa")))

    def checkpoints(self) -> list[int]:
        found = [dict(event.fields) for event in self.told if event.kind is EventKind.AUDIT_CHECKPOINT]
        return [int(str(fields["entries"])) for fields in found]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.ensure_future(self.keeper.run())
        try:
            await asyncio.sleep(1)
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def on_a_desk(directory: Path, work: Callable[[Desk], Any], memory: Kept | None = None) -> Desk:
    async def run() -> Desk:
        desk = Desk(directory, memory or Kept())
        async with desk.running():
            await work(desk)
        return desk

    return run_virtual(run())


def test_what_was_written_is_synced_aside_and_then_kept(tmp_path: Path):
    async def work(desk: Desk) -> None:
        desk.write(3)
        assert kept_head(desk.memory) is None
        await asyncio.sleep(1)
        assert desk.synced[-1].count == 3
        assert kept_head(desk.memory) == desk.file.head == last_head(tmp_path)

    on_a_desk(tmp_path, work)


def test_a_head_that_is_not_certainly_on_the_disk_is_not_kept(tmp_path: Path):
    async def work(desk: Desk) -> None:
        desk.write(2)
        await asyncio.sleep(1)
        desk.full = True
        desk.write(2)
        await asyncio.sleep(1)
        head = kept_head(desk.memory)
        assert head is not None
        assert head.count == 2
        desk.full = False
        desk.write(1)
        await asyncio.sleep(1)
        assert kept_head(desk.memory) == desk.file.head

    on_a_desk(tmp_path, work)


def test_the_centre_hears_of_the_end_at_the_start_once_an_hour_and_as_the_day_changes(tmp_path: Path):
    async def work(desk: Desk) -> None:
        desk.write(5)
        await asyncio.sleep(120)
        assert desk.checkpoints() == [5]
        desk.write(2)
        await asyncio.sleep(HOUR_S / 2)
        assert desk.checkpoints() == [5]
        await asyncio.sleep(HOUR_S / 2 + 60)
        assert desk.checkpoints() == [5, 7]
        await asyncio.sleep(1.5 * HOUR_S)
        assert desk.checkpoints() == [5, 7]
        await asyncio.sleep(2 * HOUR_S)
        assert desk.checkpoints() == [5, 7, 7]
        desk.write(1)

    desk = on_a_desk(tmp_path, work)
    assert desk.checkpoints() == [5, 7, 7, 8]
    last = dict(desk.told[-1].fields)
    assert Head(int(str(last["entries"])), str(last["hash"])) == last_head(tmp_path)


async def nothing(desk: Desk) -> None:
    await asyncio.sleep(1)


def test_a_log_without_entries_is_not_told_of(tmp_path: Path):
    desk = on_a_desk(tmp_path, nothing)
    assert (desk.told, desk.memory.values) == ([], {})


@pytest.mark.parametrize(
    ("left", "said"),
    [(7, "3 entries are missing at the end"), (9, "1 entry is missing at the end"), (0, "10 entries are")],
)
def test_a_start_finds_what_was_cut_off_meanwhile_and_writes_it_down(tmp_path: Path, left: int, said: str):
    async def ten(desk: Desk) -> None:
        desk.write(10)

    memory = on_a_desk(tmp_path, ten).memory
    log = tmp_path / NAME
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:left]))
    desk = on_a_desk(tmp_path, nothing, memory)
    assert next(event.kind for event in desk.told) is EventKind.AUDIT_BROKEN
    assert said in desk.told[0].text
    last = list(entries(tmp_path))[-1]
    assert (last["kind"], last["number"], last["expected"]) == (CUT, left + 1, 10)
    assert said in verify(tmp_path).broken
    assert [event.kind for event in on_a_desk(tmp_path, nothing, memory).told] == [EventKind.AUDIT_CHECKPOINT]


def test_a_start_finds_a_log_that_was_written_anew_with_a_chain_of_its_own(tmp_path: Path):
    async def ten(desk: Desk) -> None:
        desk.write(10)

    memory = on_a_desk(tmp_path, ten).memory
    (tmp_path / NAME).unlink()
    written(tmp_path, 12)
    desk = on_a_desk(tmp_path, nothing, memory)
    assert "entry 10 is not the one that was written" in desk.told[0].text


def test_a_log_that_was_turned_over_since_is_compared_over_both_files(tmp_path: Path):
    written(tmp_path, 20, bytes_max=8_000)
    head = last_head(tmp_path)
    written(tmp_path, 20, bytes_max=8_000)
    assert (tmp_path / f"{NAME}.1").exists()
    assert lost_since(tmp_path, head) == ""
    assert verify(tmp_path, [head]).broken == ""
    assert lost_since(tmp_path, Head(head.count, HASH)) != ""


def test_the_last_entry_is_found_whatever_the_blocks_in_which_it_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    written(tmp_path, 5)
    head = last_head(tmp_path)
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"kind":"comm')
    for size in (*range(1, 40), 400, 10_000):
        monkeypatch.setattr(chain, "BLOCK_BYTES", size)
        assert last_head(tmp_path) == head
    (tmp_path / NAME).write_bytes(b'{"kind":"comm')
    assert last_head(tmp_path) == START


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, Head]:
    directory = tmp_path_factory.mktemp("whole")
    log = AuditFile(directory)
    for n in range(6):
        log.write(
            "command", (("target", f"lamp-{n}"), ("level", 40.0 + n), ("by", "Hòa \ud800"), ("id", None))
        )
    log.close()
    return directory, (directory / NAME).read_bytes(), last_head(directory)


@given(st.data())
def test_any_cut_any_changed_byte_and_any_swap_is_found(whole: tuple[Path, bytes, Head], data: st.DataObject):
    directory, good, head = whole
    lines = good.splitlines(keepends=True)
    how = data.draw(st.sampled_from(("cut", "byte", "swap", "drop", "twice", "anew")))
    if how == "cut":
        bad = good[: data.draw(st.integers(0, len(good) - 1))]
    elif how == "byte":
        at = data.draw(st.integers(0, len(good) - 1))
        bad = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    elif how == "swap":
        one, other = sorted(data.draw(st.sets(st.integers(0, 5), min_size=2, max_size=2)))
        lines[one], lines[other] = lines[other], lines[one]
        bad = b"".join(lines)
    elif how == "drop":
        first = data.draw(st.integers(0, 5))
        del lines[first : data.draw(st.integers(first + 1, 6))]
        bad = b"".join(lines)
    elif how == "twice":
        lines.insert(data.draw(st.integers(0, 6)), data.draw(st.sampled_from(lines)))
        bad = b"".join(lines)
    else:
        bad = forged(data.draw(st.integers(0, 5)), data.draw(st.integers(6, 8)))
    (directory / NAME).write_bytes(bad)
    found = verify(directory, [head])
    assert found.broken
    assert found.missing == max(0, 6 - found.head.count) or not found.missing
    (directory / NAME).write_bytes(good)
    assert verify(directory, [head]).broken == ""


def forged(changed: int, number: int) -> bytes:
    """A log with another entry in its midst, and a right chain over it all."""
    head, text = START, b""
    for n in range(number):
        line, head = chain.line_of(head, {"kind": "command", "target": "x" if n == changed else f"lamp-{n}"})
        text += line
    return text


def test_a_checkpoint_is_read_as_it_is_written():
    assert head_of(f" 12:{HASH}\n") == Head(12, HASH)
    assert str(Head(12, HASH)) == f"12:{HASH}"
    for wrong in ("", "12", HASH, f"x:{HASH}", f"12:{HASH}0", f"-1:{HASH}"):
        with pytest.raises(ConfigError, match="COUNT:HASH"):
            head_of(wrong)
    memory = Kept()
    memory.remember("audit/head", "nonsense")
    assert kept_head(memory) is None


async def test_the_stores_own_thread_syncs_and_there_is_no_other(tmp_path: Path):
    store = Store(tmp_path / "gianh.db", Settings(), HandClock())
    await store.open([])
    try:
        before = set(threading.enumerate())
        names: list[str] = []
        file = AuditFile(tmp_path)
        keeper = AuditKeeper(file, store.aside, store, store.put_event, HandClock(), "gw", ZoneInfo("UTC"))
        running = asyncio.ensure_future(keeper.run())
        file.write("command", ())
        await store.aside(lambda: names.append(threading.current_thread().name))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert names[0].startswith("store")
        assert set(threading.enumerate()) == before
        assert kept_head(store) == last_head(tmp_path)
    finally:
        await store.close()


def verified(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    code = main(["audit", "verify", "--json", *options])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code == (0 if found["ok"] else 1)
    return found


async def keep_in_store(directory: Path, head: Head) -> None:
    store = Store(directory / "gianh.db", Settings(), HandClock())
    await store.open([])
    keep_head(store, head)
    await store.close()


def test_verify_says_how_many_entries_the_store_and_the_centre_miss(tmp_path: Path, capsys):
    file = tmp_path / "gateway.toml"
    file.write_text(TOML.format(directory=tmp_path), "utf-8")
    written(tmp_path, 5)
    five = last_head(tmp_path)
    asyncio.run(keep_in_store(tmp_path, five))
    written(tmp_path, 3)
    eight = last_head(tmp_path)
    assert verified(capsys, "-c", str(file))["compared"] == [str(five)]
    assert verified(capsys, "--checkpoint", str(eight), "-c", str(file))["ok"]
    log = tmp_path / NAME
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:6]))
    assert verified(capsys, "-c", str(file))["ok"]
    assert verified(capsys, "--checkpoint", str(eight), "-c", str(file))["missing"] == 2
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:1]))
    assert main(["audit", "verify", "-c", str(file)]) == 1
    assert "4 entries are missing at the end" in capsys.readouterr().out
    assert main(["audit", "verify", "--checkpoint", "5", "-c", str(file)]) == 2
    assert "COUNT:HASH" in capsys.readouterr().err


def test_verify_says_when_there_is_nothing_to_compare_with_or_the_entry_is_kept_no_more(
    tmp_path: Path, capsys
):
    file = tmp_path / "gateway.toml"
    file.write_text(TOML.format(directory=tmp_path), "utf-8")
    written(tmp_path, 200, bytes_max=4_000)
    assert main(["audit", "verify", "-c", str(file)]) == 0
    assert "not compared with anything" in capsys.readouterr().out
    assert "is not kept any more" in verified(capsys, "--checkpoint", f"3:{HASH}", "-c", str(file))["broken"]


async def test_verify_says_that_it_could_not_ask_a_store_that_somebody_has_open(tmp_path: Path, capsys):
    file = tmp_path / "gateway.toml"
    file.write_text(TOML.format(directory=tmp_path), "utf-8")
    written(tmp_path, 2)
    store = Store(tmp_path / "gianh.db", Settings(), HandClock())
    await store.open([])
    try:
        assert main(["audit", "verify", "-c", str(file)]) == 0
        assert "not compared with what the gateway keeps" in capsys.readouterr().out
    finally:
        await store.close()
