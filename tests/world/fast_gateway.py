"""A whole gateway in a process of its own, by the clock of a simulated day; says where its API answers.

python -m tests.world.fast_gateway FILE START_S BEGAN_S SPEED
"""

import asyncio
import logging
import signal
import sys
import time
from pathlib import Path

from edge.cli.run import quiet_libraries, running
from edge.config.load import load
from edge.core.clock import SimulatedClock
from edge.wiring import problems_of_wiring


async def main(file: Path, start_s: float, began_s: float, speed: float) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    now_s = start_s + (time.monotonic() - began_s) * speed
    clock = SimulatedClock(round(now_s * 1e9), speed)
    async with running(load(file, problems_of_wiring).config, file, clock=clock) as run:
        sys.stdout.write(run.http + "\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)
    quiet_libraries()
    asyncio.run(main(Path(sys.argv[1]), *(float(number) for number in sys.argv[2:5])))
