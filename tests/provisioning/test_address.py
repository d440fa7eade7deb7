"""One device gets a new address, or nothing is written; a crash at any step loses no device."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drivers.coded import Table
from drivers.profile import Profile, load_profile, parse_profile
from edge.core.errors import ConfigError, NoAnswer, ProtocolError, Refused
from provisioning.address.journal import Entry, Journal, Step, Where
from provisioning.address.rules import refuse_guess
from provisioning.address.work import Change, Guess, Lost, NotAlone, moves, recover, set_address
from provisioning.identify.work import modbus_profiles
from provisioning.scan.evidence import Answered, Trial
from provisioning.scan.plan import Choice, Question
from simulators.cabinet import cabinet_devices, make_device
from simulators.cabinet_device import CabinetDevice, Follows, Reached
from simulators.frames import frame
from simulators.modbus import REGISTERS_WRITE_MAX
from simulators.wire import LineSettings

EVERYBODY = modbus_profiles()
USUAL = Choice(9600)
NOON_S = 1_800_000_000.0


class Crash(BaseException):
    """The process is killed here."""


@dataclass
class Bench:
    """Devices on a line in memory; the process can be killed before or after its nth question or write."""

    devices: Sequence[CabinetDevice]
    crash_at: int = -1
    deaf_answers: bool = False
    count: int = 0
    written: list[tuple[int, int, tuple[int, ...]]] = field(default_factory=list)
    restarts: int = 0
    somebody: bool = True

    def at(self, choice: Choice | None, answer_s: float, quiet_s: float) -> "BenchLine":
        assert choice is not None
        return BenchLine(self, LineSettings(choice.baudrate, choice.parity, choice.stop_bits))

    async def restart(self, profile: str, where: Where) -> bool:
        self.restarts += 1
        for device in self.devices:
            device.restart()
        return self.somebody

    def tick(self) -> None:
        self.count += 1
        if self.count == self.crash_at:
            raise Crash


@dataclass
class BenchLine:
    bench: Bench
    line: LineSettings

    async def __aenter__(self) -> "BenchLine":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def _heard(self, unit: int, pdu: bytes) -> list[bytes]:
        answers = [device.hear(frame(unit, pdu), self.line) for device in self.bench.devices]
        return [answer for answer in answers if answer is not None]

    def _one(self, unit: int, pdu: bytes) -> bytes:
        self.bench.tick()
        answers = self._heard(unit, pdu)
        self.bench.tick()
        if not answers:
            raise NoAnswer("silent")
        if len(answers) > 1:
            raise ProtocolError("garbled")
        if answers[0][1] & 0x80:
            raise Refused("refused", answers[0][2])
        return answers[0]

    async def ask(self, unit: int, question: Question) -> Trial:
        try:
            await self.read(unit, question.table, question.address, question.count)
        except NoAnswer:
            return Trial(unit, Answered.SILENT)
        except ProtocolError:
            return Trial(unit, Answered.GARBLED, b"garbage")
        except Refused as refused:
            return Trial(unit, Answered.REFUSAL, code=refused.code)
        return Trial(unit, Answered.VALUES)

    async def read(self, unit: int, table: Table, address: int, count: int) -> bytes:
        function = {Table.COIL: 1, Table.DISCRETE: 2, Table.HOLDING: 3, Table.INPUT: 4}[table]
        pdu = bytes((function, *divmod(address, 256), *divmod(count, 256)))
        return self._one(unit, pdu)[3:-2]

    async def write(self, unit: int, table: Table, address: int, values: Sequence[int], many: bool) -> None:
        assert len(values) <= REGISTERS_WRITE_MAX
        words = b"".join(value.to_bytes(2, "big") for value in values)
        self.bench.written.append((unit, address, tuple(values)))
        if many:
            head = bytes((16, *divmod(address, 256), *divmod(len(values), 256), len(words)))
        else:
            head = bytes((6, *divmod(address, 256)))
        answer = self._one(unit, head + words)
        if self.bench.deaf_answers:
            raise NoAnswer(f"lost {len(answer)} bytes")


def one(profile: str, unit: int, follows: Follows = Follows.AT_ONCE, line: Choice = USUAL) -> CabinetDevice:
    settings = LineSettings(line.baudrate, line.parity)
    return make_device("one", profile, Reached(unit, settings), follows, 0.005, lambda: NOON_S, seed=3)


def change(profile: str, unit: int, to: int, line: Choice = USUAL, to_line: Choice | None = None) -> Change:
    new = Where(to, to_line or line)
    return Change("line", load_profile(profile), Where(unit, line), new, EVERYBODY)


def carry_out(bench: Bench, what: Change, journal: Journal) -> Where:
    said: list[str] = []
    return asyncio.run(set_address(bench, what, journal, bench, said.append))


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
    assert len(moves(change("eastron-sdm120", 9, 10, odd, USUAL))) == 3


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
    bench.devices[0].restart = lambda: None  # type: ignore[method-assign]
    with pytest.raises(Lost, match="power"):
        carry_out(bench, change("xy-md02", 20, 21), journal)
    entry = journal.under_way()
    assert entry is not None
    assert entry.step is Step.WRITTEN
    with pytest.raises(Lost):
        asyncio.run(recover(bench, entry, load_profile("xy-md02"), journal, bench))
    del bench.devices[0].restart
    bench.somebody = True
    assert asyncio.run(recover(bench, entry, load_profile("xy-md02"), journal, bench)) == Where(21, USUAL)
    assert journal.under_way() is None


@pytest.mark.parametrize("follows", Follows)
@pytest.mark.parametrize(
    ("profile", "line", "to_line"),
    [
        ("xy-md02", USUAL, USUAL),
        pytest.param("eastron-sdm120", USUAL, Choice(4800, "E"), marks=pytest.mark.long),
    ],
)
def test_a_kill_at_any_step_loses_no_device(
    follows: Follows, profile: str, line: Choice, to_line: Choice, tmp_path: Path
):
    whole = Bench([one(profile, 20, follows, line)])
    what = change(profile, 20, 33, line, to_line)
    carry_out(whole, what, Journal(tmp_path / "whole.json"))
    for crash_at in range(1, whole.count + 1):
        journal = Journal(tmp_path / f"{crash_at}.json")
        device = one(profile, 20, follows, line)
        with pytest.raises(Crash):
            carry_out(Bench([device], crash_at), what, journal)
        bench = Bench([device])
        entry = journal.under_way()
        last = journal.read()
        at = last.new if last is not None else what.old
        if entry is not None:
            at = asyncio.run(recover(bench, entry, what.profile, journal, bench))
        reached = (device.at.unit, device.at.line.baudrate, device.at.line.parity)
        assert reached == (at.unit, at.line.baudrate, at.line.parity), f"killed at {crash_at}"
        if at != what.new:
            carry_out(bench, Change("line", what.profile, at, what.new, EVERYBODY), journal)
        assert device.at.unit == 33


def test_two_places_at_once_are_two_devices(journal: Journal):
    bench = Bench([one("xy-md02", 20), one("xy-md02", 21)])
    entry = Entry("line", "xy-md02", Where(20, USUAL), Where(21, USUAL), Step.WRITING)
    with pytest.raises(NotAlone, match="two devices"):
        asyncio.run(recover(bench, entry, load_profile("xy-md02"), journal, bench))


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
        moves(what)


def test_a_journal_that_is_not_ours_is_not_overwritten(tmp_path: Path):
    file = tmp_path / "journal.json"
    file.write_text("[]")
    with pytest.raises(ConfigError, match="no journal"):
        Journal(file).under_way()


def test_the_cabinets_clone_keeps_its_id_where_the_original_keeps_its_speed():
    names = {device.name: device for device in cabinet_devices(lambda: NOON_S)}
    assert names["clone"].read(Table.HOLDING, 0x0100, 1)[0] == 33
    assert names["clone"].read(Table.HOLDING, 0x0101, 1)[0] == 2
