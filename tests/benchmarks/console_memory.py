"""What the console's code costs a gateway: prints how many MB a process grows by when it gets one.

First it loads all that a gateway without a console has, then the console.
"""

import asyncio
import os
import tempfile
from pathlib import Path

from edge.config.load import load
from edge.core.clock import SystemClock
from edge.runtime.gateway import Gateway
from edge.wiring import Wiring

GATEWAY = '[gateway]\nid = "gw-bench"\nlatitude = 17.75\nlongitude = 106.42\n[http]\nport = 0\nlogin = true\n'


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def main() -> None:
    """Print it."""
    with tempfile.TemporaryDirectory(prefix="gianh-bench-") as name:
        file = Path(name) / "gateway.toml"
        file.write_text(GATEWAY, "utf-8")
        config, clock = load(file).config, SystemClock()
        config.gateway.data_dir.mkdir()
        gateway = Gateway(config, Wiring(), clock, lambda: config, "bench")
        await gateway.store.open([])
        before_mb = resident_mb(os.getpid())
        from edge.console.front import gateway_front

        front = gateway_front(gateway, clock)
        print(f"{resident_mb(os.getpid()) - before_mb:.1f}")
        await gateway.store.close()
        del front


if __name__ == "__main__":
    asyncio.run(main())
