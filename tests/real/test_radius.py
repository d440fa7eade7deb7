"""Debian's radclient and radsecproxy, and pyrad, as senders to the real accounting server on loopback."""

import asyncio
import io
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pyrad.client import Client as PyradClient
from pyrad.client import Timeout
from pyrad.dictionary import Dictionary

from drivers.radius.listener import RadiusListener
from edge.config.wifi import Wifi
from edge.core.clock import SystemClock
from edge.core.wifi import AccountingKind
from tests.drivers.radius_works import SECRET, Desk, Pseudonyms, client, hotspot
from tests.servers import certificate, free_port, need

NAMES = """\
ATTRIBUTE User-Name 1 string
ATTRIBUTE NAS-Identifier 32 string
ATTRIBUTE Calling-Station-Id 31 string
ATTRIBUTE Proxy-State 33 octets
ATTRIBUTE Acct-Status-Type 40 integer
ATTRIBUTE Acct-Input-Octets 42 integer
ATTRIBUTE Acct-Output-Octets 43 integer
ATTRIBUTE Acct-Session-Id 44 string
ATTRIBUTE Acct-Session-Time 46 integer
ATTRIBUTE Acct-Input-Gigawords 52 integer
ATTRIBUTE Acct-Output-Gigawords 53 integer
ATTRIBUTE Event-Timestamp 55 date
ATTRIBUTE Message-Authenticator 80 octets
VALUE Acct-Status-Type Start 1
VALUE Acct-Status-Type Stop 2
VALUE Acct-Status-Type Interim-Update 3
"""
BASE = (
    'User-Name="visitor",Calling-Station-Id="02-00-5E-10-00-01",NAS-Identifier="nas-a",Acct-Session-Id="s-1"'
)


