import asyncio
import contextlib
import datetime as dt
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.mqtt.message import Outgoing
from edge.core.clock import SystemClock
from edge.core.errors import GianhError, PermanentError, TransientError
from edge.core.model import Event, EventKind, Severity
from edge.core.pace import Rule
from provisioning.ca.authority import Authority
from provisioning.ca.keys import key_pem, new_key, request_pem
from provisioning.ca.profiles import Kind, certificate_for
from provisioning.enrol import renewal as renewal_module
from provisioning.enrol.client import Centre
from provisioning.enrol.identity import Identity
from provisioning.enrol.renewal import Renewal, due, is_urgent
from tests.provisioning.killed import EVERY, deaths
from tests.provisioning.mosquitto import Client, TownBroker, publish
from tests.provisioning.office import Machine, apart, served, ticket
from tests.provisioning.town import TOWN, Calendar, authority, gateway, judged, settings
from tests.real.gateway import Gateway, going, until
from tests.servers import free_port, running

LATE = dt.timedelta(days=-65)
"""Enrolled so long ago that a certificate of 90 days is due."""


class Impatient(SystemClock):
    """A clock that waits for nothing."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Counted(Impatient):
    """The same; `rounds` hears of each wait."""

    def __init__(self) -> None:
        super().__init__()
        self.rounds = asyncio.Queue[float]()

    async def sleep(self, seconds: float) -> None:
        self.rounds.put_nowait(seconds)
        await super().sleep(seconds)


class Link:
    """A link that connects with whatever it is given, or never again."""

    def __init__(self, takes: bool = True) -> None:
        self.connected, self.session, self._takes = True, 1, takes
        self.asked = 0

    def reconnect(self) -> None:
        self.asked += 1
        self.connected = self._takes
        self.session += self._takes

    async def changed(self) -> None:
        await asyncio.Event().wait()


async def aside(work) -> None:  # type: ignore[no-untyped-def]
    work()


def renewal(
    machine: Machine,
    ca: Authority,
    link: object,
    events: list[Event] | None = None,
    clock: SystemClock | None = None,
) -> Renewal:
    report = (events if events is not None else []).append
    url = ca.town.enrol_url
    return Renewal(machine.identity, "gw-a", url, link, clock or Impatient(), report, aside, lambda: 0.5)  # type: ignore[arg-type]


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def ca(tmp_path: Path, calendar: Calendar) -> Authority:
    calendar.ahead = LATE
    return authority(tmp_path / "ca", settings(free_port(), free_port()), calendar)


@contextlib.asynccontextmanager
async def enrolled(ca: Authority, calendar: Calendar, folder: Path) -> AsyncIterator[Machine]:
    """A gateway that enrolled long ago, and the service at the centre today."""
    machine = Machine(folder / "gw")
    async with served(ca):
        await machine.enrol(ticket(ca))
        calendar.ahead = dt.timedelta()
        yield machine


def state(ca: Authority, machine: Machine, folder: Path) -> str:
    serial = machine.identity.in_use.certificate().serial_number
    issued = ca.records.find(serial, "gw-a")
    assert issued is not None
    return judged(ca, issued, folder, "-crl_check", "-CRLfile", str(ca.place.crl))


def left(identity: Identity) -> list[str]:
    return sorted(path.name for path in identity.folder.iterdir() if path.name != "current")


async def test_the_link_goes_over_to_the_new_certificate_and_the_old_one_ends(
    ca: Authority, calendar: Calendar, tmp_path: Path
) -> None:
    broker = TownBroker(ca, tmp_path)
    async with enrolled(ca, calendar, tmp_path) as machine:
        pair, first = machine.identity.in_use, machine.identity.in_use.certificate()
        folder, key = machine.identity.pair("current"), pair.key_file.read_bytes()
        assert folder is not None
        kept = shutil.copytree(folder.folder, tmp_path / "thief")
        with running(broker):
            mine = Gateway(
                broker,  # type: ignore[arg-type]
                ca_file=pair.root_file,
                cert_file=pair.certificate_file,
                key_file=pair.key_file,
            )
            async with going(mine.link):
                await until(mine.link, lambda: mine.link.connected)
                events: list[Event] = []
                await renewal(machine, ca, mine.link, events, SystemClock()).look()
                assert mine.link.connected
                assert (mine.link.session, mine.link.trouble) == (2, None)
                broker.setup.apply()
                await asyncio.to_thread(_reload, broker)
                assert (await mine.link.publish([Outgoing(mine.link.topics.event, b"x")]))[0] in (0, 16)
            new = machine.identity.in_use.certificate()
            stolen = Client(kept / "gateway.crt", kept / "gateway.key", kept / "ca.crt")
            topic = "gianh/v1/gw-a/event"
            assert not (await asyncio.to_thread(publish, broker.port, stolen, topic)).isdigit()
            fresh = Client(pair.certificate_file, pair.key_file, pair.root_file)
            assert await asyncio.to_thread(publish, broker.port, fresh, topic) == "0"
    assert new.serial_number != first.serial_number
    assert pair.key_file.read_bytes() != key
    assert ca.records.is_revoked(first.serial_number)
    assert [event.kind for event in events] == [EventKind.CERTIFICATE_RENEWED]
    assert state(ca, machine, tmp_path) == "OK"
    assert len(left(machine.identity)) == 1


def _reload(broker: TownBroker) -> None:
    from provisioning.broker.setup import reload_broker

    before = broker.said("Reloading config")
    reload_broker(broker.setup.files)
    asyncio.run(broker.until_said("Reloading config", before + 1))


async def test_nothing_is_renewed_before_its_time(ca: Authority, calendar: Calendar, tmp_path: Path) -> None:
    calendar.ahead = dt.timedelta(days=-59)
    fresh = authority(tmp_path / "fresh", settings(free_port()), calendar)
    async with enrolled(fresh, calendar, tmp_path) as machine:
        before = machine.identity.in_use.certificate()
        await renewal(machine, fresh, Link()).look()
        assert machine.identity.in_use.certificate() == before


async def test_a_certificate_that_the_broker_does_not_take_is_given_up_and_the_old_one_stays(
    ca: Authority, calendar: Calendar, tmp_path: Path
) -> None:
    async with enrolled(ca, calendar, tmp_path) as machine:
        before, link = machine.identity.in_use.certificate(), Link(takes=False)
        with pytest.raises(PermanentError, match="the old one is used again"):
            await renewal(machine, ca, link).look()
        assert machine.identity.in_use.certificate() == before
        assert link.asked == 2
        assert len(left(machine.identity)) == 1
        assert state(ca, machine, tmp_path) == "OK"
        await renewal(machine, ca, Link()).look()
        assert machine.identity.in_use.certificate() != before
        assert len(ca.records.valid("gw-a", ca.now())) == 1


async def test_it_waits_for_the_broker_unless_little_time_is_left(
    ca: Authority, calendar: Calendar, tmp_path: Path
) -> None:
    async with enrolled(ca, calendar, tmp_path) as machine:
        away = Link()
        away.connected = False
        with pytest.raises(TransientError, match="once the broker is there"):
            await renewal(machine, ca, away).look()
        assert left(machine.identity) == [machine.identity.pair("current").folder.name]  # type: ignore[union-attr]


@pytest.mark.parametrize("days", [-65, -80])
async def test_trouble_is_told_once_and_becomes_an_alarm_when_little_time_is_left(
    tmp_path: Path, calendar: Calendar, days: int
) -> None:
    calendar.ahead = dt.timedelta(days=days)
    ca = authority(tmp_path / "ca", settings(free_port()), calendar)
    async with enrolled(ca, calendar, tmp_path) as machine:
        pass
    events: list[Event] = []
    clock = Counted()
    running_service = asyncio.create_task(renewal(machine, ca, Link(), events, clock).run())
    async with asyncio.timeout(20):
        for _ in range(6):  # five looks, each of them in vain
            await clock.rounds.get()
    running_service.cancel()
    await asyncio.gather(running_service, return_exceptions=True)
    wanted = Severity.ALARM if days == -80 else Severity.WARNING
    assert [(event.kind, event.severity) for event in events] == [(EventKind.CERTIFICATE_TROUBLE, wanted)]
    assert "cannot be reached" in events[0].text


async def test_who_was_enrolled_anew_is_connected_anew_on_reload(
    ca: Authority, calendar: Calendar, tmp_path: Path
) -> None:
    async with enrolled(ca, calendar, tmp_path) as machine:
        link = Link()
        service = renewal(machine, ca, link)
        service.refresh()
        assert link.asked == 0
        await machine.enrol(ticket(ca), again=True)
        service.refresh()
        service.refresh()
        assert link.asked == 1


async def _refused(centre: Centre, gateway: str = "gw-a", request: bytes = b"") -> str:
    try:
        await centre.renew(gateway, request or request_pem(new_key(), gateway))
    except GianhError as error:
        return str(error)
    return "renewed"


def _copy(machine: Machine, to: Path) -> tuple[Path, Path]:
    shutil.copytree(machine.identity.in_use.folder.resolve(), to)
    return to / "gateway.crt", to / "gateway.key"


async def test_the_centre_renews_for_whom_it_knows_and_for_nobody_else(
    ca: Authority, calendar: Calendar, tmp_path: Path
) -> None:
    url, root = ca.town.enrol_url, ca.place.root
    async with enrolled(ca, calendar, tmp_path) as machine:
        old = Centre(url, root, _copy(machine, tmp_path / "old"))
        mine = machine.identity.in_use
        assert "none was shown" in await _refused(Centre(url, root))
        assert "not that of 'gw-b'" in await _refused(old, "gw-b")
        assert "this is the old one" in await _refused(old, request=request_pem(mine.key(), "gw-a"))
        assert "no signing request" in await _refused(old, request=b"x")
        forged = certificate_for(Kind.GATEWAY, "gw-a", TOWN, mine.key().public_key(), ca.signer, ca.now())
        file = tmp_path / "forged"
        file.write_bytes(_pem(forged) + ca.place.chain())
        unknown = Centre(url, root, (file, mine.key_file.resolve()))
        assert "not made here" in await _refused(unknown)
        await renewal(machine, ca, Link()).look()
        assert "was revoked" in await _refused(old)
        assert await _refused(Centre(url, root, machine.identity.in_use.files)) == "renewed"
        ca.revoke("gw-a", x509.ReasonFlags.key_compromise)
        assert "was revoked" in await _refused(Centre(url, root, machine.identity.in_use.files))


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


async def test_an_ended_or_foreign_certificate_is_said_to_be_so(
    ca: Authority, calendar: Calendar, tmp_path: Path
) -> None:
    calendar.ahead = dt.timedelta(days=-95)
    key, issued = gateway(authority(ca.place.folder, ca.town, calendar))
    foreign_key, foreign = gateway(other := authority(tmp_path / "other"))
    calendar.ahead = dt.timedelta()
    async with served(ca):
        for owner, secret, one, words in (
            (ca, key, issued, "ended: it needs a new token"),
            (other, foreign_key, foreign, "does it know this gateway's certificate"),
        ):
            pair = tmp_path / f"{one.serial}.crt", tmp_path / f"{one.serial}.key"
            pair[0].write_bytes(owner.chain_of(one))
            pair[1].write_bytes(key_pem(secret))
            assert words in await _refused(Centre(ca.town.enrol_url, ca.place.root, pair))


@EVERY
def test_a_renewal_that_was_killed_anywhere_is_finished_and_never_leaves_a_gateway_without(
    ca: Authority, calendar: Calendar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    for rule in ("provisioning.enrol.api.BY_GATEWAY", "edge.core.pace.BY_ADDRESS"):
        monkeypatch.setattr(rule, Rule(1000, 60))  # dozens of runs within seconds
    start = tmp_path / "gw"
    machine = Machine(start)
    with apart(ca, ca.town.enrol_address[1]):
        asyncio.run(machine.enrol(ticket(ca)))
    calendar.ahead = dt.timedelta()
    shutil.copytree(start, tmp_path / "kept", symlinks=True)
    first = machine.identity.in_use.certificate().serial_number
    died = 0
    with apart(ca, ca.town.enrol_address[1]):
        for died in deaths(lambda: asyncio.run(renewal(machine, ca, Link()).look()), every):  # noqa: B007
            pair = machine.identity.in_use
            assert pair.key().public_key() == pair.certificate().public_key()
            asyncio.run(renewal(machine, ca, Link()).look())
            assert pair.certificate().serial_number != first
            assert state(ca, machine, tmp_path) == "OK"
            assert ca.records.is_revoked(first)
            machine.identity.begin()
            assert machine.identity.begun is not None
            machine.identity.drop_next()
            assert len(left(machine.identity)) == 1
            shutil.rmtree(start)
            shutil.copytree(tmp_path / "kept", start, symlinks=True)
            (ca.place.folder / "revoked" / f"{first:x}").unlink()
    assert died > 20


@given(st.integers(0, 2**159), st.integers(1, 800))
def test_a_fleet_renews_over_some_days_after_two_thirds(serial: int, days: int) -> None:
    class Certificate:
        not_valid_before_utc = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        not_valid_after_utc = not_valid_before_utc + dt.timedelta(days=days)
        serial_number = serial

    life = dt.timedelta(days=days)
    at = due(Certificate) - Certificate.not_valid_before_utc  # type: ignore[arg-type]
    assert life * 2 / 3 <= at <= life * 2 / 3 + life / renewal_module.SPREAD
    assert not is_urgent(Certificate, Certificate.not_valid_before_utc + at)  # type: ignore[arg-type]
    assert is_urgent(Certificate, Certificate.not_valid_after_utc)  # type: ignore[arg-type]
