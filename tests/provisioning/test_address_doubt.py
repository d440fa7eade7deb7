"""What set-address says where something is not as it should be: no more than it knows, and what to do."""

from dataclasses import replace
from pathlib import Path

import pytest

from drivers.coded import Table
from drivers.line_errors import ErrorCounts
from drivers.profile import Profile, load_profile, parse_profile
from edge.config.schema import Bus, BusKind, Device
from edge.core.errors import ConfigError, ProtocolError, Refused
from provisioning.address.configured import left_behind, refuse_taken, unreached, with_address
from provisioning.address.journal import Entry, Journal, Step, Way, Where
from provisioning.address.preview import planned
from provisioning.address.proving import prove_single
from provisioning.address.resume import way_back
from provisioning.address.rules import converter, doubts
from provisioning.address.site import Change, Kept, Lost, NotAlone, Shared
from provisioning.scan.line import Place
from provisioning.scan.plan import Choice
from provisioning.scan.session import RealLines
from simulators.cabinet import Cabinet, make_device
from simulators.cabinet_device import Follows, Reached
from simulators.wire import LineSettings
from tests.provisioning.address_bench import (
    EVERYBODY,
    NOON_S,
    USUAL,
    Bench,
    carry_out,
    change,
    looked_for,
    one,
    same_again,
)

OLD, NEW = Where(20, USUAL), Where(21, USUAL)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.json")


def test_a_twin_that_answers_later_is_noticed(journal: Journal):
    bench = Bench([one("xy-md02", 20)], late=[one("xy-md02", 20)])
    with pytest.raises(NotAlone, match="second answer"):
        carry_out(bench, change("xy-md02", 20, 21), journal)
    assert bench.written == []


def test_wrong_characters_within_good_answers_are_a_device_underneath(journal: Journal):
    bench = Bench([one("xy-md02", 20)], errors=ErrorCounts(parity=1))
    with pytest.raises(NotAlone, match="5 wrong characters"):
        carry_out(bench, change("xy-md02", 20, 21), journal)
    assert bench.written == []


def test_a_line_on_which_somebody_talks_unasked_proves_nothing(journal: Journal):
    talker = one("jxct-3001", 99)
    talker.hear = lambda request, line: b"\x42\x4d\0\x1c\0\1"  # type: ignore[method-assign]
    bench = Bench([one("xy-md02", 20)], late=[talker])
    with pytest.raises(ProtocolError, match="nobody was asked"):
        carry_out(bench, change("xy-md02", 20, 21), journal)
    assert bench.written == []


def test_whoever_is_left_at_the_old_address_is_told(journal: Journal):
    """It came to life between the proof and the end: a device that was starting, or plugged in too early."""
    sleeper = one("pzem-016", 20)
    sleeper.powered = False
    bench = Bench([one("xy-md02", 20), sleeper])

    def then(step: Step) -> None:
        sleeper.powered = sleeper.powered or step is Step.MOVED

    bench.then = then
    with pytest.raises(Shared, match=r"xy-md02 is at unit 21 .* still answers at unit 20"):
        carry_out(bench, change("xy-md02", 20, 21), journal)
    assert journal.under_way() is None  # the other one's change need not wait
    assert bench.devices[0].at.unit == 21


def test_two_that_went_together_are_told(journal: Journal):
    other = one("xy-md02", 20)
    other.powered = False
    bench = Bench([one("xy-md02", 20), other])

    def then(step: Step) -> None:
        if step is Step.MOVED:
            other.powered, other.at = True, Reached(21, LineSettings())

    bench.then = then
    with pytest.raises(Shared, match="both have gone"):
        carry_out(bench, change("xy-md02", 20, 21), journal)


@pytest.mark.parametrize("follows", Follows)
def test_a_write_that_got_lost_is_sent_again(follows: Follows, journal: Journal):
    bench = Bench([one("xy-md02", 20, follows)], lost_writes=1)
    assert carry_out(bench, change("xy-md02", 20, 21), journal) == NEW
    assert len(bench.written) == 2
    assert any("no answer to the write" in said for said in bench.said)
    assert sum(said.startswith("wrote") for said in bench.said) == 1


def test_of_writes_that_nobody_answered_no_more_is_said_than_is_known(journal: Journal):
    bench = Bench([one("xy-md02", 20)], lost_writes=9)
    with pytest.raises(Lost, match=r"is not known: nobody answered the write.*To find out, take its power"):
        carry_out(bench, change("xy-md02", 20, 21), journal)
    assert not any(said.startswith("wrote") for said in bench.said)
    bench.lost_writes = 0
    assert same_again(bench, change("xy-md02", 20, 21), journal) == NEW


