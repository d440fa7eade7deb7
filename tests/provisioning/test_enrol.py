import asyncio
import datetime as dt
import logging
import os
import random
import shutil
import signal
import ssl
import stat
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from edge.config.load import load
from edge.core.errors import ConfigError, GianhError, PermanentError, TransientError
from provisioning.ca.authority import Authority, fingerprint
from provisioning.ca.keys import new_key, request_pem
from provisioning.enrol import serve as serve_module
from provisioning.enrol.client import Centre
from provisioning.enrol.identity import Identity
from provisioning.enrol.office import Office
from provisioning.enrol.qr import qr_lines
from provisioning.enrol.ticket import Ticket
from tests.provisioning.killed import EVERY, deaths
from tests.provisioning.office import Machine, apart, served, ticket
from tests.provisioning.town import Calendar, authority, judged, settings
from tests.servers import free_port


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def ca(tmp_path: Path, calendar: Calendar) -> Authority:
    return authority(tmp_path / "ca", settings(enrol_port=free_port()), calendar)


def holds(ca: Authority, identity: Identity, folder: Path) -> str:
    """What openssl says of the certificate in use, by the list of what is revoked."""
    issued = ca.records.find(identity.in_use.certificate().serial_number, "gw-a")
    assert issued is not None
    return judged(ca, issued, folder, "-purpose", "sslclient", "-crl_check", "-CRLfile", str(ca.place.crl))


async def test_a_gateway_gets_its_identity_and_its_file_keeps_every_comment(
    ca: Authority, tmp_path: Path
) -> None:
    machine = Machine(tmp_path / "gw")
    machine.file.chmod(0o640)
    async with served(ca):
        enrolled = await machine.enrol(ticket(ca))
    assert holds(ca, machine.identity, tmp_path) == "OK"
    key = machine.identity.in_use.key_file
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(machine.file.stat().st_mode) == 0o640
    text = machine.file.read_text()
    for comment in ("# The gateway at the bridge.", "# never change it", "# where all goes"):
        assert comment in text
    mqtt = load(machine.file).config.mqtt
    assert mqtt is not None
    assert (mqtt.url, mqtt.renew_url) == (ca.town.mqtt_url, ca.town.enrol_url)
    assert mqtt.key_file == key
    assert len(enrolled.changed) == 5


