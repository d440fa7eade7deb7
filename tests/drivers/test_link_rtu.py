"""The serial link under every fault of a line: the right value or an error, never a wrong value."""

import asyncio
import itertools
import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.coded import Table
from drivers.modbus.link import ModbusLink
from edge.core.errors import Busy, GianhError, LinkDown, NoAnswer, ProtocolError, Refused
from simulators.frames import frame
from tests.drivers.slave import PATIENT_S, Slave, bus, slave, wait_long

GOOD = frame(1, bytes.fromhex("03 04 03F2 03F3"))
DATA = bytes.fromhex("03F203F3")
OTHER = frame(2, bytes.fromhex("03 04 0001 0002"))


@pytest.fixture
def link_path(tmp_path: Path) -> Path:
    return tmp_path / "ttyRS485"


async def ask(link: ModbusLink) -> bytes:
    return await link.read(1, Table.HOLDING, 0, 2)


Say = Callable[[Slave, bytes], None]


def say(*parts: bytes) -> Say:
    return lambda line, request: line.say(b"".join(parts))


def say_echo_and(*parts: bytes) -> Say:
    return lambda line, request: line.say(request + b"".join(parts))


def say_byte_by_byte(line: Slave, request: bytes) -> None:
    for index, byte in enumerate(GOOD):
        line.say(bytes((byte,)), 0.0005 * (index + 1))


@pytest.mark.parametrize("settings", [{"echo": "off"}, {"echo": "auto"}])
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(say(GOOD), id="clean"),
        pytest.param(say_byte_by_byte, id="byte by byte"),
        pytest.param(say(GOOD, b"\x00"), id="garbage after"),
        pytest.param(say(GOOD, GOOD), id="the same answer twice"),
        pytest.param(say(b"\x01\x03\xff", GOOD), id="noise before"),
        pytest.param(say(GOOD[:4], GOOD), id="a broken start before"),
        pytest.param(say(OTHER, GOOD), id="another unit before"),
        pytest.param(say_echo_and(GOOD), id="echo in the same read"),
        pytest.param(say_echo_and(b"\xfe", GOOD), id="echo, noise, answer"),
    ],
)
async def test_the_right_value_is_found(link_path: Path, script: Say, settings: dict[str, str]) -> None:
    async with slave(link_path) as line:
        line.hear = lambda request: script(line, request)
        link = ModbusLink(bus(link_path, timeout_s=PATIENT_S, **settings))
        await link.open()
        assert await ask(link) == DATA
        assert await ask(link) == DATA
        await link.close()


@pytest.mark.parametrize(
    ("script", "error", "counter"),
    [
        pytest.param(say(), NoAnswer, "timeouts", id="silence"),
        pytest.param(say(b"\x00\xff"), NoAnswer, "timeouts", id="a spike"),
        pytest.param(say_echo_and(), NoAnswer, "timeouts", id="echo alone"),
        pytest.param(say(GOOD[:-1] + b"\x00"), ProtocolError, "noise_bytes", id="bad checksum"),
        pytest.param(say(GOOD[:-2]), ProtocolError, "noise_bytes", id="truncated"),
        pytest.param(say(OTHER), ProtocolError, "wrong_unit", id="another unit"),
        pytest.param(
            say(frame(1, bytes.fromhex("04 04 0007 0008"))), ProtocolError, "wrong_function", id="function"
        ),
        pytest.param(say(frame(1, bytes.fromhex("03 02 0007"))), ProtocolError, "wrong_count", id="count"),
        pytest.param(
            say(GOOD, frame(1, bytes.fromhex("03 04 0001 0002"))), ProtocolError, "protocol_errors", id="two"
        ),
        pytest.param(say(frame(1, b"\x83\x02")), Refused, "refusals", id="illegal address"),
        pytest.param(say(frame(1, b"\x83\x04")), Refused, "refusals", id="device failure"),
        pytest.param(say(frame(1, b"\x83\x0b")), NoAnswer, "refusals", id="gateway target silent"),
        pytest.param(say(frame(1, b"\x83\x05")), Busy, "refusals", id="acknowledge"),
        pytest.param(say(frame(1, b"\x83\x06")), Busy, "refusals", id="busy"),
    ],
)
async def test_what_is_no_answer_is_an_error_and_the_next_answer_is_right(
    link_path: Path, script: Say, error: type[GianhError], counter: str
) -> None:
    async with slave(link_path) as line:
        line.hear = lambda request: script(line, request)
        link = ModbusLink(bus(link_path, echo="auto"))
        await link.open()
        with pytest.raises(error):
            await ask(link)
        assert getattr(link.counters, counter) > 0
        line.hear = lambda request: line.say(GOOD)
        wait_long(link)
        assert await ask(link) == DATA
        await link.close()