def test_a_setting_that_is_not_shown_before_a_restart_is_waited_for(journal: Journal):
    device = one("xy-md02", 20, Follows.AFTER_RESTART)
    device._number = lambda key, setting: device.at.unit  # type: ignore[method-assign]
    bench = Bench([device])
    assert carry_out(bench, change("xy-md02", 20, 21), journal) == NEW
    assert any("does not show whether it took" in said for said in bench.said)


def test_a_device_that_answers_a_write_and_keeps_its_address_is_told(journal: Journal):
    device = one("xy-md02", 20, Follows.AFTER_RESTART)
    device._tell = lambda key, setting, number: None  # type: ignore[method-assign]
    bench = Bench([device])
    with pytest.raises(Kept, match="at unit 20 at 9600 8N1 as before: it did not take unit id 21"):
        carry_out(bench, change("xy-md02", 20, 21), journal)
    assert bench.restarts == 1
    assert journal.under_way() is None


def test_where_nobody_is_to_be_found_both_places_are_named(journal: Journal):
    bench = Bench([])
    entry = Entry("line", "xy-md02", OLD, NEW, OLD, NEW, Step.WRITTEN)
    with pytest.raises(Lost, match=r"at unit 21 at 9600 8N1, nobody answers; at unit 20 .*, nobody answers"):
        looked_for(bench, entry, journal)
    bench.devices = [one("xy-md02", 21), one("pzem-016", 21)]
    with pytest.raises(Lost, match="at unit 21 at 9600 8N1, something answers that is garbled"):
        looked_for(bench, entry, journal)


def saving() -> Profile:
    text = Path("drivers/profiles/xy-md02.toml").read_text("utf-8")
    save = "[readdress.save]\naddress = 0x0700\nvalue = 1\nverified = false\n\n"
    return parse_profile("xy-md02", text.replace("[readdress.unit]", save + "[readdress.unit]"))


@pytest.mark.parametrize("follows", Follows)
def test_the_save_command_goes_to_where_the_device_is_then(follows: Follows, journal: Journal):
    device = one("xy-md02", 20, follows)
    store, saved = device.write, []
    bench = Bench([device])

    def write(table: Table, address: int, values: tuple[int, ...]) -> None:
        if address != 0x0700:
            return store(table, address, values)
        saved.append(device.at.unit)
        return None

    device.write = write  # type: ignore[method-assign, assignment]
    carry_out(bench, Change("line", saving(), OLD, NEW, EVERYBODY), journal)
    assert saved == ([21] if follows is Follows.AT_ONCE else [20, 21])


def test_a_save_command_that_is_refused_is_told_and_holds_nobody_up(journal: Journal):
    bench = Bench([one("xy-md02", 20)])
    with pytest.raises(Refused, match="power cut may bring the former setting back"):
        carry_out(bench, Change("line", saving(), OLD, NEW, EVERYBODY), journal)
    assert bench.devices[0].at.unit == 21
    assert journal.under_way() is None


@pytest.mark.parametrize(
    ("profile", "to_line", "words"),
    [
        ("jxct-3001", Choice(4800), "codes of its baudrate are unverified .*nothing is written"),
        ("xy-md02", Choice(19200), "codes of its baudrate are unverified"),
        ("xy-md02", Choice(9600, "E"), "parity is changed is not known"),
    ],
)
def test_line_settings_by_unverified_codes_are_refused(
    profile: str, to_line: Choice, words: str, journal: Journal
):
    bench = Bench([one(profile, 20)])
    with pytest.raises(ConfigError, match=words):
        carry_out(bench, change(profile, 20, 20, to_line=to_line), journal)
    assert (bench.written, bench.count) == ([], 0)


def test_behind_a_converter_units_are_moved_and_line_settings_are_not(journal: Journal):
    bench = Bench([one("xy-md02", 20)])
    what = Change("10.0.0.7:502", load_profile("xy-md02"), Where(20, None), Where(21, None), EVERYBODY)
    assert str(carry_out(bench, what, journal)) == "unit 21"
    entry = journal.read()
    assert entry is not None
    assert entry.new == Where(21, None)
    assert "settings of its converter" in str(converter("10.0.0.7:502"))


def test_what_would_be_written_is_shown_as_it_goes_on_the_wire():
    (only,) = planned(change("xy-md02", 20, 21), BusKind.RTU)
    assert str(only) == "unit id 21: register 0x0101 = 0x0015, frame 14 06 01 01 00 15 1A FC"
    (behind,) = planned(change("xy-md02", 20, 21), BusKind.TCP)
    assert behind.frame == "14 06 01 01 00 15"
    shown = planned(Change("line", saving(), OLD, NEW), BusKind.RTU)
    assert [(one.unit, one.register) for one in shown] == [(20, 0x0101), (21, 0x0700)]
    baudrate, unit = planned(change("eastron-sdm120", 9, 10, to_line=Choice(4800)), BusKind.RTU)
    assert (baudrate.values, unit.values) == ((0x3F80, 0), (0x4120, 0))