async def test_the_key_is_nowhere_but_on_the_gateway_and_the_token_nowhere_at_all(
    ca: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    machine, given = Machine(tmp_path / "gw"), ticket(ca)
    async with served(ca):
        await machine.enrol(given)
    key = machine.identity.in_use.key()
    number = key.private_numbers().private_value.to_bytes(32, "big")
    line = machine.identity.in_use.key_file.read_text().splitlines()[1]
    here = [path for path in ca.place.folder.rglob("*") if path.is_file()]
    there = [path for path in (tmp_path / "gw").rglob("*") if path.is_file()]
    assert not any(number in path.read_bytes() or line in path.read_text() for path in here)
    assert not any(given.token in path.read_text() for path in (*here, *there))
    assert given.token not in caplog.text + "".join(machine.told)
    assert line not in caplog.text + "".join(machine.told)


async def test_another_authority_than_the_tickets_is_refused_by_what_was_seen(
    ca: Authority, tmp_path: Path
) -> None:
    machine, given = Machine(tmp_path / "gw"), replace(ticket(ca), fingerprint="AB" * 32)
    async with served(ca):
        with pytest.raises(PermanentError, match="shows another authority") as refused:
            await machine.enrol(given)
        assert f"seen {fingerprint(ca.root)}, expected {':'.join(['AB'] * 32)}." in str(refused.value)
        assert not list((ca.place.folder / "claims").iterdir())


async def test_who_shows_the_right_root_without_its_keys_gets_no_token(
    ca: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thief = authority(tmp_path / "thief", ca.town)
    root = ca.place.root.read_bytes()
    monkeypatch.setattr("provisioning.enrol.api.root_pem", lambda authority: root)
    given = ticket(ca)
    seen: list[str] = []
    monkeypatch.setattr(Office, "enrol", lambda *arguments: seen.append(str(arguments)))
    async with served(thief):
        with pytest.raises(PermanentError, match="is not trusted"):
            await Machine(tmp_path / "gw").enrol(given)
    assert seen == []


async def _claims(ca: Authority, given: Ticket, url: str = "") -> str:
    centre = Centre(url or ca.town.enrol_url, ca.place.root)
    try:
        await centre.enrol(given.gateway, given.token, request_pem(new_key(), given.gateway))
    except GianhError as error:
        return str(error)
    return "won"


async def test_a_token_that_was_used_is_void_and_the_technician_is_told_that_it_was_stolen(
    ca: Authority, tmp_path: Path
) -> None:
    given = ticket(ca)
    async with served(ca):
        assert await _claims(ca, given) == "won"
        with pytest.raises(PermanentError, match="used already, by another key"):
            await Machine(tmp_path / "gw").enrol(given)


async def test_tokens_that_are_old_foreign_wrong_or_replaced_are_refused(
    ca: Authority, calendar: Calendar
) -> None:
    given = ticket(ca)
    async with served(ca):
        foreign = await _claims(ca, replace(given, gateway="gw-b"))
        wrong = await _claims(ca, replace(given, token="0" + given.token[1:][::-1]))
        assert "not the one for this gateway" in foreign
        assert foreign == wrong
        newer = ticket(ca)
        assert "not the one for this gateway" in await _claims(ca, given)
        calendar.ahead = dt.timedelta(hours=25)
        assert "has expired" in await _claims(ca, newer)
        calendar.ahead = dt.timedelta(hours=23)
        assert await _claims(ca, newer) == "won"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_of_fifty_claims_at_two_processes_one_wins(ca: Authority) -> None:
    given, other = ticket(ca), free_port()
    urls = [ca.town.enrol_url, f"https://localhost:{other}"]
    with apart(ca, ca.town.enrol_address[1]), apart(ca, other):

        async def together() -> list[str]:
            # Twenty attempts at once are free for one address, and ten for one gateway, at each process.
            return await asyncio.gather(*(_claims(ca, given, urls[n % 2]) for n in range(50)))

        said = asyncio.run(together())
    assert said.count("won") == 1
    assert len(ca.records.issued("gw-a")) == 1
    assert all("used already" in text or "too many attempts" in text for text in said if text != "won")
    assert sum("used already" in text for text in said) >= 10


def test_of_fifty_processes_with_a_key_each_one_wins(ca: Authority) -> None:
    given, office = ticket(ca), Office(ca)
    requests = [request_pem(new_key(), "gw-a") for _ in range(50)]
    ready, go = os.pipe()
    children = []
    for request in requests:
        child = os.fork()
        if child == 0:
            code = 2
            try:
                os.close(go)
                os.read(ready, 1)
                office.enrol("gw-a", given.token, request)
                code = 0
            except PermanentError:
                code = 1
            finally:
                os._exit(code)
        children.append(child)
    os.close(go)
    codes = [os.WEXITSTATUS(os.waitpid(child, 0)[1]) for child in children]
    os.close(ready)
    assert sorted(codes) == [0] + [1] * 49
    assert len(ca.records.issued("gw-a")) == 1


def test_a_claim_that_died_anywhere_can_be_made_again_by_its_own_key_only(ca: Authority) -> None:
    mine, other = request_pem(new_key(), "gw-a"), request_pem(new_key(), "gw-a")
    office = Office(ca)
    tickets = [ticket(ca)]
    refused = 0
    for step in deaths(lambda: office.enrol("gw-a", tickets[-1].token, mine)):
        given = tickets[-1]
        taken = any(path.name[0] != "." for path in (ca.place.folder / "claims").iterdir())
        if taken:
            refused += 1
            with pytest.raises(PermanentError, match="by another key"):
                office.enrol("gw-a", given.token, other)
            chain = office.enrol("gw-a", given.token, mine).chain
            assert chain == office.enrol("gw-a", given.token, mine).chain
        assert step < 40
        shutil.rmtree(ca.place.folder / "claims")
        shutil.rmtree(ca.place.folder / "tokens")
        shutil.rmtree(ca.place.folder / "issued")
        shutil.rmtree(ca.place.folder / "keys")
        ca.records.prepare()
        tickets.append(ticket(ca))
    assert refused > 5


@EVERY
def test_an_enrolment_that_was_killed_anywhere_is_finished_with_the_same_ticket(
    ca: Authority, tmp_path: Path, every: int
) -> None:
    with apart(ca, ca.town.enrol_address[1]):
        died = 0
        folder, tickets = tmp_path / "gw", [ticket(ca)]
        for died in deaths(lambda: asyncio.run(Machine(folder).enrol(tickets[-1])), every):  # noqa: B007
            machine = Machine(folder)
            begun = machine.identity.pair("next") or machine.identity.pair("current")
            key = begun.key_file.read_bytes() if begun and begun.key_file.exists() else None
            load(machine.file)
            asyncio.run(machine.enrol(tickets[-1]))
            assert key in (None, machine.identity.in_use.key_file.read_bytes())
            assert holds(ca, machine.identity, tmp_path) == "OK"
            left = sorted(path.name for path in machine.identity.folder.iterdir() if path.name[0] != ".")
            assert len(left) == 2
            assert not list(folder.rglob(".*.*"))
            shutil.rmtree(folder)
            tickets.append(ticket(ca))
    assert died > 20


@pytest.mark.long
def test_enrolments_that_are_killed_at_any_moment_are_finished_with_the_same_ticket(
    ca: Authority, tmp_path: Path
) -> None:
    chance = random.Random(7)
    caught = 0
    with apart(ca, ca.town.enrol_address[1]):
        for number in range(60):
            machine, given = Machine(tmp_path / f"gw-{number}"), ticket(ca)
            child = os.fork()
            if child == 0:
                asyncio.run(machine.enrol(given))
                os._exit(0)
            time.sleep(chance.uniform(0, 0.3))
            os.kill(child, signal.SIGKILL)
            caught += os.WIFSIGNALED(os.waitpid(child, 0)[1])
            asyncio.run(machine.enrol(given))
            assert holds(ca, machine.identity, tmp_path) == "OK"
            load(machine.file)
    assert caught > 20


async def test_a_second_identity_makes_the_first_one_void_and_wipes_its_key(
    ca: Authority, tmp_path: Path
) -> None:
    machine = Machine(tmp_path / "gw")
    async with served(ca):
        await machine.enrol(ticket(ca))
        first = machine.identity.in_use.certificate().serial_number
        place = machine.identity.pair("current")
        await machine.enrol(ticket(ca))
        assert machine.identity.in_use.certificate().serial_number == first
        await machine.enrol(ticket(ca), again=True)
    assert ca.records.is_revoked(first)
    assert holds(ca, machine.identity, tmp_path) == "OK"
    assert place is not None
    assert not place.folder.exists()


async def test_a_configuration_that_would_not_be_sound_stays_as_it_is(ca: Authority, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "gw")
    machine.file.write_text(machine.file.read_text() + 'keepalive_s = "often"\n')
    before = machine.file.read_text()
    async with served(ca):
        with pytest.raises(ConfigError, match=r"/gateway\.toml:9: mqtt\.keepalive_s"):
            await machine.enrol(ticket(ca))
    assert machine.file.read_text() == before
    assert not list(machine.file.parent.glob(".gateway*"))


async def test_a_clock_that_was_never_set_is_named_as_the_trouble(tmp_path: Path, calendar: Calendar) -> None:
    calendar.ahead = dt.timedelta(days=400)  # the centre's time; this machine's is 400 days behind
    ca = authority(tmp_path / "ca", settings(enrol_port=free_port()), calendar)
    machine = Machine(tmp_path / "gw")
    async with served(ca):
        with pytest.raises(TransientError, match=r"the clock of this machine says .* set it") as late:
            await machine.enrol(ticket(ca))
    assert "clock" in str(late.value)


async def test_an_address_where_nobody_is_is_said(ca: Authority, tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="cannot be reached"):
        await Machine(tmp_path / "gw").enrol(ticket(ca))


def _context(ca: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca.place.root)


async def test_what_is_no_request_is_answered_by_a_sentence(ca: Authority) -> None:
    async with served(ca), httpx.AsyncClient(verify=_context(ca), base_url=ca.town.enrol_url) as client:
        for content, status in (
            (b"", 400),
            (b"{", 400),
            (b'{"gateway": 5}', 400),
            (b'{"gateway": "gw-a", "token": "x", "csr": "y", "more": 1}', 400),
            (b'{"gateway": "../x", "token": "x", "csr": "y"}', 400),
            (b"x" * 9_000, 413),
        ):
            answer = await client.post("/v1/enrol", content=content)
            assert answer.status_code == status
            assert isinstance(answer.json()["detail"], str)
        assert (await client.get("/v1/enrol")).status_code == 405
        assert (await client.get("/openapi.json")).status_code == 404
        assert len(x509.load_pem_x509_crl((await client.get("/v1/crl")).content)) == 0


async def test_who_guesses_is_slowed_down_and_the_gateway_is_not_locked_out_for_long(ca: Authority) -> None:
    given = ticket(ca)
    async with served(ca):
        said = [await _claims(ca, replace(given, token=f"0000-{n}")) for n in range(12)]
    assert sum("not the one" in text for text in said) == 10
    assert "too many attempts: wait" in said[-1]


async def test_who_sends_nothing_holds_no_connection(ca: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve_module, "CONNECTION_S", 0.2)
    async with served(ca):
        port = ca.town.enrol_address[1]
        reader, writer = await asyncio.open_connection("localhost", port, ssl=_context(ca))
        writer.write(b"POST /v1/enrol HTTP/1.1\r\nHost: x\r\n")
        async with asyncio.timeout(10):
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError, ssl.SSLError)):
                assert await reader.readexactly(1)
        writer.transport.abort()


