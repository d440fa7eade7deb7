"""The keys of pseudonyms: of devices one for each local day, of sessions one with a life of its own.

A key lies in a file that its owner alone may read, so that a restart within the day counts right. When its
day ends the file is overwritten and deleted and the bytes in memory are cleared: nobody can then find out
again which pseudonym was whose, nor that two days saw the same device. Storage that writes elsewhere what is
written anew (flash) may hold the old bytes a while longer, where only taking the medium apart finds them.

While the clock is not set there is no day: keys are in memory alone, no file is read or written.
"""

import hmac
import logging
import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.core.ports import Clock
from edge.wifi.days import SECOND_NS, bounds_s, day_of

log = logging.getLogger(__name__)

KEY_BYTES = 32
SESSION_LIFE_DAYS = 7
"""So long new sessions are hashed with the same key."""

DEVICE_FILE, SESSION_FILE, PREVIOUS_FILE = "wifi-device.key", "wifi-session.key", "wifi-session-previous.key"

_UNSET_DAY = 0


@dataclass(slots=True)
class Key:
    """A key and the local day that it was made on; 0 while the clock is not set."""

    day: int
    secret: bytearray = field(repr=False)

    def hash(self, message: bytes) -> int:
        """HMAC-SHA256, its first 64 bits; never 0."""
        return int.from_bytes(hmac.digest(self.secret, message, "sha256")[:8], "big") or 1

    def clear(self) -> None:
        """Overwrite what memory holds of it."""
        self.secret[:] = bytes(len(self.secret))


class Keys:
    """Implements Pseudonyms.

    A device has one pseudonym in all of a gateway's sites: else a visitor who walks to the next site would be
    two for the commune. `knows` says whether a session's hash is known, so that a session that is open while
    the key of sessions changes stays the same one; `knows_before` whether any is that began before a moment.
    """

    def __init__(self, folder: Path, zone: ZoneInfo, clock: Clock) -> None:
        self._folder, self._zone, self._clock = folder, zone, clock
        self._device, self._session = _fresh(_UNSET_DAY), _fresh(_UNSET_DAY)
        self._previous: Key | None = None
        self._from_ns = self._until_ns = 0
        self.knows: Callable[[int], bool] = lambda _hash: False
        self.knows_before: Callable[[int], bool] = lambda _ns: True

    @property
    def device_day(self) -> int:
        """The local day of the key of devices; 0 while the clock is not set."""
        return self._device.day

    @property
    def session_day(self) -> int:
        """The local day on which the key of sessions was made."""
        return self._session.day

    def device(self, address: bytes, site: str) -> int:
        """Today's pseudonym of a device."""
        self.turn()
        return self._device.hash(address)

    def session(self, client: str, session_id: bytes) -> int:
        """The hash of a session's id."""
        self.turn()
        message = client.encode() + b"\0" + session_id
        if self._previous is not None and self.knows(earlier := self._previous.hash(message)):
            return earlier
        return self._session.hash(message)

    def turn(self) -> None:
        """Change keys if the local day is another one. A clock that goes back is another day too."""
        now_ns = self._clock.utc_ns()
        if self._from_ns <= now_ns < self._until_ns or not self._clock.is_set():
            return
        day = day_of(self._zone, now_ns)
        begin_s, end_s = bounds_s(self._zone, day)
        self._from_ns, self._until_ns = begin_s * SECOND_NS, end_s * SECOND_NS
        self._turn_device(day)
        self._turn_session(day)

    def _turn_device(self, day: int) -> None:
        file = self._folder / DEVICE_FILE
        self._device.clear()
        kept = _read(file)
        if kept is not None and kept.day == day:
            self._device = kept
            return
        if kept is not None:
            kept.clear()
        _destroy(file)
        self._device = _fresh(day)
        _write(file, self._device)

    def _turn_session(self, day: int) -> None:
        file, previous = self._folder / SESSION_FILE, self._folder / PREVIOUS_FILE
        if self._session.day == _UNSET_DAY:
            self._session = _read(file) or self._session
            self._previous = _read(previous)
        if self._previous is not None and not self.knows_before(self._begin_ns(self._session.day)):
            self._previous.clear()
            self._previous = None
            _destroy(previous)
        if self._session.day == _UNSET_DAY:
            self._session.day = day
            _write(file, self._session)
        elif abs(day - self._session.day) >= SESSION_LIFE_DAYS and self._previous is None:
            self._previous, self._session = self._session, _fresh(day)
            with suppress(OSError):
                file.replace(previous)
            _write(file, self._session)

    def _begin_ns(self, day: int) -> int:
        # The day after, since the key may have been made at any time of its day.
        return bounds_s(self._zone, day)[1] * SECOND_NS


def _fresh(day: int) -> Key:
    return Key(day, bytearray(secrets.token_bytes(KEY_BYTES)))


def _read(file: Path) -> Key | None:
    """The key in a file; None where there is none, or one that others may have read."""
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = bytearray(stream.read(KEY_BYTES + 5))
    except OSError:
        return None
    if mode & (stat.S_IRWXG | stat.S_IRWXO) or len(content) != KEY_BYTES + 4:
        log.warning("the key %s is not believed: others may read it, or it is not whole", file.name)
        return None
    return Key(int.from_bytes(content[:4], "big"), content[4:])


def _write(file: Path, key: Key) -> None:
    _destroy(file)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(key.day.to_bytes(4, "big") + key.secret)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        log.warning(
            "the key %s cannot be kept (%s): after a restart today's devices count anew",
            file.name,
            error.strerror,
        )


def _destroy(file: Path) -> None:
    """Overwrite and delete."""
    try:
        with file.open("r+b") as stream:
            stream.write(bytes(os.fstat(stream.fileno()).st_size))
            stream.flush()
            os.fsync(stream.fileno())
        file.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        log.warning("the key %s cannot be destroyed (%s): delete it by hand", file.name, error.strerror)