def test_only_doubts_about_what_is_written_are_named():
    told = doubts(saving(), OLD, NEW)
    assert [one.split(" (")[0] for one in told] == ["unverified: the rule", "unverified: its save command"]
    pzem = load_profile("pzem-016")
    assert "unverified: where its unit id is (Common knowledge, not read in a manual)" in doubts(
        pzem, OLD, NEW
    )


def test_an_address_that_gateway_toml_gives_to_another_device_is_refused_by_its_name():
    devices = [Device(id="climate", profile="xy-md02", bus="line-1", address=21)]
    with pytest.raises(ConfigError, match=r"climate \(xy-md02\) at address 21 of line-1, perhaps"):
        refuse_taken(devices, NEW, None)
    refuse_taken(devices, NEW, "climate")
    refuse_taken(devices, Where(22, USUAL), None)
    with pytest.raises(ConfigError, match="no vane on this line; it has: climate"):
        refuse_taken(devices, NEW, "vane")


def test_what_gateway_toml_still_says_is_known_afterwards_and_rewritten_on_request():
    climate = Device(id="climate", profile="xy-md02", bus="line-1", address=20)
    assert left_behind([climate], OLD, NEW) == (climate,)
    assert left_behind([climate.model_copy(update={"address": 21})], OLD, NEW) == ()
    assert left_behind([climate], OLD, OLD) == ()
    text = '[[device]]\nid = "climate"  # in the shade\naddress = 20\n'
    assert with_address(text, [climate], 21) == text.replace("20", "21")


def test_a_device_that_left_the_settings_of_its_bus_is_told():
    bus = Bus(id="line-1", kind=BusKind.RTU, port="/dev/ttyUSB0")
    assert unreached(bus, NEW) == unreached(None, NEW) == unreached(bus, Where(20, None)) == ""
    assert "is at 9600 8N1, the device at 4800 8E1" in unreached(bus, Where(20, Choice(4800, "E")))


def test_the_last_change_is_taken_back_as_a_whole_and_once(journal: Journal):
    odd, device = Choice(4800, "E"), one("eastron-sdm120", 9, line=Choice(4800, "E"))
    bench = Bench([device])
    with pytest.raises(ConfigError, match="no change on this line"):
        way_back(journal.read(), None, EVERYBODY)
    carry_out(bench, change("eastron-sdm120", 9, 10, odd, USUAL), journal)
    carry_out(bench, way_back(journal.read(), None, EVERYBODY), journal)
    assert device.at == Reached(9, LineSettings(4800, "E"))
    with pytest.raises(ConfigError, match="taken back already: eastron-sdm120 is at unit 9 at 4800 8E1"):
        way_back(journal.read(), None, EVERYBODY)


def test_a_change_that_was_cut_off_halfway_is_taken_back_from_where_the_device_is():
    odd, between = Where(9, Choice(4800, "E")), Where(9, Choice(9600, "E"))
    there = Entry("line", "eastron-sdm120", odd, Where(10, USUAL), odd, between, Step.DONE)
    assert there.under_way
    back = way_back(there, between, EVERYBODY)
    assert (back.old, back.new, back.way) == (between, odd, Way.BACK)
    cut = replace(there, began=Where(10, USUAL), goal=odd, way=Way.BACK)
    again = way_back(cut, between, EVERYBODY)
    assert (again.old, again.new, again.way) == (between, odd, Way.BACK)


def test_a_journal_of_before_is_still_understood(journal: Journal):
    journal.write(Entry("line", "xy-md02", OLD, NEW, OLD, NEW, Step.WRITTEN))
    now = journal.path.read_text()
    line = '{"baudrate": 9600, "parity": "N", "stop_bits": 1}'
    journal.path.write_text(
        f'{{"version": 1, "place": "line", "profile": "xy-md02", "step": "written", '
        f'"old": {{"unit": 20, "line": {line}}}, "new": {{"unit": 21, "line": {line}}}}}'
    )
    entry = journal.under_way()
    assert entry is not None
    journal.write(entry)
    assert journal.path.read_text() == now


async def test_a_slower_twin_is_heard_on_a_line_with_real_times(tmp_path: Path):
    at = Reached(20, LineSettings(9600))
    quick, slow = (
        make_device(name, "xy-md02", at, Follows.AT_ONCE, late_s, lambda: NOON_S)
        for name, late_s in (("quick", 0.007), ("slow", 0.25))
    )
    async with Cabinet(tmp_path / "rs485", [quick, slow]):
        lines = RealLines(Place(BusKind.RTU, str(tmp_path / "rs485")))
        with pytest.raises(NotAlone, match="a second answer came, later than the first"):
            await prove_single(lines, OLD)
