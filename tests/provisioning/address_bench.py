"""Devices on a line in memory, and hands beside them: for proofs of how a device gets a new address."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from drivers.coded import Table
from drivers.line_errors import ErrorCounts
from drivers.profile import load_profile
from edge.core.errors import NoAnswer, ProtocolError, Refused
from provisioning.address.journal import Entry, Journal, Step, Where
from provisioning.address.resume import is_rest, rest_of
from provisioning.address.site import Change, Site
from provisioning.address.work import recover, set_address, was_done
from provisioning.identify.work import modbus_profiles
from provisioning.scan.evidence import Answered, Trial
from provisioning.scan.plan import Choice, Question
from simulators.cabinet import make_device
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
    """The line. The process can be killed before or after its nth question or entry of the journal; `changes`
    are those beside which something changed, in the device or on disk.

    `late` devices answer after the pause that follows a question; of the first writes, `lost_writes` never
    arrive; with `deaf_answers` no answer to a write is heard. `then` happens after an entry of the journal.
    """

    devices: Sequence[CabinetDevice]
    crash_at: int = -1
    deaf_answers: bool = False
    lost_writes: int = 0
    late: Sequence[CabinetDevice] = ()
    errors: ErrorCounts | None = None
    count: int = 0
    changes: list[int] = field(default_factory=list)
    written: list[tuple[int, int, tuple[int, ...]]] = field(default_factory=list)
    restarts: int = 0
    somebody: bool = True
    said: list[str] = field(default_factory=list)
    then: Callable[[Step], None] = lambda _: None
    under_way: bytes = b""
    stray: bytes = b""

    def at(self, choice: Choice | None, answer_s: float, quiet_s: float) -> "BenchLine":
        line = choice or USUAL
        return BenchLine(self, LineSettings(line.baudrate, line.parity, line.stop_bits))

    async def pause(self, for_s: float) -> None:
        self.stray, self.under_way = self.stray + self.under_way, b""

    async def restart(self, profile: str, where: Where) -> bool:
        self.restarts += 1
        if self.somebody:
            for device in self.devices:
                device.restart()
        return self.somebody

    def tick(self, changes: bool = False) -> None:
        self.count += 1
        if changes:
            self.changes.append(self.count)
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

    def _heard(self, devices: Sequence[CabinetDevice], request: bytes) -> list[bytes]:
        answers = [device.hear(request, self.line) for device in devices]
        return [answer for answer in answers if answer is not None]

    def _one(self, unit: int, pdu: bytes) -> bytes:
        bench, request, changes = self.bench, frame(unit, pdu), pdu[0] in (6, 16)
        bench.tick(changes)
        answers = self._heard(bench.devices, request)
        bench.under_way = b"".join(self._heard(bench.late, request))
        bench.tick(changes)
        if not answers:
            raise NoAnswer("silent")
        if len(answers) > 1:
            raise ProtocolError("garbled")
        if answers[0][1] & 0x80:
            raise Refused("refused", answers[0][2])
        return answers[0]

    async def ask(self, unit: int, question: Question) -> Trial:
        stray, self.bench.stray, code, heard = self.bench.stray, b"", 0, b""
        try:
            await self.read(unit, question.table, question.address, question.count)
            answered = Answered.VALUES
        except NoAnswer:
            answered = Answered.SILENT
        except ProtocolError:
            answered, heard = Answered.GARBLED, b"garbage"
        except Refused as refused:
            answered, code = Answered.REFUSAL, refused.code
        return Trial(unit, answered, heard, code, errors=self.bench.errors, stray=stray)

    async def read(self, unit: int, table: Table, address: int, count: int) -> bytes:
        function = {Table.COIL: 1, Table.DISCRETE: 2, Table.HOLDING: 3, Table.INPUT: 4}[table]
        pdu = bytes((function, *divmod(address, 256), *divmod(count, 256)))
        return self._one(unit, pdu)[3:-2]

    async def write(self, unit: int, table: Table, address: int, values: Sequence[int], many: bool) -> None:
        assert len(values) <= REGISTERS_WRITE_MAX
        words = b"".join(value.to_bytes(2, "big") for value in values)
        self.bench.written.append((unit, address, tuple(values)))
        if len(self.bench.written) <= self.bench.lost_writes:
            raise NoAnswer("lost on the way")
        if many:
            head = bytes((16, *divmod(address, 256), *divmod(len(values), 256), len(words)))
        else:
            head = bytes((6, *divmod(address, 256)))
        answer = self._one(unit, head + words)
        if self.bench.deaf_answers:
            raise NoAnswer(f"lost {len(answer)} bytes")


class MortalJournal(Journal):
    """The process can also be killed before and after each of its entries."""

    def __init__(self, journal: Journal, bench: Bench) -> None:
        super().__init__(journal.path)
        self._bench = bench

    def write(self, entry: Entry) -> None:
        self._bench.tick(changes=True)
        super().write(entry)
        self._bench.then(entry.step)
        self._bench.tick(changes=True)


def one(profile: str, unit: int, follows: Follows = Follows.AT_ONCE, line: Choice = USUAL) -> CabinetDevice:
    """A device of this profile, as it hangs on the line."""
    settings = LineSettings(line.baudrate, line.parity)
    return make_device("one", profile, Reached(unit, settings), follows, 0.005, lambda: NOON_S, seed=3)


def change(profile: str, unit: int, to: int, line: Choice = USUAL, to_line: Choice | None = None) -> Change:
    """What is wanted."""
    new = Where(to, to_line or line)
    return Change("line", load_profile(profile), Where(unit, line), new, EVERYBODY)


def site_of(bench: Bench, journal: Journal) -> Site:
    """The bench with a journal beside it."""
    return Site(bench, MortalJournal(journal, bench), bench, bench.said.append)


def carry_out(bench: Bench, what: Change, journal: Journal) -> Where:
    """The change, on its own."""
    return asyncio.run(set_address(site_of(bench, journal), what))


def looked_for(bench: Bench, entry: Entry, journal: Journal) -> Where:
    """Where the device of an unfinished change is."""
    return asyncio.run(recover(site_of(bench, journal), entry, load_profile(entry.profile)))


def same_again(bench: Bench, what: Change, journal: Journal) -> Where:
    """What the same command does once more after it was cut off."""
    entry = journal.under_way()
    if entry is None:
        done = asyncio.run(was_done(site_of(bench, journal), what.old, what.new))
        return done.goal if done is not None else carry_out(bench, what, journal)
    found = looked_for(bench, entry, journal)
    rest = rest_of(entry, found, what.new, EVERYBODY) if is_rest(entry, found, what.old, what.new) else what
    return found if rest.old == rest.new else carry_out(bench, rest, journal)
