"""The gateway without its console, with the one profile that lies beside the configuration."""

import asyncio
import signal
import sys
from pathlib import Path

from drivers.profile import parse_profile
from edge.config.load import load
from edge.core.clock import SystemClock
from edge.runtime.gateway import Gateway
from edge.wiring import Wiring


async def main(file: Path) -> None:
    """Run until SIGTERM."""
    profile = parse_profile("bench", (file.parent / "bench.toml").read_text("utf-8"))
    config = load(file).config
    config.gateway.data_dir.mkdir()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    gateway = Gateway(config, Wiring(lambda _: profile), SystemClock(), lambda: config, "bench")
    await gateway.start()
    await stop.wait()
    await gateway.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
