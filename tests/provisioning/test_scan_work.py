"""A scan finds who is there, says what is wrong with the line, and goes on where it was interrupted."""

import random
from pathlib import Path

import pytest

from drivers.line_errors import ErrorCounts
from provisioning.scan.book import Book, resume, save
from provisioning.scan.evidence import Answered, RemarkKind, Trial
from provisioning.scan.plan import Choice, Question, Wish
from tests.provisioning.fake_line import FakeLines
from tests.provisioning.test_scan_plan import run

USUAL = Choice(9600)
KNOWN = Wish((USUAL,), tuple(range(1, 41)), listen=False)


def kinds(book: Book) -> set[RemarkKind]:
    return {remark.kind for remark in book.remarks.values()}


def test_two_at_one_address_are_told_from_their_garbled_answers():
    chance = random.Random(1)

    def odd(unit: int, _: Question) -> Trial | None:
        if unit != 1:
            return None
        if chance.random() < 0.3:
            return Trial(1, Answered.VALUES, b"\1\3\2\0\7")
        return Trial(1, Answered.GARBLED, chance.randbytes(9))

    book = run(FakeLines({USUAL: {2, 5}}, odd), KNOWN)
    assert kinds(book) == {RemarkKind.DUPLICATE}
    remark = next(iter(book.remarks.values()))
    assert remark.unit == 1
    assert "garbled" in remark.evidence
    assert "unplug" in remark.next_step
    assert book.finds[USUAL, 1].answered is Answered.GARBLED
    assert book.finds[USUAL, 2].answered is Answered.VALUES


def test_two_at_one_address_that_are_late_are_found_by_what_comes_before_the_next_question():
    patiently = iter(range(100))

    def odd(unit: int, _: Question) -> Trial | None:
        if unit == 1 and next(patiently) == 0:
            return Trial(1, Answered.SILENT)
        if unit == 1:
            return Trial(1, Answered.GARBLED, b"\1\x83\x42\0\7\6")
        return Trial(2, Answered.SILENT, stray=b"\1\x83\x42\0\7\6") if unit == 2 else None

    book = run(FakeLines({USUAL: {5}}, odd), KNOWN)
    assert {unit for _, unit in book.finds} == {1, 5}
    assert kinds(book) == {RemarkKind.DUPLICATE}


def test_garbage_between_all_questions_is_nobodys_answer():
    odd = FakeLines({USUAL: {5}}, lambda unit, _: Trial(unit, Answered.SILENT, stray=b"\x42\x4d\0"))
    assert not run(odd, KNOWN).finds


def test_garbage_from_everybody_is_the_lines_fault():
    book = run(
        FakeLines({}, lambda unit, _: Trial(unit, Answered.GARBLED, b"\x13\x55\xf0\x01\x02\x03")), KNOWN
    )
    assert kinds(book) == {RemarkKind.NOISE}
    assert not book.finds


def test_swapped_wires_are_told_from_breaks():
    book = run(FakeLines({}, lambda unit, _: Trial(unit, Answered.SILENT, b"\0")), KNOWN)
    assert kinds(book) == {RemarkKind.SWAPPED}


def test_an_echo_is_told_and_does_no_harm():
    def odd(unit: int, _: Question) -> Trial | None:
        return Trial(unit, Answered.VALUES if unit == 3 else Answered.SILENT, b"", echoed=True)

    book = run(FakeLines({}, odd), KNOWN)
    assert kinds(book) == {RemarkKind.ECHO}
    assert set(book.finds) == {(USUAL, 3)}


def test_wrong_parity_is_told_from_what_the_adapter_counts():
    def odd(unit: int, _: Question) -> Trial | None:
        if unit != 7:
            return None
        return Trial(7, Answered.VALUES, b"\7\3\2\0\7\0\0", errors=ErrorCounts(frame=3))

    book = run(FakeLines({}, odd), KNOWN)
    assert kinds(book) == {RemarkKind.PARITY}
    assert "--parity E" in next(iter(book.remarks.values())).next_step


def test_the_wrong_parity_that_was_given_is_found_out():
    book = run(FakeLines({Choice(9600, "E"): {9}}), KNOWN)
    assert set(book.finds) == {(Choice(9600, "E"), 9)}


def test_a_late_answer_is_asked_for_again_and_never_taken_for_another_units():
    def odd(unit: int, _: Question) -> Trial | None:
        if unit == 6:
            return Trial(6, Answered.VALUES, b"x" * 7) if lines.asked.count((USUAL, 6)) > 1 else None
        return Trial(7, Answered.SILENT, b"", strange=(6,)) if unit == 7 else None

    lines = FakeLines({}, odd)
    book = run(lines, KNOWN)
    assert set(book.finds) == {(USUAL, 6)}
    assert kinds(book) == {RemarkKind.LATE}


def test_sensors_that_talk_by_themselves_are_known_by_their_frames():
    frame = bytes.fromhex("424d001c") + bytes(26)
    frame += (sum(frame)).to_bytes(2, "big")
    nmea = b"$WIMWV,041.1,R,01.0,N,A*16\r\n" * 2
    lines = FakeLines({}, talks={USUAL: frame * 2, Choice(4800): nmea})
    book = run(lines, Wish(quick=True))
    found = {find.profile: find.choice for find in book.finds.values()}
    assert found == {"pms5003": USUAL, "nmea-weather": Choice(4800)}


def test_different_settings_on_one_line_are_told():
    book = run(FakeLines({USUAL: {1}, Choice(4800, "E"): {9}}), Wish(quick=True))
    assert kinds(book) == {RemarkKind.MIXED}


def test_nothing_at_all_is_told_with_what_to_check():
    book = run(FakeLines({}), KNOWN)
    assert kinds(book) == {RemarkKind.NOTHING}


def test_a_server_that_answers_as_every_unit_is_one_device():
    book = run(FakeLines({None: set(range(256))}), Wish((None,), listen=False))
    assert set(book.finds) == {(None, 1)}
    assert kinds(book) == {RemarkKind.ANY_UNIT}


@pytest.mark.parametrize("stop_after", [1, 7, 25, 39])
def test_an_interrupted_scan_goes_on_and_finds_the_same(tmp_path: Path, stop_after: int):
    wish, here = KNOWN, {USUAL: {1, 3, 17, 39}}
    first, book = FakeLines(here, stop_after=stop_after), Book("line")
    with pytest.raises(KeyboardInterrupt):
        run(first, wish, book)
    save(tmp_path / "state.json", book, "plan", 1000.0)
    assert resume(tmp_path / "state.json", "line", "another plan", 1000.0) is None
    assert resume(tmp_path / "state.json", "line", "plan", 1e9) is None
    again = resume(tmp_path / "state.json", "line", "plan", 1010.0)
    assert again is not None
    second = FakeLines(here)
    run(second, wish, again)
    assert set(again.finds) == {(USUAL, unit) for unit in (1, 3, 17, 39)}
    asked_twice = {unit for _, unit in second.asked} & {unit for _, unit in first.asked}
    assert asked_twice <= {1, 3, 17, 39}


def test_a_state_file_that_is_broken_is_as_none(tmp_path: Path):
    file = tmp_path / "state.json"
    for content in ("", "{", "[]", '{"version":1}'):
        file.write_text(content)
        assert resume(file, "line", "plan", 0.0) is None
