"""A child process that stores, settles and says on stdout what is durable, until it is killed."""

import asyncio
import sys
from pathlib import Path

from edge.core.model import Stream
from edge.runtime.store import Store
from tests.runtime.store_help import FAST, HandClock, sample


async def main(path: Path) -> None:
    clock = HandClock()
    store = Store(path, FAST, clock, boot="boot-1")
    await store.open(["mqtt"])
    number = store.stats().stored
    while True:
        for _ in range(7):
            store.put_sample(sample(number, clock))
            number += 1
        await store.flush()
        sys.stdout.write(f"stored {number}\n")
        rows = await store.owed_samples("mqtt", 5)
        store.settle("mqtt", Stream.SAMPLE, [row.seq for row in rows], [])
        await store.flush()
        sys.stdout.write(f"settled {rows[-1].seq}\n")
        sys.stdout.flush()


asyncio.run(main(Path(sys.argv[1])))
