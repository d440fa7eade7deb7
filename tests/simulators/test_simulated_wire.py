"""The simulated line takes the time that characters take, and sees what the master does wrong."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import serial

from simulators.frames import frame, is_good
from simulators.rtu import RtuBus
from simulators.wire import LineSettings, precise_loop
from tests.simulators.memory import PlainUnit

READ_TEN = frame(1, b"\x03\x00\x00\x00\x0a")
ANSWER_BYTES = 25
LATE_S_MAX = 0.002
"""Shared machines are late at times; the median is what tells of the simulator (LATE_S_MEDIAN)."""
LATE_S_MEDIAN = 0.0003


def exchange(port: serial.Serial, request: bytes, size: int) -> tuple[bytes, float]:
    """An answer and the seconds from the first byte of the request to the last of the answer."""
    began_s = time.monotonic()
    port.write(request)
    got = port.read(size)
    return got, time.monotonic() - began_s


def with_bus(
    link: Path, settings: LineSettings, work: Callable[[RtuBus], Awaitable[None]], turnaround_s: float = 0.01
) -> RtuBus:
    """Run `work` beside a bus with unit 1, on a loop with precise timers."""
    bus = RtuBus(link, settings, {1: PlainUnit()}, turnaround_s)

    async def run() -> None:
        await bus.start()
        try:
            await work(bus)
        finally:
            await bus.stop()

    with asyncio.Runner(loop_factory=precise_loop) as runner:
        runner.run(run())
    return bus


@pytest.mark.parametrize("baudrate", [9600, 19_200, 115_200])
def test_an_answer_ends_when_its_last_character_would(tmp_path: Path, baudrate: int) -> None:
    settings, took_s = LineSettings(baudrate), []

    def master() -> None:
        with serial.Serial(str(tmp_path / "line"), baudrate, timeout=2) as port:
            for _ in range(15):
                time.sleep(settings.silence_s)
                got, seconds = exchange(port, READ_TEN, ANSWER_BYTES)
                assert is_good(got)
                took_s.append(seconds)

    async def work(bus: RtuBus) -> None:
        await asyncio.to_thread(master)

    bus = with_bus(tmp_path / "line", settings, work)
    ideal_s = (len(READ_TEN) + ANSWER_BYTES) * settings.char_s + 0.01
    late_s = sorted(seconds - ideal_s for seconds in took_s)
    assert late_s[0] >= 0
    assert late_s[len(late_s) // 2] < LATE_S_MEDIAN + LATE_S_MAX * 0.2
    assert bus.count.too_early == 0
    assert bus.count.answers == 15


def test_a_request_before_three_and_a_half_characters_of_silence_is_counted(tmp_path: Path) -> None:
    def master() -> None:
        with serial.Serial(str(tmp_path / "line"), 1200, timeout=2) as port:
            time.sleep(0.05)
            exchange(port, READ_TEN, ANSWER_BYTES)
            exchange(port, READ_TEN, ANSWER_BYTES)

    async def work(bus: RtuBus) -> None:
        await asyncio.to_thread(master)

    assert with_bus(tmp_path / "line", LineSettings(1200), work).count.too_early == 1


def test_a_request_into_an_answer_garbles_both(tmp_path: Path) -> None:
    def master() -> None:
        with serial.Serial(str(tmp_path / "line"), 1200, timeout=1) as port:
            port.write(READ_TEN)
            first = port.read(1)
            port.write(READ_TEN)
            assert not is_good(first + port.read(ANSWER_BYTES))

    async def work(bus: RtuBus) -> None:
        await asyncio.to_thread(master)

    bus = with_bus(tmp_path / "line", LineSettings(1200), work)
    assert bus.wire.count.collisions == 1
    assert bus.count.answers == 1


def test_a_master_at_another_baud_rate_hears_nothing(tmp_path: Path) -> None:
    def master() -> None:
        with serial.Serial(str(tmp_path / "line"), 19_200, timeout=0.2) as port:
            assert exchange(port, READ_TEN, ANSWER_BYTES)[0] == b""

    async def work(bus: RtuBus) -> None:
        await asyncio.to_thread(master)

    bus = with_bus(tmp_path / "line", LineSettings(9600), work)
    assert bus.wire.count.wrong_baudrate > 0
    assert bus.count.requests == 0


def test_a_request_in_pieces_is_one_request(tmp_path: Path) -> None:
    def master() -> None:
        with serial.Serial(str(tmp_path / "line"), 9600, timeout=1) as port:
            for byte in READ_TEN[:-1]:
                port.write(bytes((byte,)))
            got, _ = exchange(port, READ_TEN[-1:], ANSWER_BYTES)
            assert is_good(got)

    async def work(bus: RtuBus) -> None:
        await asyncio.to_thread(master)

    assert with_bus(tmp_path / "line", LineSettings(9600), work).count.requests == 1


def test_an_echoing_adapter_gives_back_the_request_before_the_answer(tmp_path: Path) -> None:
    bus = RtuBus(tmp_path / "line", LineSettings(9600), {1: PlainUnit()}, 0.01, echo=True)

    def master() -> bytes:
        with serial.Serial(str(tmp_path / "line"), 9600, timeout=1) as port:
            return exchange(port, READ_TEN, len(READ_TEN) + ANSWER_BYTES)[0]

    async def run() -> bytes:
        await bus.start()
        try:
            return await asyncio.to_thread(master)
        finally:
            await bus.stop()

    got = asyncio.run(run())
    assert got[: len(READ_TEN)] == READ_TEN
    assert is_good(got[len(READ_TEN) :])


async def test_an_unplugged_adapter_hangs_up_and_comes_back_under_its_name(tmp_path: Path) -> None:
    bus = RtuBus(tmp_path / "line", LineSettings(9600), {1: PlainUnit()})
    await bus.start()
    port = os.open(tmp_path / "line", os.O_RDWR | os.O_NOCTTY)
    bus.wire.close()
    assert os.read(port, 1) == b""
    assert not (tmp_path / "line").exists()
    os.close(port)
    bus.wire.open()
    assert (tmp_path / "line").is_char_device()
    await bus.stop()


async def test_stopping_leaves_no_file_and_no_descriptor(tmp_path: Path) -> None:
    before = sorted(os.listdir("/proc/self/fd"))
    bus = RtuBus(tmp_path / "line", LineSettings(9600), {1: PlainUnit()})
    await bus.start()
    await bus.stop()
    await bus.stop()
    assert sorted(os.listdir("/proc/self/fd")) == before
    assert os.listdir(tmp_path) == []
