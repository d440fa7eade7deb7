"""`gianh run` with the one profile that lies beside the configuration."""

import asyncio
import sys
from pathlib import Path

import drivers.modbus.driver
import edge.wiring
from drivers.profile import parse_profile
from edge.cli import run
from edge.config.load import load


def main(file: Path) -> None:
    """Run until SIGTERM."""
    profile = parse_profile("bench", (file.parent / "bench.toml").read_text("utf-8"))
    drivers.modbus.driver.load_profile = edge.wiring.load_profile = lambda _: profile
    edge.wiring.profile_ids = lambda: ("bench",)
    asyncio.run(run._run(load(file)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
