"""Renews the gateway's certificate by itself, two thirds through its life, and loses the old one only then.

A new key each time; the new pair is used, and the old one kept, until the broker has taken the new one. Then
the centre is told, which revokes the old certificate, and its key is wiped. Where the broker does not take
the new pair, the old one is used again.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from cryptography import x509

from edge.core.backoff import Backoff
from edge.core.errors import GianhError, PermanentError, TransientError
from edge.core.model import Event, EventKind, Severity
from edge.core.owned import write_owned
from edge.core.ports import Aside, Clock, Report
from edge.core.sayings import say
from provisioning.ca.authority import whose
from provisioning.ca.keys import request_pem
from provisioning.enrol.client import Centre
from provisioning.enrol.identity import BROKER_FILE, CURRENT, Identity, Pair, check_pair

log = logging.getLogger(__name__)

LOOK = Backoff(first_s=3_600.0, cap_s=3_600.0, floor=0.5)
"""Waits between two looks at the certificate."""

RETRY = Backoff(first_s=120.0, cap_s=6 * 3_600.0, floor=0.5)
"""Waits after a renewal that did not succeed."""

TRIAL_S = 600.0
"""Longest wait for the broker to take the new certificate."""

SPREAD = 24
"""A fleet that enrolled on one day renews within a 24th of the certificate's life, not in one hour."""


class Link(Protocol):
    """What renewal needs of the link to the broker."""

    @property
    def connected(self) -> bool:
        """Whether it is up."""

    @property
    def session(self) -> int:
        """Counts connections."""

    def reconnect(self) -> None:
        """Make the connection anew, with the files as they are now."""

    async def changed(self) -> None:
        """Wait until it comes, goes, or fails to come."""


def due(certificate: x509.Certificate) -> datetime:
    """When a certificate is to be renewed: two thirds through, and a little later by its serial number."""
    begins, life = certificate.not_valid_before_utc, _life(certificate)
    return begins + life * 2 / 3 + life / SPREAD * (certificate.serial_number % 997 / 997)


def is_urgent(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether less than a sixth of its life is left."""
    return now > certificate.not_valid_after_utc - _life(certificate) / 6


class Renewal:
    """Implements Service for one gateway."""

    name = "certificate renewal"

    def __init__(
        self,
        identity: Identity,
        gateway: str,
        url: str,
        link: Link,
        clock: Clock,
        report: Report,
        aside: Aside,
        chance: Callable[[], float],
    ) -> None:
        self._identity, self._gateway, self._url, self._link = identity, gateway, url, link
        self._clock, self._report, self._aside, self._chance = clock, report, aside, chance
        self._told: Severity | None = None
        self._in_use = self._name()

    async def run(self) -> None:
        """Run until cancelled."""
        failures = 0
        while True:
            wait_s = (RETRY if failures else LOOK).wait_s(failures or 1, self._chance)
            await self._clock.sleep(wait_s)
            if not self._clock.is_set():
                continue
            try:
                await self.look()
                failures = 0
            except (GianhError, OSError) as error:
                failures += 1
                self._troubled(error)

    def refresh(self) -> None:
        """Where somebody enrolled this gateway anew, use what came of it."""
        if self._name() != self._in_use:
            self._in_use = self._name()
            self._link.reconnect()

    async def look(self) -> None:
        """Do what is due now: renew, or judge the pair that is on trial. Raises why it did not succeed."""
        if self._identity.is_on_trial:
            await self._judge(self._link.session - 1 if self._link.connected else self._link.session)
            return
        certificate = self._identity.in_use.certificate()
        now = self._now()
        if now < due(certificate):
            return
        if not self._link.connected and not is_urgent(certificate, now):
            raise TransientError(say("certificate_waits"))
        await self._renew()

    async def _renew(self) -> None:
        pair = await self._received()
        check_pair(pair, self._gateway)
        session = self._link.session
        await self._aside(self._identity.switch)
        self._in_use = self._name()
        log.info("mqtt: trying the new certificate %s", whose(pair.certificate()))
        self._link.reconnect()
        await self._judge(session)

    async def _received(self) -> Pair:
        """The next pair, complete; what a renewal that was cut off had already is taken from there."""
        await self._aside(lambda: _discard(self._identity.begin()))
        current, pair = self._identity.in_use, self._identity.begun
        assert pair is not None
        root = current.root_file.read_bytes()
        centre = Centre(self._url, current.root_file, current.files)
        granted = await centre.renew(self._gateway, request_pem(pair.key(), self._gateway))
        broker = (current.folder / BROKER_FILE).read_bytes()

        def keep() -> None:
            write_owned(pair.root_file, root, 0o644)
            write_owned(pair.folder / BROKER_FILE, broker, 0o644)
            write_owned(pair.certificate_file, granted.chain, 0o644)

        await self._aside(keep)
        return pair

    async def _judge(self, session: int) -> None:
        """Wait until the broker has taken the pair in use (a connection after `session`), or fall back."""
        if not await self._is_taken(session):
            await self._aside(self._identity.fall_back)
            self._in_use = self._name()
            self._link.reconnect()
            raise PermanentError(say("certificate_not_taken", seconds=f"{TRIAL_S:g}"))
        pair = self._identity.in_use
        await Centre(self._url, pair.root_file, pair.files).confirm(self._gateway)
        await self._aside(self._identity.settle)
        self._told = None
        text = say("certificate_renewed", certificate=whose(pair.certificate()))
        log.info("mqtt: %s", text)
        self._tell(EventKind.CERTIFICATE_RENEWED, Severity.INFO, text)

    async def _is_taken(self, session: int) -> bool:
        waiting = asyncio.ensure_future(self._until_connected(session))
        limit = asyncio.ensure_future(self._clock.sleep(TRIAL_S))
        try:
            await asyncio.wait((waiting, limit), return_when=asyncio.FIRST_COMPLETED)
            return waiting.done()
        finally:
            waiting.cancel()
            limit.cancel()

    async def _until_connected(self, session: int) -> None:
        while not (self._link.connected and self._link.session > session):
            await self._link.changed()

    def _troubled(self, error: Exception) -> None:
        """Say it when it begins, and again when little time is left."""
        try:
            urgent = is_urgent(self._identity.in_use.certificate(), self._now())
        except GianhError:
            urgent = True
        severity = Severity.ALARM if urgent else Severity.WARNING
        level = logging.DEBUG if severity is self._told else logging.WARNING
        log.log(level, "mqtt: the certificate was not renewed: %s", error)
        if severity is not self._told:
            self._told = severity
            self._tell(EventKind.CERTIFICATE_TROUBLE, severity, say("certificate_trouble", why=error))

    def _tell(self, kind: EventKind, severity: Severity, text: str) -> None:
        self._report(Event(self._clock.stamp(), kind, self._gateway, severity, text))

    def _name(self) -> str:
        pair = self._identity.pair(CURRENT)
        return pair.folder.name if pair is not None else ""

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.utc_ns() / 1e9, UTC)


def _life(certificate: x509.Certificate) -> timedelta:
    return certificate.not_valid_after_utc - certificate.not_valid_before_utc


def _discard(_: object) -> None:
    """For what is called for its effect alone."""