async def test_the_exception_code_is_kept(link_path: Path) -> None:
    async with slave(link_path) as line:
        line.hear = lambda request: line.say(frame(1, b"\x83\x02"))
        link = ModbusLink(bus(link_path, timeout_s=PATIENT_S))
        await link.open()
        with pytest.raises(Refused) as refused:
            await ask(link)
        assert refused.value.code == 2
        await link.close()


async def test_a_late_answer_is_thrown_away_before_the_next_request(link_path: Path) -> None:
    async with slave(link_path) as line:
        late = frame(1, bytes.fromhex("03 04 DEAD BEEF"))
        link = ModbusLink(bus(link_path))
        await link.open()
        with pytest.raises(NoAnswer):
            await ask(link)
        line.say(late)
        line.hear = lambda request: line.say(GOOD)
        wait_long(link)
        assert await ask(link) == DATA
        assert link.counters.late == 1
        await link.close()


async def test_an_answer_to_a_cancelled_request_is_thrown_away(link_path: Path) -> None:
    async with slave(link_path) as line:
        asked = asyncio.Event()
        line.hear = lambda request: asked.set()
        link = ModbusLink(bus(link_path))
        await link.open()
        task = asyncio.create_task(ask(link))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        line.say(frame(1, bytes.fromhex("03 04 DEAD BEEF")), 0.02)
        line.hear = lambda request: line.say(GOOD)
        wait_long(link)
        assert await ask(link) == DATA
        assert link.counters.late == 1
        await link.close()


async def test_a_frame_that_nobody_asked_for_is_waited_out(link_path: Path) -> None:
    async with slave(link_path) as line:
        line.hear = lambda request: line.say(GOOD)
        link = ModbusLink(bus(link_path, timeout_s=PATIENT_S))
        await link.open()
        assert await ask(link) == DATA
        line.say(frame(1, bytes.fromhex("03 04 DEAD BEEF")))
        assert await ask(link) == DATA
        assert link.counters.late == 1
        await link.close()


