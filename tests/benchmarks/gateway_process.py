"""`gianh run` with the one profile that lies beside the configuration."""

import asyncio
import signal
import sys
from pathlib import Path

from drivers.profile import parse_profile
from edge.cli.run import running
from edge.config.load import load
from edge.wiring import Wiring


async def main(file: Path) -> None:
    """Run until SIGTERM."""
    profile = parse_profile("bench", (file.parent / "bench.toml").read_text("utf-8"))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with running(load(file).config, file, Wiring(lambda _: profile)):
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
