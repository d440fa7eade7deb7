"""The files of a commissioning: journal, gateway.toml with its backups, photos, records. All blocks."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge.config import installed
from edge.config.commissioning import SignAnswer
from edge.config.commissioning_view import Placed, Step, Todo, View
from edge.config.faults import Check
from edge.config.load import load, read_text
from edge.config.schema import Config
from edge.config.section import Section
from edge.core.errors import ConfigError, TransientError
from edge.core.owned import write_owned
from edge.core.sayings import say
from edge.core.times import rfc3339_ms
from provisioning.commission.document import with_commission
from provisioning.commission.facts import Begun, Entry, Removed, Undone, Written
from provisioning.commission.journal import Journal
from provisioning.commission.state import Commission, fold, is_written, to_do, to_undo
from provisioning.commission.view import view_of


@dataclass(frozen=True, slots=True)
class Finished:
    """What a record is made of: what stands, its beginning, place and signature, and all that was done."""

    whole: Commission
    begun: Begun
    place: Placed
    signed: SignAnswer
    entries: Sequence[Entry]
    config: Config


Finish = Callable[[Finished, Path], None]
"""Makes the record's files in a folder; does so again if it was cut off. Blocks; raises OSError."""


class Bench:
    """Where the commissioning of one gateway lies. `check` judges a configuration as the gateway would."""

    def __init__(self, file: Path, check: Check, now_ns: Callable[[], int], finish: Finish) -> None:
        self.file = file
        self._check, self._now_ns, self._finish = check, now_ns, finish

    def view(self) -> View:
        """What was done and what is to do."""
        with self._at_work() as (journal, whole, config):
            return self._view(journal, whole, config)

    def whole(self) -> Commission:
        """What stands now."""
        with self._at_work() as (_, whole, _):
            return whole

    def note(self, step: Step, fact: Section, by: str) -> View:
        """Keep a step."""
        with self._at_work() as (journal, whole, config):
            if isinstance(fact, Removed):
                known(whole, fact.device)
            if isinstance(fact, SignAnswer):
                self._may_sign(whole, fact)
            self._append(journal, whole, config, step, fact, by)
            if step is Step.SIGN:
                self._close(journal, config)
            return self._view(journal, fold(journal.entries()), config)

    def photo(self, name: str, picture: bytes) -> None:
        """Keep a picture beside the journal."""
        with self._at_work() as (journal, whole, _):
            if whole.begun is None:
                raise ConfigError(say("photo_before_place"))
            write_owned(journal.current / name, picture)

    def write(self, by: str) -> None:
        """Put the answers into gateway.toml: the journal first, then the backup, then the file."""
        with self._at_work() as (journal, whole, config):
            if whole.begun is None:
                raise ConfigError(say("nothing_answered"))
            before = read_text(self.file)
            after = with_commission(before, whole)
            if is_written(whole, installed.sha_of(before)):
                return
            installed.check_text(self.file, after, self._check)
            name = f"gateway-{len(journal.entries()):04}.toml"
            installed.keep(self.file, journal.current / name)
            fact = Written(
                backup=name,
                before=installed.sha_of(before),
                after=installed.sha_of(after),
                plan=whole.plan,
            )
            self._append(journal, whole, config, Step.WRITE, fact, by)
            installed.put(self.file, after)

    def undo(self, by: str) -> tuple[str, bool]:
        """Take the last step back; gives its name, and whether gateway.toml changed with it.

        Without a commissioning at work, the last record is opened again: its signature is the last step.
        """
        with self._at_work() as (journal, whole, config):
            if not whole.steps:
                return self._reopen(journal, config, by), False
            count = to_undo(whole)
            if count == 0:
                journal.discard()
                return Step.BEGIN, False
            step = whole.steps[-count]
            changed = isinstance(step.fact, Written) and self._put_back(journal, step.fact)
            self._append(journal, whole, config, Step.UNDO, Undone(count=count), by)
            return step.step, changed

    def _put_back(self, journal: Journal, written: Written) -> bool:
        now = installed.sha_now(self.file)
        if now == written.before:
            return False
        if now != written.after:
            raise ConfigError(
                say("file_changed_since", file=self.file, folder=journal.current / written.backup)
            )
        installed.put(self.file, read_text(journal.current / written.backup))
        return True

    def discard(self) -> None:
        """Forget the commissioning at work; gateway.toml stays as it is."""
        with self._at_work() as (journal, _, _):
            journal.discard()

    def record(self, record: str, name: str) -> Path:
        """A file of a signed record. Raises ConfigError if there is none."""
        journal = Journal(self._config().gateway.data_dir)
        path = journal.file(record) / name
        if record not in journal.records() or not path.is_file():
            raise ConfigError(say("no_record", name=name, record=f"{record!r}"))
        return path

    @contextmanager
    def _at_work(self) -> Iterator[tuple[Journal, Commission, Config]]:
        config = self._config()
        journal = Journal(config.gateway.data_dir)
        try:
            with journal.locked():
                whole = fold(journal.entries())
                if whole.signed is not None:  # a loss of power came between the signature and its record
                    self._close(journal, config)
                    whole = Commission()
                yield journal, whole, config
        except OSError as error:
            where = error.filename or self.file
            raise TransientError(say("journal_unwritten", file=where, why=error.strerror)) from error

    def _config(self) -> Config:
        return load(self.file).config

    def _append(
        self, journal: Journal, whole: Commission, config: Config, step: Step, fact: Section, by: str
    ) -> None:
        now_ns, gateway = self._now_ns(), config.gateway.id
        at = rfc3339_ms(now_ns)
        if whole.begun is None:
            moment = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC)
            begun = Begun(id=f"{moment:%Y%m%d-%H%M%S}-{gateway}", gateway=gateway, file=str(self.file))
            journal.append(Entry(at=at, by=by, step=Step.BEGIN, fact=begun))
        journal.append(Entry(at=at, by=by, step=step, fact=fact))

    def _may_sign(self, whole: Commission, answer: SignAnswer) -> None:
        if whole.place is None or not whole.devices:
            raise ConfigError(say("nothing_to_sign"))
        missing = [one.en for one in self._to_do(whole) if one.step is not Step.SIGN]
        if missing and not answer.exceptions:
            raise ConfigError(say("not_to_be_signed", missing="; ".join(missing)))

    def _close(self, journal: Journal, config: Config) -> None:
        entries = journal.entries()
        whole = fold(entries)
        if whole.begun is None or whole.place is None or whole.signed is None:
            raise ConfigError(say("signature_alone"))
        finished = Finished(whole, whole.begun, whole.place, whole.signed, entries, config)
        self._finish(finished, journal.current)
        journal.close(whole.begun.id)

    def _reopen(self, journal: Journal, config: Config, by: str) -> str:
        records = journal.records()
        if not records:
            raise ConfigError(say("nothing_to_undo"))
        journal.reopen(records[-1])
        # Until the next line is written the signature stands: then the record is made and closed again.
        self._append(journal, fold(journal.entries()), config, Step.UNDO, Undone(count=1), by)
        return Step.SIGN

    def _to_do(self, whole: Commission) -> list[Todo]:
        return to_do(whole, installed.sha_now(self.file))

    def _view(self, journal: Journal, whole: Commission, config: Config) -> View:
        todo = self._to_do(whole) if whole.signed is None else []
        return view_of(whole, todo, config.gateway.id, journal.records())


def known(whole: Commission, device: str) -> None:
    """Raises ConfigError for a device that is not part of this commissioning."""
    if device not in whole.devices:
        names = ", ".join(whole.devices) or "none yet"
        raise ConfigError(say("no_device_of_commission", device=f"{device!r}", known=names))