async def test_a_babbling_line_is_an_error_and_never_holds_the_bus(
    link_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.modbus.rtu.BABBLE_S", 0.03)
    async with slave(link_path) as line:
        for step in range(200):
            line.say(b"\x55" * 8, 0.001 * (step + 1))
        link = ModbusLink(bus(link_path))
        await link.open()
        with pytest.raises(ProtocolError, match="never silent"):
            await ask(link)
        await link.close()


async def test_delays_around_the_time_out_never_mix_answers_up(link_path: Path) -> None:
    chance = random.Random(17)
    sequence = itertools.count()
    truth: dict[bytes, bytes] = {}

    async with slave(link_path) as line:

        def hear(request: bytes) -> None:
            unit, function, address, count = struct.unpack(">BBHH", request[:6])
            data = struct.pack(">HH", address, next(sequence) & 0xFFFF)
            truth[request] = data
            delay_s = 0.0 if chance.random() < 0.8 else chance.uniform(0.0, 0.0045)
            line.say(frame(unit, bytes((function, 2 * count)) + data), delay_s, within_s=0.0055)

        line.hear = hear
        link = ModbusLink(bus(link_path, timeout_s=0.002, quiet_after_timeout_s=0.02))
        await link.open()
        right = missing = 0
        for number in range(2000):
            unit, address = 1 + chance.randrange(3), chance.randrange(4)
            try:
                data = await link.read(unit, Table.HOLDING, address, 2)
            except NoAnswer:
                missing += 1
                continue
            request = struct.pack(">BBHH", unit, 3, address, 2)
            assert data == next(value for key, value in truth.items() if key.startswith(request)), number
            right += 1
        assert right > 1000
        assert missing > 100
        await link.close()


async def test_a_broadcast_is_not_waited_for_but_has_its_turnaround(link_path: Path) -> None:
    async with slave(link_path) as line:
        line.hear = lambda request: line.say(GOOD)
        link = ModbusLink(bus(link_path, turnaround_s=0.01, timeout_s=PATIENT_S))
        await link.open()
        await ask(link)
        line.hear = lambda request: None
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        await link.write(0, Table.HOLDING, 1, [3])
        assert 0.01 <= loop.time() - began_s < 5
        assert line.heard[-1][1] == frame(0, bytes.fromhex("06 0001 0003"))
        assert link.counters.broadcasts == 1
        await link.close()


@pytest.mark.parametrize("echo", ["off", "auto", "on"])
async def test_a_write_is_done_when_the_device_says_so(link_path: Path, echo: str) -> None:
    async with slave(link_path) as line:

        def hear(request: bytes) -> None:
            answer = request if request[1] == 5 else frame(request[0], bytes((request[1] | 0x80, 2)))
            line.say(request + answer if echo == "on" else answer)

        line.hear = hear
        link = ModbusLink(bus(link_path, timeout_s=PATIENT_S, echo=echo))
        await link.open()
        await link.write(1, Table.COIL, 3, [1])
        assert line.heard[-1][1] == frame(1, bytes.fromhex("05 0003 FF00"))
        await link.close()


@pytest.mark.parametrize("echo", ["auto", "on"])
async def test_our_own_echo_is_never_taken_for_the_confirmation_of_a_write(
    link_path: Path, echo: str
) -> None:
    async with slave(link_path) as line:
        line.hear = line.say
        link = ModbusLink(bus(link_path, echo=echo))
        await link.open()
        with pytest.raises(NoAnswer):
            await link.write(1, Table.HOLDING, 7, [40])
        assert sum(request[1] == 6 for _, request in line.heard) == 1
        await link.close()


async def test_an_echo_that_looks_like_an_answer_is_not_taken_for_one(link_path: Path) -> None:
    async with slave(link_path) as line:
        line.hear = line.say
        link = ModbusLink(bus(link_path, echo="auto"))
        await link.open()
        with pytest.raises(NoAnswer):
            await link.read(1, Table.COIL, 0x0311, 20)
        await link.close()


async def test_a_lost_confirmation_is_no_answer_and_nothing_is_sent_again(link_path: Path) -> None:
    async with slave(link_path) as line:
        link = ModbusLink(bus(link_path))
        await link.open()
        with pytest.raises(NoAnswer):
            await link.write(1, Table.HOLDING, 7, [40, 41])
        assert len(line.heard) == 1
        await link.close()


async def test_an_unplugged_adapter_is_seen_at_once_and_works_again_after_replugging(link_path: Path) -> None:
    async with slave(link_path) as line:
        asked = asyncio.Event()
        line.hear = lambda request: asked.set()
        link = ModbusLink(bus(link_path, timeout_s=PATIENT_S))
        await link.open()
        task = asyncio.create_task(ask(link))
        await asked.wait()
        line.unplug()
        with pytest.raises(LinkDown):
            await task
        with pytest.raises(LinkDown):
            await ask(link)
        with pytest.raises(LinkDown, match="plugged in"):
            await link.open()
        line.plug()
        line.hear = lambda request: line.say(GOOD)
        await link.open()
        assert await ask(link) == DATA
        await link.close()


async def test_a_port_that_is_in_use_names_the_remedy(link_path: Path) -> None:
    async with slave(link_path):
        first, second = ModbusLink(bus(link_path)), ModbusLink(bus(link_path))
        await first.open()
        with pytest.raises(LinkDown, match="used by another program"):
            await second.open()
        await first.close()
        await second.open()
        await second.close()


async def test_a_file_that_is_no_serial_port_is_named(tmp_path: Path) -> None:
    plain = tmp_path / "file"
    plain.write_text("")
    with pytest.raises(LinkDown, match="cannot be opened as a serial port"):
        await ModbusLink(bus(plain)).open()


async def test_closing_twice_is_safe_and_a_closed_link_says_so(link_path: Path) -> None:
    async with slave(link_path):
        link = ModbusLink(bus(link_path))
        await link.open()
        await link.close()
        await link.close()
        with pytest.raises(LinkDown):
            await ask(link)


async def test_requests_keep_the_silence_between_frames(link_path: Path) -> None:
    async with slave(link_path) as line:
        answered_s: list[float] = []

        def hear(request: bytes) -> None:
            answered_s.append(asyncio.get_running_loop().time())
            line.say(GOOD)

        line.hear = hear
        link = ModbusLink(bus(link_path, timeout_s=PATIENT_S))
        await link.open()
        for _ in range(20):
            await ask(link)
        gaps_s = [after[0] - before for before, after in zip(answered_s, line.heard[1:], strict=False)]
        assert len(gaps_s) == 19
        assert min(gaps_s) >= 0.00175
        await link.close()
