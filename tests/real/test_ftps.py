"""Data files to vsftpd, which wants TLS for everything and its session for data."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.reports.ftps import FtpsSender
from edge.config.air import DataFile
from edge.core.errors import PermanentError, TransientError
from tests.cloud_sync.data_files import settings
from tests.file_servers import Vsftpd
from tests.real.hands import silence, until
from tests.servers import certificate, running

NAME = "QB_BADON_KK01_20260301120000.txt"
TEXT = b"Temp\t25.05\r\n"


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIANH_DATA_FILE_PROVINCE_PASSWORD", "p@ss")


@pytest.fixture
def vsftpd(tmp_path: Path) -> Iterator[Vsftpd]:
    server = Vsftpd(tmp_path / "vsftpd")
    with running(server):
        yield server


def to(server: Vsftpd, **more: object) -> DataFile:
    where = {
        "transfer": "ftps",
        "known_hosts_file": None,
        "port": server.port,
        "username": "anonymous",
        "ca_file": server.ca,
        "timeout_s": 10,
    }
    return settings(**(where | more))


async def send(found: DataFile, folder: str = "/in", content: bytes = TEXT, times: int = 1) -> None:
    sender = FtpsSender(found)
    try:
        for _ in range(times):
            await sender.send(folder, NAME, content)
    finally:
        await sender.close()


async def test_a_file_arrives_whole_under_its_name_in_folders_that_are_made(vsftpd: Vsftpd) -> None:
    await send(to(vsftpd), "/in/KK01/2026/03/01", times=2)
    folder = vsftpd.files / "in" / "KK01" / "2026" / "03" / "01"
    assert (folder / NAME).read_bytes() == TEXT
    assert [path.name for path in folder.iterdir()] == [NAME]


async def test_many_files_go_over_one_connection(vsftpd: Vsftpd) -> None:
    sender = FtpsSender(to(vsftpd))
    names = [f"QB_BADON_KK01_202603011200{nth:02}.txt" for nth in range(12)]
    for name in names:
        await sender.send("/in/KK01", name, name.encode())
    await sender.close()
    found = vsftpd.files / "in" / "KK01"
    assert {path.name: path.read_text() for path in found.iterdir()} == {name: name for name in names}


async def test_a_file_of_another_size_is_replaced_and_the_same_is_left(vsftpd: Vsftpd) -> None:
    await send(to(vsftpd), content=b"half")
    path = vsftpd.files / "in" / NAME
    await send(to(vsftpd))
    assert path.read_bytes() == TEXT
    before = path.stat().st_ino
    await send(to(vsftpd))
    assert path.stat().st_ino == before


async def test_a_server_whose_certificate_is_not_trusted_gets_nothing(vsftpd: Vsftpd, tmp_path: Path) -> None:
    other, _ = certificate(tmp_path, "other")
    with pytest.raises(PermanentError, match=r"certificate that is not trusted .*ca_file"):
        await send(to(vsftpd, ca_file=other))
    with pytest.raises(PermanentError, match=r"Hostname mismatch|not valid for 'localhost'"):
        await send(to(vsftpd, host="localhost"))
    with pytest.raises(PermanentError, match=r"ca_file .*nowhere holds no certificate"):
        await send(to(vsftpd, ca_file=tmp_path / "nowhere"))
    assert not list(vsftpd.files.rglob("*.txt*"))


async def test_a_wrong_password_gives_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("another\n")
    server = Vsftpd(tmp_path / "closed", f"secure_email_list_enable=YES\nemail_password_file={passwords}\n")
    with running(server), pytest.raises(PermanentError) as caught:
        await send(to(server))
    assert str(caught.value) == (
        f"FTPS server 127.0.0.1:{server.port} of province does not let anonymous in: correct username, or "
        "the password in password_file"
    )


async def test_without_a_password_nothing_is_tried(vsftpd: Vsftpd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIANH_DATA_FILE_PROVINCE_PASSWORD")
    with pytest.raises(PermanentError, match="set password_file"):
        await send(to(vsftpd))


async def test_a_server_without_tls_gets_neither_password_nor_data(tmp_path: Path) -> None:
    server = Vsftpd(tmp_path / "plain", "ssl_enable=NO\n")
    with running(server), pytest.raises(PermanentError, match=r"offers no TLS .*nothing is sent"):
        await send(to(server))
    assert not list(server.files.rglob("*.txt*"))


async def test_a_folder_where_nobody_may_write_and_a_full_disk_are_told(tmp_path: Path) -> None:
    closed = Vsftpd(tmp_path / "closed", "write_enable=NO\n")
    with running(closed), pytest.raises(PermanentError, match=r"takes no file in /in .*let this user"):
        await send(to(closed))
    full = Vsftpd(tmp_path / "full")
    (full.files / "in" / f"{NAME}.part").symlink_to("/dev/full")
    with running(full), pytest.raises((PermanentError, TransientError), match="province"):
        await send(to(full))
    assert not (full.files / "in" / NAME).exists()


async def test_a_server_that_is_not_there_or_never_answers_may_be_there_later(vsftpd: Vsftpd) -> None:
    vsftpd.stop()
    with pytest.raises(TransientError, match="cannot be reached"):
        await send(to(vsftpd))
    with silence(vsftpd.port), pytest.raises(TransientError, match=r"no answer in 0\.3 s"):
        await send(to(vsftpd, timeout_s=0.3))


async def test_killed_in_the_middle_of_an_upload_leaves_nothing_under_the_final_name(vsftpd: Vsftpd) -> None:
    content = os.urandom(64_000_000)
    part = vsftpd.files / "in" / f"{NAME}.part"
    task = asyncio.create_task(send(to(vsftpd), content=content))
    await until(lambda: part.exists() and part.stat().st_size > 0)
    vsftpd.kill()
    with pytest.raises(TransientError):
        await task
    assert part.stat().st_size < len(content)
    assert [path.name for path in part.parent.iterdir()] == [part.name]
    vsftpd.start()
    await send(to(vsftpd))
    assert [path.name for path in part.parent.iterdir()] == [NAME]


async def test_giving_up_in_the_middle_ends_the_thread_soon(vsftpd: Vsftpd) -> None:
    part = vsftpd.files / "in" / f"{NAME}.part"
    task = asyncio.create_task(send(to(vsftpd), content=os.urandom(64_000_000)))
    await until(lambda: part.exists() and part.stat().st_size > 0)
    vsftpd.pause()
    task.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    vsftpd.go_on()
