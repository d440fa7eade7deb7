"""Settings, means and stand-ins for the tests of data files."""

import asyncio
from collections.abc import Sequence
from typing import Any

from edge.config.air import DataFile
from edge.core.air import Mean, MeanStore, MeanValue, Span
from edge.core.errors import GianhError
from tests.virtual import EPOCH_NS

SECOND_NS = 1_000_000_000
FIVE_NS = 300 * SECOND_NS
START_NS = EPOCH_NS // FIVE_NS * FIVE_NS
"""A boundary of five minutes near virtual time zero."""

BASE: dict[str, Any] = {
    "id": "province",
    "station": "market",
    "province": "QB",
    "site": "BADON",
    "name": "KK01",
    "transfer": "sftp",
    "host": "127.0.0.1",
    "username": "gianh",
    "known_hosts_file": "/nowhere",
}


def settings(**more: Any) -> DataFile:
    return DataFile.model_validate(BASE | more)


def mean(end_ns: int, span: Span = Span.FIVE_MINUTES, **values: MeanValue | float) -> Mean:
    full = {
        name: value if isinstance(value, MeanValue) else MeanValue(value, 1.0)
        for name, value in values.items()
    }
    return Mean("market", span, end_ns, tuple(full.items()))


class Means(MeanStore):
    """A MeanStore in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Span, int], Mean] = {}
        self.trouble: GianhError | None = None

    def put_mean(self, mean: Mean) -> None:
        self.kept[mean.span, mean.end_ns] = mean

    async def means(self, station: str, span: Span, after_ns: int, through_ns: int) -> Sequence[Mean]:
        if self.trouble is not None:
            raise self.trouble
        found = [one for (of, end), one in self.kept.items() if of is span and after_ns < end <= through_ns]
        return sorted((one for one in found if one.station == station), key=lambda one: one.end_ns)


class Receiver:
    """A Sender that keeps what it is sent, and can be away (`trouble`) or lose its answer (`mute`)."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.order: list[str] = []
        self.uploads = 0
        self.trouble: GianhError | None = None
        self.mute: GianhError | None = None
        self.came = asyncio.Event()

    async def send(self, folder: str, name: str, content: bytes) -> None:
        if self.trouble is not None:
            raise self.trouble
        path = f"{folder}/{name}"
        if self.files.get(path) != content:
            self.files[path] = content
            self.order.append(name)
            self.uploads += 1
        if self.mute is not None:
            raise self.mute
        self.came.set()

    async def close(self) -> None:
        pass
