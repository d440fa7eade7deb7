"""Data files that follow a changed configuration."""

import asyncio
from pathlib import Path

from cloud_sync.reports.room import DataFileRoom
from cloud_sync.reports.sending import Sender
from cloud_sync.reports.service import FileParts, sender_of
from cloud_sync.reports.sftp import SftpSender
from edge.config.air import DataFile
from edge.core.clock import SystemClock
from tests.cloud_sync.data_files import Means, Receiver, settings
from tests.real.hands import until


async def test_what_did_not_change_goes_on_and_what_did_begins_anew(tmp_path: Path) -> None:
    made: list[DataFile] = []

    def sender(found: DataFile) -> Sender:
        made.append(found)
        return Receiver()

    parts = FileParts(
        Means(), asyncio.to_thread, lambda event: None, SystemClock(), tmp_path, lambda station: ()
    )
    first, second = settings(id="first"), settings(id="second")
    room = DataFileRoom([first, second], parts, sender)
    task = asyncio.create_task(room.run())
    await until(lambda: made == [first, second])
    changed = settings(id="second", host="elsewhere")
    room.use([first, changed])
    await until(lambda: made == [first, second, changed])
    room.use([])
    await until(lambda: not [one for one in asyncio.all_tasks() if one.get_name().startswith("data file ")])
    room.use([second])
    await until(lambda: made == [first, second, changed, second])
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert len(asyncio.all_tasks()) == 1


def test_the_way_is_the_one_that_is_named() -> None:
    assert isinstance(sender_of(settings()), SftpSender)
    other = sender_of(settings(transfer="ftps", known_hosts_file=None))
    assert type(other).__name__ == "FtpsSender"
