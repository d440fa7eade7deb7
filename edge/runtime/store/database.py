"""The SQLite file: opening, settings, transactions, wear. The only module that knows apsw."""

import contextlib
import time
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

import apsw

from edge.core.errors import ConfigError, TransientError

Value = int | str | bytes | float | None
"""What a column may hold."""

APPLICATION_ID = 0x4769616E
"""`Gian` in the file's header: other programs' files are left alone."""

VERSION = 3
"""Version of the schema; schema/v1.sql to schema/v<VERSION>.sql lead to it one by one."""

MEMORY = "memory/"
"""What the keys of the Memory port begin with in the file."""

PAGE_BYTES = 4096
FRAME_BYTES = PAGE_BYTES + 24
CACHE_KIB = 2048
WAL_PAGES_MAX = 1000
CHECK_S = 0.5
"""How long the check after an unclean stop may take."""


class StoreTrouble(TransientError):
    """The disk does not take or give data now; the file itself is not known to be damaged."""


class StoreDamaged(TransientError):
    """The file is not a sound database."""


class Database:
    """One exclusive connection. Not for two threads at once.

    synchronous=FULL: a commit that returned survives a power cut. The exclusive lock keeps a second
    gateway out and spares the shared-memory file.
    """

    def __init__(self, path: Path, bytes_max: int, vfs: str | None = None) -> None:
        self._path = path
        self._vfs = vfs
        self._wal_pages_max = max(16, min(WAL_PAGES_MAX, bytes_max // 32 // PAGE_BYTES))
        self._connection: apsw.Connection | None = None
        self._frames = 0
        self._frames_counted = 0
        self.bytes_written = 0

    @property
    def wal_bytes_max(self) -> int:
        """About what the write-ahead log may take beside the file."""
        return 2 * self._wal_pages_max * FRAME_BYTES

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    def open(self) -> None:
        """Open or create the file. Raises ConfigError, StoreDamaged or StoreTrouble."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreTrouble(f"cannot make the folder of {self._path}: {error.strerror}") from error
        if self._read_only_by_header():
            raise StoreDamaged(f"{self._path} is damaged: its header says that nobody may write it")
        with self._translated():
            self._connection = apsw.Connection(str(self._path), vfs=self._vfs)
        try:
            with self._translated():
                self._set_up(self._connection)
        except BaseException:
            self.close()
            raise

    def _read_only_by_header(self) -> bool:
        """SQLite takes unknown versions of the file format for files that may only be read."""
        try:
            with open(self._path, "rb", buffering=0) as file:
                return any(version > 2 for version in file.read(20)[18:])
        except OSError:
            return False

    def _set_up(self, connection: apsw.Connection) -> None:
        connection.set_busy_timeout(0)
        self._own(connection)
        for pragma in (
            f"cache_size=-{CACHE_KIB}",
            "temp_store=MEMORY",
            "mmap_size=0",
            "synchronous=FULL",
            f"journal_size_limit={self._wal_pages_max * FRAME_BYTES}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.set_wal_hook(self._committed)
        self._frames = self._frames_counted = 0
        self._migrate(connection)
        self.checkpoint(everything=True)

    def _own(self, connection: apsw.Connection) -> None:
        """Take the lock before anything is changed, and refuse files that are not ours."""
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            connection.execute("BEGIN IMMEDIATE; COMMIT")
        except (apsw.BusyError, apsw.LockedError) as error:
            raise ConfigError(
                f"{self._path} is in use by another gateway: stop that one, or set another data_dir"
            ) from error
        (application,) = self._first(connection, "PRAGMA application_id")
        (tables,) = self._first(connection, "SELECT count(*) FROM sqlite_schema")
        if tables and application != APPLICATION_ID and not self._has_our_tables(connection):
            raise ConfigError(f"{self._path} is not a store of Gianh: move it away, or set another data_dir")
        version = self._version(connection) if tables else 0
        if version > VERSION:
            raise ConfigError(
                f"{self._path} was written by a newer Gianh (schema {version}, this one knows {VERSION}): "
                "install that version again, or move the file away"
            )
        if not tables:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode=WAL")

    @staticmethod
    def _first(connection: apsw.Connection, sql: str) -> tuple[Value, ...]:
        return next(iter(connection.execute(sql)))

    def _has_our_tables(self, connection: apsw.Connection) -> bool:
        sql = "SELECT count(*) FROM sqlite_schema WHERE name IN ('sample', 'event', 'undated', 'mark')"
        return self._first(connection, sql) == (4,)

    def _version(self, connection: apsw.Connection) -> int:
        """The schema's version: as the table says, where it says it, since the header has no sum."""
        found = list(connection.execute("PRAGMA user_version"))
        with contextlib.suppress(apsw.SQLError):
            found += connection.execute(
                "SELECT CAST(value AS INTEGER) FROM memory WHERE key = 'store/schema'"
            )
        version = found[-1][0]
        assert isinstance(version, int)
        return version

    def _migrate(self, connection: apsw.Connection) -> None:
        for number in range(self._version(connection) + 1, VERSION + 1):
            script = resources.files("edge.runtime").joinpath("schema", f"v{number}.sql").read_text("utf-8")
            connection.execute(
                f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version={number};"
                f"INSERT OR REPLACE INTO memory VALUES ('store/schema', '{number}');COMMIT"
            )

    def remembered(self, key: str) -> str | None:
        """What the gateway remembers under `key`, of a file that is open."""
        found = self.run("SELECT value FROM memory WHERE key = ?", (f"{MEMORY}{key}",))
        return str(found[0][0]) if found else None

    def close(self) -> None:
        """Close; safe at any time, also twice. What the log holds goes into the file if it can."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.set_progress_handler(None)
            with contextlib.suppress(apsw.Error):
                connection.close()

    def run(self, sql: str, arguments: tuple[Value, ...] = ()) -> list[tuple[Value, ...]]:
        """All rows of one statement."""
        with self._translated():
            return list(self._live().execute(sql, arguments))

    def many(self, sql: str, rows: Iterable[tuple[Value, ...]]) -> None:
        """One statement for many rows."""
        with self._translated():
            self._live().executemany(sql, rows)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, on disk when it ends."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            connection = self._connection
            if connection is not None and connection.in_transaction:
                with contextlib.suppress(apsw.Error):
                    connection.execute("ROLLBACK")
            raise

    def is_sound(self) -> bool:
        """Whether nothing wrong was found in the time there is; big files are looked at in part."""
        end_s = time.monotonic() + CHECK_S
        live = self._live()
        live.set_progress_handler(lambda: time.monotonic() > end_s, 2_000)
        try:
            return all(row == ("ok",) for row in live.execute("PRAGMA quick_check(1)"))
        except apsw.InterruptError:
            return True
        except apsw.Error:
            return False
        finally:
            live.set_progress_handler(None)

    def pages(self) -> tuple[int, int]:
        """Pages of the file, and how many of them are free."""
        ((count,),) = self.run("PRAGMA page_count")
        ((free,),) = self.run("PRAGMA freelist_count")
        assert isinstance(count, int)
        assert isinstance(free, int)
        return count, free

    def checkpoint(self, everything: bool = False) -> None:
        """Bring the log into the file, if it has grown long enough or `everything` is asked for."""
        if not everything and self._frames < self._wal_pages_max:
            return
        pages = len(set(self._logged_pages()))
        with self._translated():
            self._live().wal_checkpoint(
                mode=apsw.SQLITE_CHECKPOINT_TRUNCATE if everything else apsw.SQLITE_CHECKPOINT_PASSIVE
            )
        self.bytes_written += pages * PAGE_BYTES
        self._frames = self._frames_counted = 0

    def _logged_pages(self) -> Iterator[bytes]:
        """Page numbers of the frames in the log: what a checkpoint is going to write."""
        try:
            with open(f"{self._path}-wal", "rb", buffering=0) as log:
                for frame in range(self._frames):
                    log.seek(32 + frame * FRAME_BYTES)
                    yield log.read(4)
        except OSError:
            return

    def _committed(self, _connection: apsw.Connection, _name: str, frames: int) -> int:
        new = frames - self._frames_counted if frames >= self._frames_counted else frames
        self.bytes_written += new * FRAME_BYTES
        self._frames = self._frames_counted = frames
        return apsw.SQLITE_OK

    def _live(self) -> apsw.Connection:
        if self._connection is None:
            raise StoreTrouble(f"{self._path} is not open")
        return self._connection

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (apsw.CorruptError, apsw.NotADBError, UnicodeDecodeError) as error:
            raise StoreDamaged(f"{self._path} is damaged: {error}") from error
        except apsw.FullError as error:
            raise StoreTrouble(f"the disk of {self._path} is full: make room on it") from error
        except apsw.ReadOnlyError as error:
            raise StoreTrouble(f"{self._path} cannot be written: its disk is read-only") from error
        except apsw.CantOpenError as error:
            raise StoreTrouble(f"{self._path} cannot be opened: check the folder and its rights") from error
        except apsw.SQLError as error:
            raise StoreDamaged(f"{self._path} lacks a table: {error}") from error
        except apsw.Error as error:
            raise StoreTrouble(
                f"the disk of {self._path} failed ({error}): it may be read-only, worn out or gone"
            ) from error