@asynccontextmanager
async def listening(desk: Desk, papers: dict[str, Path] | None = None, host="127.0.0.1", **of_client):
    more = {"radsec_port": 0, **papers} if papers else {}
    section = Wifi.model_validate({"host": host, "port": 0, **more})
    known = [client(**of_client)]
    listener = RadiusListener(
        section, known, [hotspot("beach", nas_identifier="nas-a")], desk, Pseudonyms(), SystemClock()
    )
    task = asyncio.get_running_loop().create_task(listener.run())
    try:
        async with asyncio.timeout(20):
            await listener.opened()
        yield listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def radclient(
    port: int, attributes: str, *options: str, host: str = "127.0.0.1", secret: bytes = SECRET
):
    """What radclient says, and whether it got the answer that it wants."""
    command = [need("radclient", "freeradius-utils"), "-x", "-t", "2", "-r", "1", *options]
    process = await asyncio.create_subprocess_exec(
        *command,
        f"{host}:{port}",
        "acct",
        secret.decode(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate(attributes.encode())
    return said.decode(), process.returncode == 0


async def test_radclient_tells_a_session_and_believes_each_answer():
    desk = Desk()
    async with listening(desk) as listener:
        for more in (
            "Acct-Status-Type=Start",
            "Acct-Status-Type=Interim-Update,Acct-Session-Time=600,Acct-Input-Octets=10,Acct-Output-Octets=7,"
            "Acct-Input-Gigawords=1,Acct-Output-Gigawords=0",
            "Acct-Status-Type=Stop,Acct-Session-Time=900,Acct-Terminate-Cause=Idle-Timeout,Acct-Delay-Time=4",
        ):
            said, answered = await radclient(listener.port, f"{BASE},{more}")
            assert answered, said
            assert "Received Accounting-Response" in said
    start, interim, stop = desk.records
    assert [one.kind for one in desk.records] == [
        AccountingKind.START,
        AccountingKind.INTERIM,
        AccountingKind.STOP,
    ]
    assert (interim.bytes_up, interim.bytes_down, interim.session_s, interim.wide) == (
        (1 << 32) + 10,
        7,
        600,
        True,
    )
    assert (stop.cause, stop.session_s) == ("idle_timeout", 900)
    assert len({one.session for one in desk.records}) == 1
    assert {one.access_point for one in desk.records} == {"beach"}
    assert start.device == Pseudonyms().device(bytes.fromhex("02005e100001"), "")
    assert not desk.lost


async def test_radclients_on_off_proxy_state_and_signature_are_taken():
    desk = Desk()
    async with listening(desk) as listener:
        for status in ("Accounting-On", "Accounting-Off"):
            _, answered = await radclient(listener.port, f'NAS-Identifier="nas-a",Acct-Status-Type={status}')
            assert answered
        said, answered = await radclient(
            listener.port,
            f"{BASE},Acct-Status-Type=Start,Proxy-State=0x6f6e65,Message-Authenticator=0x00,Proxy-State=0x74776f",
        )
    assert answered, said
    assert said.partition("Received")[2].count("Proxy-State") == 2
    assert said.rindex("0x6f6e65") < said.rindex("0x74776f")
    assert [one.kind for one in desk.records] == [
        AccountingKind.ON,
        AccountingKind.OFF,
        AccountingKind.START,
    ]


async def test_radclient_over_ipv6_is_answered():
    desk = Desk()
    async with listening(desk, host="::1", address="::1") as listener:
        said, answered = await radclient(listener.port, f"{BASE},Acct-Status-Type=Start", "-6", host="[::1]")
    assert answered, said
    assert len(desk.records) == 1


async def test_radclients_status_server_is_answered():
    desk = Desk()
    async with listening(desk) as listener:
        program = need("radclient", "freeradius-utils")
        process = await asyncio.create_subprocess_exec(
            *(program, "-x", "-t", "2", "-r", "1", f"127.0.0.1:{listener.port}", "status", SECRET.decode()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate(b"Message-Authenticator=0x00\n")
    assert process.returncode == 0, said
    assert b"Received Accounting-Response" in said
    assert not desk.lost


async def test_radclient_with_a_wrong_secret_or_from_an_unknown_address_hears_nothing():
    desk = Desk()
    async with listening(desk) as listener:
        attributes = f"{BASE},Acct-Status-Type=Start"
        said, answered = await radclient(listener.port, attributes, "-t", "0.2", secret=b"not the secret")
        assert not answered
        assert "Received" not in said
        listener.use([client(address="10.0.0.1")], [])
        said, answered = await radclient(listener.port, attributes, "-t", "0.2")
        assert not answered
        assert "Received" not in said
    assert desk.records == []
    assert desk.lost == {("ap-1", "authenticator"): 1, ("", "unknown_client"): 1}


async def test_radclient_that_was_not_answered_tells_it_again_and_is_counted_once():
    desk = Desk()
    desk.is_open.clear()
    async with listening(desk) as listener, asyncio.TaskGroup() as group:
        options = ("-r", "10", "-t", "0.3")
        asking = group.create_task(
            radclient(listener.port, f"{BASE},Acct-Status-Type=Start,Acct-Delay-Time=0", *options)
        )
        await desk.until(lambda: desk.again["ap-1"] >= 1)
        desk.is_open.set()
        said, answered = await asking
    assert answered, said
    assert len(desk.records) == 1


def pyrad_client(port: int) -> PyradClient:
    made = PyradClient("127.0.0.1", acctport=port, secret=SECRET, dict=Dictionary(io.StringIO(NAMES)))
    made.timeout, made.retries = 1, 1
    return made


def pyrad_packet(of: PyradClient, **more: object):
    packet = of.CreateAcctPacket(**more)
    for name, value in (
        ("Acct-Status-Type", "Interim-Update"),
        ("Acct-Session-Id", "s-1"),
        ("User-Name", "visitor"),
        ("NAS-Identifier", "nas-a"),
        ("Acct-Input-Octets", 3),
        ("Acct-Output-Octets", 4),
        ("Acct-Session-Time", 60),
    ):
        packet[name] = value
    return packet


@pytest.mark.parametrize("more", [{}, {"message_authenticator": True}])
async def test_pyrad_is_answered_and_believes_it(more):
    desk = Desk()
    async with listening(desk, direction="swapped") as listener:
        sender = pyrad_client(listener.port)
        reply = await asyncio.to_thread(sender.SendPacket, pyrad_packet(sender, **more))
        sender._CloseSocket()
    assert reply.code == 5
    assert [(one.bytes_up, one.bytes_down) for one in desk.records] == [(4, 3)]


async def test_a_packet_of_pyrad_that_was_tampered_with_is_not_answered():
    desk = Desk()
    async with listening(desk) as listener:
        sender = pyrad_client(listener.port)
        packet = pyrad_packet(sender)
        whole = packet.RequestPacket()
        packet.RequestPacket = lambda: whole[:-1] + bytes((whole[-1] ^ 1,))
        with pytest.raises(Timeout):
            await asyncio.to_thread(sender.SendPacket, packet)
        sender._CloseSocket()
    assert desk.records == []
    assert desk.lost == {("ap-1", "authenticator"): 1}


@asynccontextmanager
async def radsecproxy(folder: Path, radsec_port: int, papers: dict[str, Path], own: tuple[Path, Path]):
    """A proxy that hears UDP on a free port and tells it on by RadSec."""
    port = free_port()
    config = folder / "radsecproxy.conf"
    config.write_text(f"""\
ListenUDP 127.0.0.1:{port}
tls ours {{
    CACertificateFile {papers["cert_file"]}
    CertificateFile {own[0]}
    CertificateKeyFile {own[1]}
}}
client 127.0.0.1 {{
    type udp
    secret {SECRET.decode()}
}}
server gianh {{
    host 127.0.0.1
    port {radsec_port}
    type tls
    tls ours
    secret radsec
    StatusServer on
}}
realm * {{
    accountingServer gianh
    accountingResponse off
}}
""")
    program = need("radsecproxy", "radsecproxy")
    with (folder / "radsecproxy.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, "-f", "-d", "2", "-c", str(config), "-i", str(folder / "pid"), stdout=log, stderr=log
        )
        try:
            yield port
        finally:
            process.terminate()
            await process.wait()


@pytest.fixture
def papers(tmp_path: Path) -> tuple[dict[str, Path], tuple[Path, Path]]:
    cert, key = certificate(tmp_path, "gateway")
    own = certificate(tmp_path, "ap-1")
    return {"cert_file": cert, "key_file": key, "ca_file": own[0]}, own


async def test_radsecproxy_brings_what_radclient_tells_and_brings_back_the_answer(tmp_path: Path, papers):
    files, own = papers
    desk = Desk()
    async with (
        listening(desk, files, address=None, secret=b"") as listener,
        radsecproxy(tmp_path, listener.radsec_port, files, own) as port,
    ):
        said, answered = await radclient(port, f"{BASE},Acct-Status-Type=Start", "-r", "15", "-t", "1")
    assert answered, said + (tmp_path / "radsecproxy.log").read_text()
    assert [one.client for one in desk.records] == ["ap-1"]
    assert not desk.lost
