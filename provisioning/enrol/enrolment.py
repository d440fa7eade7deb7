"""`gianh enrol` on a gateway: a list of steps, each of which finds out by itself what is done already.

So a run that was cut off anywhere is simply made again, with the same ticket. The key is made first and
stays; the token is claimed for that key, and the centre gives it the same certificate as often as it asks.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge.core.errors import PermanentError, TransientError
from edge.core.owned import write_owned
from provisioning.ca.authority import fingerprint
from provisioning.ca.keys import request_pem
from provisioning.enrol.client import Centre, pinned_root
from provisioning.enrol.identity import BROKER_FILE, CURRENT, Identity, Pair, check_pair
from provisioning.enrol.settings import Broker, mqtt_settings, write_settings
from provisioning.enrol.ticket import Ticket

Told = Callable[[str], None]
"""Hears of each step that was done."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What an enrolment led to: the pair in use, the settings for [mqtt], what changed in gateway.toml."""

    pair: Pair
    ends: datetime
    settings: dict[str, str]
    changed: tuple[str, ...]


class Enrolment:
    """One enrolment. `file` is the gateway.toml to write, or None to leave it to a person."""

    def __init__(self, ticket: Ticket, identity: Identity, base: Path, file: Path | None, told: Told) -> None:
        self._ticket, self._identity = ticket, identity
        self._base, self._file, self._told = base, file, told
        self.changed: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """In their order."""
        return (self.make_key, self.pin, self.claim, self.switch, self.configure, self.confirm)

    async def run(self, again: bool = False) -> Enrolled:
        """Enrol, or go on with it. With `again` a gateway that has an identity gets another one."""
        steps = self.steps
        if not again and self._identity.begun is None and self._is_enrolled():
            self._told(f"{self._ticket.gateway} has its certificate already")
            steps = (self.configure, self.confirm)
        for step in steps:
            await step()
        pair = self._identity.in_use
        return Enrolled(pair, pair.certificate().not_valid_after_utc, self._settings(), self.changed)

    async def make_key(self) -> None:
        """The key is born here."""
        pair = self._identity.begin()
        self._told(f"key: {pair.key_file}, which never leaves this machine")

    async def pin(self) -> None:
        """Believe the authority of the ticket and no other."""
        pair = self._begun()
        root = await pinned_root(self._ticket)
        write_owned(pair.root_file, root, 0o644)
        self._told(f"authority: {fingerprint(pair.root())}, as the ticket says")

    async def claim(self) -> None:
        """Exchange the token for a certificate."""
        pair = self._begun()
        centre = Centre(self._ticket.url, pair.root_file)
        request = request_pem(pair.key(), self._ticket.gateway)
        granted = await centre.enrol(self._ticket.gateway, self._ticket.token, request)
        write_owned(pair.folder / BROKER_FILE, granted.mqtt_url.encode(), 0o644)
        write_owned(pair.certificate_file, granted.chain, 0o644)
        certificate = check_pair(pair, self._ticket.gateway)
        now = datetime.now(UTC)
        if now < certificate.not_valid_before_utc:
            raise TransientError(
                f"the clock of this machine says {now:%Y-%m-%d %H:%M} UTC, and the certificate begins on "
                f"{certificate.not_valid_before_utc:%Y-%m-%d %H:%M}: set the clock, then run this again"
            )
        self._told(f"certificate: until {certificate.not_valid_after_utc:%Y-%m-%d}")

    async def switch(self) -> None:
        """Use it."""
        self._identity.give_to_owner()
        self._identity.switch()
        self._identity.give_to_owner()

    async def configure(self) -> None:
        """Tell gateway.toml."""
        if self._file is not None:
            self.changed = tuple(write_settings(self._file, self._settings()))

    async def confirm(self) -> None:
        """Show the centre that it works; what this gateway had before holds no more, and is wiped."""
        pair = self._identity.in_use
        await Centre(self._ticket.url, pair.root_file, pair.files).confirm(self._ticket.gateway)
        self._identity.settle()
        self._told("the centre knows it")

    def _is_enrolled(self) -> bool:
        pair = self._identity.pair(CURRENT)
        if pair is None:
            return False
        try:
            ends = check_pair(pair, self._ticket.gateway).not_valid_after_utc
        except PermanentError:
            return False
        return self._ticket.is_of(fingerprint(pair.root())) and datetime.now(UTC) < ends

    def _begun(self) -> Pair:
        pair = self._identity.begun
        assert pair is not None
        return pair

    def _settings(self) -> dict[str, str]:
        pair = self._identity.in_use
        broker = Broker((pair.folder / BROKER_FILE).read_text().strip(), self._ticket.url)
        return mqtt_settings(broker, pair, self._base)