async def test_plain_http_and_old_tls_get_nothing(ca: Authority) -> None:
    async with served(ca):
        port = ca.town.enrol_address[1]
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}") as client:
            with pytest.raises(httpx.HTTPError):
                await client.get("/v1/ca")
        old = _context(ca)
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            await asyncio.open_connection("localhost", port, ssl=old)


@given(
    gateway=st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True),
    token=st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ-", min_size=1, max_size=40),
    mark=st.binary(min_size=16, max_size=32),
    port=st.integers(1, 65_535),
)
def test_a_ticket_is_read_as_it_was_written(gateway: str, token: str, mark: bytes, port: int) -> None:
    given = Ticket.of(gateway, token, mark.hex(":"), f"https://centre.example:{port}")
    assert Ticket.read(f" {given.text}\n") == given
    assert given.is_of(mark.hex(":").upper() + "")


@given(st.text(max_size=100))
def test_what_is_no_ticket_is_said_so(text: str) -> None:
    with pytest.raises(ConfigError):
        Ticket.read(text)


def test_the_picture_holds_the_ticket() -> None:
    import numpy
    import zxingcpp

    text = Ticket.of("gw-cau-gianh", "7K2M-X0QD-9RVA-4TBN-7K2M-X0QD-9RVA", "ab" * 32, "https://c:1").text
    rows = []
    for line in qr_lines(text).splitlines():
        halves = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
        upper, lower = zip(*(halves[sign] for sign in line if sign in halves), strict=True)
        rows += [upper, lower]
    wide = max(len(row) for row in rows)
    dots = numpy.array([row for row in rows if len(row) == wide], dtype=numpy.uint8) * 255
    found = zxingcpp.read_barcodes(numpy.kron(dots, numpy.ones((6, 6), dtype=numpy.uint8)))
    assert [one.text for one in found] == [text]
