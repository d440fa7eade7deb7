"""Data files to OpenSSH's own server, and to one of asyncssh's that takes a password."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from cloud_sync.reports.data_file import file_name
from cloud_sync.reports.service import DataFiles, FileParts
from cloud_sync.reports.sftp import SftpSender
from edge.config.air import DataFile
from edge.core.errors import PermanentError, TransientError
from edge.core.model import Event, EventKind
from tests.cloud_sync.data_files import FIVE_NS, START_NS, Means, mean, settings
from tests.file_servers import Sshd, key_pair
from tests.real.hands import HandClock, silence, until
from tests.servers import running

NAME = "QB_BADON_KK01_20260301120000.txt"


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    server = Sshd(tmp_path / "sshd")
    with running(server):
        yield server


def to(server: Sshd, **more: object) -> DataFile:
    where = {
        "port": server.port,
        "username": server.user,
        "key_file": server.key,
        "known_hosts_file": server.known_hosts,
        "folder": f"{server.files}/{{station}}/{{yyyy}}/{{MM}}/{{dd}}",
        "timeout_s": 10,
    }
    return settings(**(where | more))


async def send(found: DataFile, folder: Path, content: bytes = b"Temp\t25.05\r\n") -> None:
    sender = SftpSender(found)
    try:
        await sender.send(str(folder), NAME, content)
    finally:
        await sender.close()


async def test_a_file_arrives_whole_under_its_name_in_folders_that_are_made(sshd: Sshd) -> None:
    folder = sshd.files / "KK01" / "2026" / "03" / "01"
    await send(to(sshd), folder)
    assert (folder / NAME).read_bytes() == b"Temp\t25.05\r\n"
    assert [path.name for path in folder.iterdir()] == [NAME]


async def test_a_file_that_is_there_is_not_sent_again_and_a_shorter_one_is_replaced(sshd: Sshd) -> None:
    (sshd.files / NAME).write_bytes(b"half")
    await send(to(sshd), sshd.files)
    assert (sshd.files / NAME).read_bytes() == b"Temp\t25.05\r\n"
    before = (sshd.files / NAME).stat()
    await send(to(sshd), sshd.files)
    assert (sshd.files / NAME).stat().st_mtime_ns == before.st_mtime_ns


async def test_a_server_with_another_host_key_gets_nothing(sshd: Sshd, tmp_path: Path) -> None:
    other = key_pair(tmp_path, "other").with_suffix(".pub").read_text()
    wrong = tmp_path / "wrong_hosts"
    wrong.write_text(f"[127.0.0.1]:{sshd.port} {other}")
    with pytest.raises(PermanentError, match="host key that is not in"):
        await send(to(sshd, known_hosts_file=wrong), sshd.files)
    wrong.write_text("")
    with pytest.raises(PermanentError, match="host key that is not in"):
        await send(to(sshd, known_hosts_file=wrong), sshd.files)
    assert list(sshd.files.iterdir()) == []


async def test_a_wrong_password_gives_one_sentence_with_the_remedy(sshd: Sshd, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("not this one\n")
    with pytest.raises(PermanentError) as caught:
        await send(to(sshd, key_file=None, password_file=secret), sshd.files)
    assert str(caught.value) == (
        f"SFTP server 127.0.0.1:{sshd.port} of province does not let {sshd.user} in: correct username, or "
        "the password in password_file or key_file"
    )
    assert "not this one" not in repr(caught.value.__cause__)


async def test_keys_and_hosts_that_cannot_be_read_say_so(sshd: Sshd, tmp_path: Path) -> None:
    junk = tmp_path / "junk"
    junk.write_text("no key at all")
    with pytest.raises(PermanentError, match=r"key_file .*junk holds no private key"):
        await send(to(sshd, key_file=junk), sshd.files)
    with pytest.raises(PermanentError, match="nothing-here cannot be read"):
        await send(to(sshd, key_file=tmp_path / "nothing-here"), sshd.files)
    with pytest.raises(PermanentError, match="nobody-known"):
        await send(to(sshd, known_hosts_file=tmp_path / "nobody-known"), sshd.files)
    junk.write_bytes(b"\xff\xfe")
    with pytest.raises(PermanentError, match="junk holds no host keys"):
        await send(to(sshd, known_hosts_file=junk), sshd.files)
    with pytest.raises(PermanentError, match="neither password nor key"):
        await send(to(sshd, key_file=None), sshd.files)


async def test_a_folder_where_nobody_may_write_and_a_full_disk_are_refusals(tmp_path: Path) -> None:
    closed = Sshd(tmp_path / "closed", "-R")
    words = r"takes no file in .*Permission denied.*let this user write"
    with running(closed), pytest.raises(PermanentError, match=words):
        await send(to(closed), closed.files / "in")
    full = Sshd(tmp_path / "full")
    (full.files / f"{NAME}.part").symlink_to("/dev/full")
    with running(full), pytest.raises(PermanentError, match="whether its disk is full"):
        await send(to(full), full.files)
    assert not (full.files / NAME).exists()


async def test_a_server_that_is_not_there_or_never_answers_may_be_there_later(sshd: Sshd) -> None:
    sshd.stop()
    with pytest.raises(TransientError, match=r"cannot be reached: Connection refused$"):
        await send(to(sshd), sshd.files)
    with silence(sshd.port), pytest.raises(TransientError, match=r"no answer in 0\.3 s"):
        await send(to(sshd, timeout_s=0.3), sshd.files)


async def test_killed_in_the_middle_of_an_upload_leaves_nothing_under_the_final_name(sshd: Sshd) -> None:
    content = os.urandom(64_000_000)
    part = sshd.files / f"{NAME}.part"
    task = asyncio.create_task(send(to(sshd), sshd.files, content))
    await until(lambda: part.exists() and part.stat().st_size > 0)
    sshd.kill()
    with pytest.raises(TransientError):
        await task
    assert 0 < part.stat().st_size < len(content)
    assert [path.name for path in sshd.files.iterdir()] == [part.name]
    sshd.start()
    await send(to(sshd), sshd.files)
    assert [path.name for path in sshd.files.iterdir()] == [NAME]


class _Door(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("gianh", "mật khẩu")


async def test_a_password_opens_and_the_older_rename_replaces_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Old(asyncssh.SFTPServer):
        """Knows no rename but that of version 3, which takes no name that there is."""

        def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
            raise asyncssh.SFTPOpUnsupported("not here")

    key = asyncssh.generate_private_key("ssh-ed25519")
    files = tmp_path / "files"
    files.mkdir()
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=_Door,
        server_host_keys=[key],
        sftp_factory=lambda chan: Old(chan, chroot=os.fsencode(files)),
    )
    port = server.get_port()
    hosts = tmp_path / "known_hosts"
    hosts.write_text(f"[127.0.0.1]:{port} {key.export_public_key().decode()}")
    monkeypatch.setenv("GIANH_DATA_FILE_PROVINCE_PASSWORD", "mật khẩu")
    try:
        (files / NAME).write_bytes(b"half")
        await send(settings(port=port, known_hosts_file=hosts, timeout_s=10), Path("/"))
    finally:
        server.close()
        await server.wait_closed()
    assert (files / NAME).read_bytes() == b"Temp\t25.05\r\n"
    assert [path.name for path in files.iterdir()] == [NAME]


async def test_a_server_that_was_away_for_an_hour_gets_all_files_the_oldest_first(
    sshd: Sshd, tmp_path: Path
) -> None:
    found, means, clock, events = to(sshd), Means(), HandClock(START_NS), list[Event]()
    parts = FileParts(
        means,
        asyncio.to_thread,
        events.append,
        clock,
        tmp_path / "data",
        lambda station: ["pm10"],
        lambda: 0.5,
    )
    task = asyncio.create_task(DataFiles(found, parts, SftpSender(found)).run())
    names = [file_name(found, START_NS + nth * FIVE_NS) for nth in range(15)]

    def waiting() -> list[Path]:
        return list((tmp_path / "data").rglob("waiting/*.txt"))

    def received() -> list[Path]:
        return sorted(sshd.files.rglob("*.txt"), key=lambda path: path.stat().st_ctime_ns)

    async def pass_by(nth: int) -> None:
        means.put_mean(mean(START_NS + nth * FIVE_NS, pm10=float(nth)))
        await clock.advance(300)

    await clock.advance(20)
    await pass_by(1)
    await until(lambda: [path.name for path in received()] == names[1:2], clock)
    await until(lambda: not waiting())
    sshd.kill()
    for nth in range(2, 14):
        await pass_by(nth)
    await until(lambda: len(waiting()) == 12, clock)
    sshd.start()
    await pass_by(14)
    await until(lambda: len(received()) == 14, clock)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [path.name for path in received()] == names[1:]
    assert received()[5].read_bytes().split(b"\t")[1] == b"6.00"
    assert [event.kind for event in events] == [EventKind.TARGET_LOST, EventKind.TARGET_BACK]
    assert not list(sshd.files.rglob("*.part"))
