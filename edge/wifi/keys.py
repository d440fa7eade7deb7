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

KEY_BYTES, TIME_BYTES = 32, 8
SESSION_LIFE_DAYS = 7
"""So long new sessions are hashed with the same key."""

DEVICE_FILE, SESSION_FILE, PREVIOUS_FILE = "wifi-device.key", "wifi-session.key", "wifi-session-previous.key"

_NEVER = 0
"""Stands for a time while the clock is not set."""


@dataclass(slots=True)
class Key:
    """A key, and when it was made in UTC seconds; 0 while the clock is not set."""

    made_s: int
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
        self._device, self._session = _fresh(_NEVER), _fresh(_NEVER)
        self._previous: Key | None = None
        self._from_ns = self._until_ns = 0
        self.knows: Callable[[int], bool] = lambda _hash: False
        self.knows_before: Callable[[int], bool] = lambda _ns: True

    def ages_s(self) -> tuple[float | None, float | None]:
        """How old the keys of devices and of sessions are; None while the clock is not set."""
        now_s = self._clock.utc_ns() / SECOND_NS
        made = (self._device.made_s, self._session.made_s)
        device_s, session_s = (now_s - at_s if at_s else None for at_s in made)
        return device_s, session_s

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
        self._turn_device(day, now_ns // SECOND_NS)
        self._turn_session(now_ns // SECOND_NS)

    def _turn_device(self, day: int, now_s: int) -> None:
        file = self._folder / DEVICE_FILE
        self._device.clear()
        kept = _read(file)
        if kept is not None and day_of(self._zone, kept.made_s * SECOND_NS) == day:
            self._device = kept
            return
        if kept is not None:
            kept.clear()
        _destroy(file)
        self._device = _fresh(now_s)
        _write(file, self._device)

    def _turn_session(self, now_s: int) -> None:
        file, previous = self._folder / SESSION_FILE, self._folder / PREVIOUS_FILE
        if self._session.made_s == _NEVER:
            self._session = _read(file) or self._session
            self._previous = _read(previous)
        if self._previous is not None and not self.knows_before(self._session.made_s * SECOND_NS):
            self._previous.clear()
            self._previous = None
            _destroy(previous)
        if self._session.made_s == _NEVER:
            self._session.made_s = now_s
            _write(file, self._session)
        elif abs(now_s - self._session.made_s) >= SESSION_LIFE_DAYS * 86_400 and self._previous is None:
            self._previous, self._session = self._session, _fresh(now_s)
            with suppress(OSError):
                file.replace(previous)
            _write(file, self._session)


def _fresh(made_s: int) -> Key:
    return Key(made_s, bytearray(secrets.token_bytes(KEY_BYTES)))


def _read(file: Path) -> Key | None:
    """The key in a file; None where there is none, or one that others may have read."""
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = bytearray(stream.read(TIME_BYTES + KEY_BYTES + 1))
    except OSError:
        return None
    if mode & (stat.S_IRWXG | stat.S_IRWXO) or len(content) != TIME_BYTES + KEY_BYTES:
        log.warning("the key %s is not believed: others may read it, or it is not whole", file.name)
        return None
    return Key(int.from_bytes(content[:TIME_BYTES], "big"), content[TIME_BYTES:])


def _write(file: Path, key: Key) -> None:
    _destroy(file)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(key.made_s.to_bytes(TIME_BYTES, "big") + key.secret)
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
