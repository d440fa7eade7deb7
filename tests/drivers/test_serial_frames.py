"""Commands and answers of serial sensors, byte by byte as their makers and known libraries state them."""

from dataclasses import replace

import pytest

from drivers.profile import load_profile
from drivers.profile_check import sample_problems
from drivers.serial import mhz19, pms5003, sds011, sps30
from drivers.serial.duty import Duty, Step
from drivers.serial.frame import VALUES, State
from tests.drivers.sensor_frames import sds, shdlc, sps


@pytest.mark.parametrize(
    ("made", "known"),
    [
        (pms5003.command(pms5003.MODE, 0), "42 4d e1 00 00 01 70"),
        (pms5003.command(pms5003.MODE, 1), "42 4d e1 00 01 01 71"),
        (pms5003.command(pms5003.READ), "42 4d e2 00 00 01 71"),
        (pms5003.command(pms5003.POWER, 0), "42 4d e4 00 00 01 73"),
        (pms5003.command(pms5003.POWER, 1), "42 4d e4 00 01 01 74"),
        (sds011.command(sds011.POWER, 1, 0), "aa b4 06 01 00 00 00 00 00 00 00 00 00 00 00 ff ff 05 ab"),
        (sds011.command(sds011.QUERY), "aa b4 04 00 00 00 00 00 00 00 00 00 00 00 00 ff ff 02 ab"),
        (sps30.command(sps30.START, sps30.AS_FLOATS), "7e 00 00 02 01 03 f9 7e"),
        (sps30.command(sps30.READ), "7e 00 03 00 fc 7e"),
        (sps30.command(sps30.STOP), "7e 00 01 00 fe 7e"),
        (mhz19.command(mhz19.READ), "ff 01 86 00 00 00 00 00 79"),
        (mhz19.command(mhz19.AUTO_BASELINE, mhz19.OFF), "ff 01 79 00 00 00 00 00 86"),
        (mhz19.command(mhz19.AUTO_BASELINE, mhz19.ON), "ff 01 79 a0 00 00 00 00 e6"),
    ],
)
def test_a_command_is_as_it_is_known(made: bytes, known: str) -> None:
    assert made == bytes.fromhex(known)


def test_what_a_plantower_confirms_is_no_frame_of_values() -> None:
    assert pms5003.Pms5003Parser().feed(bytes.fromhex("42 4d 00 04 e1 00 01 74")) == []


def test_zero_for_both_is_no_value_and_zero_for_one_is() -> None:
    none, some = sds011.Sds011Parser().feed(sds(0, 0) + sds(0, 7))
    assert (len(none.data), len(some.data)) == (2, 6)


def test_an_shdlc_frame_is_stuffed_and_unstuffed() -> None:
    assert sps30.wrapped(b"\x7e\x7d\x11\x13\x43") == bytes.fromhex("7e 7d5e 7d5d 7d31 7d33 43 7e")
    assert sps30.unstuffed(bytes.fromhex("7d5e 7d5d 7d31 7d33 43")) == b"\x7e\x7d\x11\x13\x43"
    assert sps30.unstuffed(b"\x7d\x7d\x5e") == b""


@pytest.mark.parametrize(
    ("wire", "kind", "state"),
    [
        (sps((1.0,) * 10), VALUES, State.FINE),
        (sps((1.0,) * 10, state=0x80), VALUES, State.DOUBTFUL),
        (shdlc(3), VALUES, State.EMPTY),
        (shdlc(3, bytes(20)), VALUES, State.IDLE),
        (shdlc(3, state=0x43), VALUES, State.IDLE),
        (shdlc(3, state=0xC3), VALUES, State.IDLE),
        (shdlc(3, state=0x28), VALUES, State.REFUSED),
        (shdlc(0), "start", State.FINE),
        (shdlc(1, state=0x43), "stop", State.IDLE),
        (shdlc(0, state=0x04), "start", State.REFUSED),
    ],
)
def test_an_sps30_says_how_it_is(wire: bytes, kind: str, state: State) -> None:
    (frame,) = sps30.Sps30Parser().feed(wire)
    assert (frame.kind, frame.state) == (kind, state)


def test_one_flag_between_two_frames_is_enough() -> None:
    wire = sps((1.0,) * 10)
    assert len(sps30.Sps30Parser().feed(wire + wire[1:] + wire)) == 3


def test_a_duty_begins_by_waking_and_keeps_its_hours() -> None:
    duty = Duty(awake_s=60.0, sleep_s=240.0)
    assert duty.step(1000.0) is Step.WAKE
    duty.turn(1000.0)
    assert (duty.step(1059.9), duty.step(1060.0)) == (Step.READ, Step.SLEEP)
    duty.turn(1061.0)
    assert (duty.step(1061.0), duty.left_s(1061.0), duty.step(1300.9)) == (Step.REST, 240.0, Step.REST)
    assert duty.step(1301.0) is Step.WAKE


def test_a_sample_of_a_profile_must_be_a_whole_frame() -> None:
    profile = load_profile("sds011")
    sample = profile.samples[0]
    spoilt = replace(sample, blocks=(replace(sample.blocks[0], hex="aac0 8201 0002 a160 87ab"),))
    assert sample_problems(profile, sample) == []
    assert sample_problems(profile, spoilt) == [
        "its bytes are no whole frame: correct them, the checksum too"
    ]
