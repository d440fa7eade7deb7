"""One device gets a new address, or nothing is written; a crash at any step loses no device."""

from pathlib import Path

import pytest

from drivers.coded import Table
from drivers.profile import Profile, load_profile, parse_profile
from edge.core.errors import ConfigError, NoAnswer, Refused
from provisioning.address.journal import Entry, Journal, Step, Where
from provisioning.address.rules import refuse_guess, stops, writes
from provisioning.address.site import Change, Guess, Lost, NotAlone
from provisioning.scan.plan import Choice
from simulators.cabinet import cabinet_devices
from simulators.cabinet_device import Follows, Reached
from simulators.wire import LineSettings
from tests.provisioning.address_bench import (
    EVERYBODY,
    NOON_S,
    USUAL,
    Bench,
    Crash,
    carry_out,
    change,
    looked_for,
    one,
    same_again,
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.json")


MOVED = [
    profile for profile in EVERYBODY if profile.readdress is not None and profile.readdress.unit is not None
]


@pytest.mark.parametrize("profile", MOVED, ids=lambda profile: profile.id)
@pytest.mark.parametrize("follows", Follows)
def test_every_profile_with_a_rule_can_be_moved_and_taken_back(
    profile: Profile, follows: Follows, journal: Journal
):
    bench = Bench([one(profile.id, 20, follows)])
    there = change(profile.id, 20, 77)
    assert carry_out(bench, there, journal) == Where(77, USUAL)
    assert bench.devices[0].at.unit == 77
    assert bench.restarts == (follows is Follows.AFTER_RESTART)
    entry = journal.read()
    assert entry is not None
    assert entry.step is Step.DONE
    back = Change("line", profile, entry.new, entry.old, EVERYBODY)
    assert carry_out(bench, back, journal) == Where(20, USUAL)
    assert bench.devices[0].at.unit == 20


def test_two_at_one_address_are_left_alone(journal: Journal):
    bench = Bench([one("xy-md02", 1), one("xy-md02", 1)])
    with pytest.raises(NotAlone, match="unplug"):
        carry_out(bench, change("xy-md02", 1, 21), journal)
    assert bench.written == []
    assert journal.read() is None


def test_an_address_that_is_taken_is_refused(journal: Journal):
    bench = Bench([one("xy-md02", 1), one("pzem-016", 21)])
    with pytest.raises(NotAlone, match="already"):
        carry_out(bench, change("xy-md02", 1, 21), journal)
    assert bench.written == []


@pytest.mark.parametrize(("real", "told"), [("xy-md02", "xy-md02-x100"), ("xy-md02-x100", "xy-md02")])
def test_a_clone_is_never_written_to_by_the_originals_rule(real: str, told: str, journal: Journal):
    bench = Bench([one(real, 20)])
    with pytest.raises(Guess):
        carry_out(bench, change(told, 20, 21), journal)
    assert bench.written == []


def test_a_clone_whose_scale_does_not_tell_is_told_by_its_register():
    kin = [
        (one.id, one.readdress.unit) for one in EVERYBODY if one.id.startswith("xy-md02") and one.readdress
    ]
    places = [(name, unit) for name, unit in kin if unit is not None]
    original = load_profile("xy-md02")
    assert refuse_guess(original, 20, {"xy-md02": 20, "xy-md02-x100": float("nan")}, places) == ""
    assert "another variant" in refuse_guess(original, 20, {"xy-md02": 2, "xy-md02-x100": 20}, places)
    assert "cannot be told" in refuse_guess(original, 2, {"xy-md02": 2, "xy-md02-x100": 2}, places)
    assert "cannot be read" in refuse_guess(original, 2, {}, places)


def test_baud_rate_and_parity_are_changed_one_after_the_other(journal: Journal):
    odd = Choice(4800, "E")
    bench = Bench([one("eastron-sdm120", 9, line=odd)])
    carry_out(bench, change("eastron-sdm120", 9, 10, odd, USUAL), journal)
    at = bench.devices[0].at
    assert (at.unit, at.line.baudrate, at.line.parity) == (10, 9600, "N")
    assert len(stops(load_profile("eastron-sdm120"), Where(9, odd), Where(10, USUAL))) == 4


def test_codes_that_are_not_the_profiles_are_not_written(journal: Journal):
    device = one("eastron-sdm120", 9, Follows.AFTER_RESTART)
    bench = Bench([device])
    device.told = Reached(9, LineSettings(19200))
    with pytest.raises(Guess, match="codes"):
        carry_out(bench, change("eastron-sdm120", 9, 9, USUAL, Choice(4800)), journal)
    assert bench.written == []


def test_a_write_whose_answer_is_lost_is_judged_by_looking(journal: Journal):
    bench = Bench([one("eastron-sdm630", 5)], deaf_answers=True)
    assert carry_out(bench, change("eastron-sdm630", 5, 6), journal) == Where(6, USUAL)
    assert len(bench.written) == 1


def test_nobody_there_is_said_and_nothing_is_written(journal: Journal):
    bench = Bench([one("eastron-sdm630", 5)])
    with pytest.raises(NoAnswer):
        carry_out(bench, change("eastron-sdm630", 7, 8), journal)


def test_where_nobody_can_restart_it_the_journal_waits(journal: Journal):
    bench = Bench([one("xy-md02", 20, Follows.AFTER_RESTART)])
    bench.somebody = False
    with pytest.raises(Lost, match="power"):
        carry_out(bench, change("xy-md02", 20, 21), journal)
    entry = journal.under_way()
    assert entry is not None
    assert entry.step is Step.RESTART
    with pytest.raises(Lost, match="holds the new setting"):
        looked_for(bench, entry, journal)
    bench.somebody = True
    assert looked_for(bench, entry, journal) == Where(21, USUAL)
    assert journal.under_way() is None


TWO_MORE = pytest.mark.parametrize(
    ("profile", "line", "to_line"),
    [
        ("xy-md02", USUAL, USUAL),
        pytest.param("eastron-sdm120", USUAL, Choice(4800, "E"), marks=pytest.mark.long),
    ],
)
"""One write, and three of them one after the other."""


@pytest.mark.parametrize("every", ["change", pytest.param("question", marks=pytest.mark.long)])
@pytest.mark.parametrize("follows", Follows)
@TWO_MORE
def test_a_kill_at_any_step_loses_no_device(
    follows: Follows, profile: str, line: Choice, to_line: Choice, every: str, tmp_path: Path
):
    whole = Bench([one(profile, 20, follows, line)])
    what = change(profile, 20, 33, line, to_line)
    carry_out(whole, what, Journal(tmp_path / "whole.json"))
    assert len(whole.changes) >= 10
    for crash_at in whole.changes if every == "change" else range(1, whole.count + 1):
        journal = Journal(tmp_path / f"{crash_at}.json")
        device = one(profile, 20, follows, line)
        with pytest.raises(Crash):
            carry_out(Bench([device], crash_at), what, journal)
        assert same_again(Bench([device]), what, journal) == what.new, f"killed at {crash_at}"
        assert device.at == Reached(33, LineSettings(to_line.baudrate, to_line.parity))
        assert journal.under_way() is None


def test_a_change_of_several_settings_goes_on_from_where_the_device_is_found(journal: Journal):
    """Killed in the second of three writes: at its old place nobody is any more, at the new one not yet."""
    odd, device = Choice(4800, "E"), one("eastron-sdm120", 9, line=Choice(4800, "E"))
    what, bench = change("eastron-sdm120", 9, 10, odd, USUAL), Bench([device])
    carry_out(bench, what, Journal(journal.path.with_name("whole.json")))
    device = one("eastron-sdm120", 9, line=odd)
    with pytest.raises(Crash):
        carry_out(Bench([device], bench.changes[len(bench.changes) // 3 + 2]), what, journal)
    between = Reached(9, LineSettings(9600, "E"))
    assert device.at == between
    with pytest.raises(Crash):
        same_again(Bench([device], 3), what, journal)
    assert device.at == between
    assert same_again(Bench([device]), what, journal) == what.new
    assert device.at == Reached(10, LineSettings(9600))


def test_two_places_at_once_are_two_devices(journal: Journal):
    bench = Bench([one("xy-md02", 20), one("xy-md02", 21)])
    old, new = Where(20, USUAL), Where(21, USUAL)
    entry = Entry("line", "xy-md02", old, new, old, new, Step.WRITING)
    with pytest.raises(NotAlone, match="two devices"):
        looked_for(bench, entry, journal)


def test_a_save_command_follows_the_setting(journal: Journal):
    text = Path("drivers/profiles/xy-md02.toml").read_text("utf-8")
    text = text.replace(
        "[readdress.unit]", "[readdress.save]\naddress = 0x0700\nvalue = 1\n\n[readdress.unit]"
    )
    profile = parse_profile("xy-md02", text)
    assert profile.readdress is not None
    assert profile.readdress.save is not None
    bench = Bench([one("xy-md02", 20, Follows.AFTER_RESTART)])
    what = Change("line", profile, Where(20, USUAL), Where(21, USUAL), EVERYBODY)
    with pytest.raises(Refused):
        carry_out(bench, what, journal)
    assert [address for _, address, _ in bench.written] == [0x0101, 0x0700]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (change("sensecap-s500", 1, 2), "no \\[readdress\\] rule"),
        (change("pzem-016", 1, 1), "nothing to change"),
        (change("pzem-016", 1, 1, to_line=Choice(4800)), "not known"),
        (change("eastron-sdm120", 1, 1, to_line=Choice(115200)), "not 115200"),
    ],
)
def test_what_the_rule_cannot_do_is_said(what: Change, words: str):
    with pytest.raises(ConfigError, match=words):
        writes(what.profile, what.old, what.new)


def test_a_journal_that_is_not_ours_is_not_overwritten(tmp_path: Path):
    file = tmp_path / "journal.json"
    file.write_text("[]")
    with pytest.raises(ConfigError, match="no journal"):
        Journal(file).under_way()


def test_the_cabinets_clone_keeps_its_id_where_the_original_keeps_its_speed():
    names = {device.name: device for device in cabinet_devices(lambda: NOON_S)}
    assert names["clone"].read(Table.HOLDING, 0x0100, 1)[0] == 33
    assert names["clone"].read(Table.HOLDING, 0x0101, 1)[0] == 2
