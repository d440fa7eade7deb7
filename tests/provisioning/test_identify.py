"""A unit is told by what it answers; what cannot be told apart is said, and what does not fit as well."""

import asyncio
import struct

import pytest

from drivers.coded import Table
from drivers.profile import load_profile
from edge.core.errors import NoAnswer, ProtocolError, Refused
from provisioning.identify.weigh import score_of
from provisioning.identify.work import Identity, Verdict, identify, modbus_profiles
from provisioning.scan.plan import Choice
from simulators.cabinet import make_device
from simulators.cabinet_device import CabinetDevice, Follows, Reached
from simulators.modbus import Refusal
from simulators.wire import LineSettings

PROFILES = modbus_profiles()
NOON_S = 1_800_000_000.0


class Desk:
    """One unit, read without a line."""

    def __init__(self, device: CabinetDevice, swap: bool = False) -> None:
        self.device, self.swap = device, swap

    async def read(self, unit: int, table: Table, address: int, count: int) -> bytes:
        if unit != self.device.at.unit:
            raise NoAnswer("silent")
        try:
            words = list(self.device.read(table, address, count))
        except Refusal as refusal:
            raise Refused("no", refusal.code) from refusal
        if table in (Table.COIL, Table.DISCRETE):
            return bytes((count + 7) // 8)
        if self.swap:
            words = [words[at ^ 1] if at ^ 1 < len(words) else words[at] for at in range(len(words))]
        return struct.pack(f">{count}H", *words)


def look(profile_id: str, unit: int = 20, swap: bool = False) -> Identity:
    profile = load_profile(profile_id)
    line = LineSettings(profile.serial.baudrate, profile.serial.parity)
    device = make_device(
        "one", profile_id, Reached(unit, line), Follows.AT_ONCE, 0.005, lambda: NOON_S, seed=3
    )
    choice = Choice(line.baudrate, line.parity)
    return asyncio.run(identify(Desk(device, swap), unit, choice, PROFILES))


@pytest.mark.parametrize("profile_id", [profile.id for profile in PROFILES])
def test_a_device_is_among_what_fits_it(profile_id: str):
    found = look(profile_id)
    assert profile_id in [match.profile for match in found.matches]
    if found.verdict is Verdict.SURE:
        best = found.best
        assert best is not None
        assert best.profile == profile_id, found.matches[:3]


@pytest.mark.parametrize(
    "profile_id",
    ["xy-md02", "xy-md02-x100", "eastron-sdm120", "eastron-sdm630", "pzem-016", "dfrobot-sen0662"],
)
def test_these_are_told_for_sure(profile_id: str):
    found = look(profile_id)
    assert found.verdict is Verdict.SURE
    assert found.best is not None
    assert found.best.profile == profile_id


def test_a_tenfold_scale_is_told_from_a_hundredfold_one_by_what_cannot_be():
    found = look("xy-md02-x100")
    why = {match.profile: match.no for match in found.ruled_out}
    assert "temperature" in why["xy-md02"]
    found = look("xy-md02")
    why = {match.profile: match.no for match in found.ruled_out}
    assert "outside" in why["xy-md02-x100"]


def test_sensors_that_differ_in_one_register_only_are_left_to_the_label():
    found = look("jxct-3001-o3")
    assert found.verdict is Verdict.SEVERAL
    assert {"jxct-3001-o3", "jxct-3001-co"} <= {match.profile for match in found.matches}


def test_words_in_the_other_order_are_named_as_a_variant():
    found = look("eastron-sdm120", swap=True)
    assert "eastron-sdm120" not in [match.profile for match in found.matches]
    assert ("eastron-sdm120", "word order CDAB") in {(v.profile, v.change) for v in found.variants}


def test_a_unit_that_is_not_there_is_an_error():
    device = make_device("one", "xy-md02", Reached(5, LineSettings()), Follows.AT_ONCE, 0.005, lambda: NOON_S)
    with pytest.raises(NoAnswer):
        asyncio.run(identify(Desk(device), 6, None, PROFILES))


def test_garbled_answers_are_never_weighed():
    class Garbled:
        async def read(self, unit: int, table: Table, address: int, count: int) -> bytes:
            raise ProtocolError("two frames on top of each other")

    with pytest.raises(ProtocolError):
        asyncio.run(identify(Garbled(), 1, None, PROFILES))


def test_more_evidence_is_a_higher_score_and_never_100_by_little():
    scores = [score_of(bits) for bits in range(-5, 60)]
    assert scores == sorted(scores)
    assert scores[0] == 0
    assert score_of(8) == 50
    assert score_of(200) <= 100
