"""`gianh sim`: the simulated town on real protocols, as a process of its own."""

import argparse
import asyncio
import os
import signal
import stat
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge.core.errors import ConfigError, GianhError
from simulators.air_faults import AirFaultPlan, parse_air_faults, with_air_faults, with_scenario
from simulators.faults import FaultKind, FaultPlan, parse_plan
from simulators.lamp_faults import LampFaultPlan, parse_lamp_faults, with_lamp_faults
from simulators.nature import AirFault, LampFault, Scenario
from simulators.simulation import SimulatedTime, Simulation, ready_line
from simulators.town import build_town
from simulators.wire import precise_loop

DONE, FAILED, WRONG_USAGE = 0, 1, 2
GATEWAYS_MAX = 500
PRECISE_GATEWAYS_MAX = 100
"""Above this the process has more files open than precise timers can watch."""

DESCRIPTION = (
    "Simulate the town's serial lines and Modbus TCP ports. Prints one line of JSON with every address once "
    "all is there, and ends when its standard input (a pipe) closes, or by Ctrl-C."
)
EXAMPLE = "example: gianh sim --gateways 2 --speed 60 --faults 0.01:late,bad_crc"

STDIN = 0


@dataclass(frozen=True, slots=True)
class Wrong:
    """What goes wrong: on serial lines, with lamps, with sensors."""

    lines: FaultPlan | None
    lamps: LampFaultPlan | None
    air: AirFaultPlan | None


def main(argv: Sequence[str]) -> int:
    """The whole command by itself; gives the exit code."""
    parser = argparse.ArgumentParser(prog="gianh sim", description=DESCRIPTION, epilog=EXAMPLE)
    add_options(parser)
    return run(parser.parse_args(argv))


def run(options: argparse.Namespace) -> int:
    """Run the town until stdin (a pipe) closes, SIGINT or SIGTERM; gives the exit code."""
    try:
        faults = parse_plan(options.faults, options.seed) if options.faults else None
        lamps = parse_lamp_faults(options.lamp_faults, options.seed) if options.lamp_faults else None
        air = parse_air_faults(options.air_faults, options.seed) if options.air_faults else None
        began_s = start_s(options.start)
        wrong = Wrong(faults, lamps, air)
        precise = options.gateways <= PRECISE_GATEWAYS_MAX
        with asyncio.Runner(loop_factory=precise_loop if precise else None) as runner:
            if options.directory is not None:
                runner.run(_run(options, options.directory, wrong, began_s))
            else:
                with tempfile.TemporaryDirectory(prefix="gianh-sim-") as directory:
                    runner.run(_run(options, Path(directory), wrong, began_s))
    except ConfigError as error:
        return complain(error, WRONG_USAGE)
    except (GianhError, OSError) as error:
        return complain(error, FAILED)
    return DONE


def complain(error: Exception, code: int, program: str = "gianh sim") -> int:
    """Say what is wrong in one sentence; gives the exit code."""
    sys.stderr.write(f"{program}: {error}\n")
    return code


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `run` wants to be told, for a parser that stands here or in the command line."""
    parser.add_argument("--directory", type=Path, help="where the device files appear (default: a new one)")
    parser.add_argument("--gateways", type=_gateways, default=2, help="how many gateways (default 2)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same town and faults (default 1)")
    parser.add_argument("--speed", type=speed, default=1.0, help="how fast the simulated day runs")
    parser.add_argument("--start", help="simulated time to begin at, such as 2026-03-20T17:50:00+07:00")
    parser.add_argument(
        "--faults",
        help="share of RTU transactions that go wrong, as RATE or RATE:KIND,KIND; kinds: "
        + ", ".join(FaultKind),
    )
    parser.add_argument(
        "--lamp-faults",
        help="what lamps suffer, as lamp-13=dead,relays=stuck_relay, or the share of them as SHARE or "
        "SHARE:KIND,KIND; kinds: " + ", ".join(LampFault),
    )
    parser.add_argument(
        "--air-faults",
        help="what sensors suffer, as air=stuck,analyser-o3=spike, or the share of them as SHARE or "
        "SHARE:KIND,KIND; kinds: " + ", ".join(AirFault),
    )
    parser.add_argument(
        "--scenario",
        choices=tuple(Scenario),
        default=Scenario.SEASON.value,
        help="which days the town has: by the calendar (season), or one kind for ever",
    )


def _gateways(text: str) -> int:
    number = int(text)
    if not 1 <= number <= GATEWAYS_MAX:
        raise argparse.ArgumentTypeError(f"give a number from 1 to {GATEWAYS_MAX}")
    return number


def speed(text: str) -> float:
    """How many times as fast, for argparse."""
    number = float(text)
    if not 0 < number <= 100_000:
        raise argparse.ArgumentTypeError("give a number above 0 and up to 100000")
    return number


def start_s(text: str | None) -> float | None:
    """The simulated time to begin at, as UTC seconds. Raises ConfigError where that cannot be read."""
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--start {text!r} is no time: write it as 2026-03-20T17:50:00+07:00") from error
    if when.tzinfo is None:
        raise ConfigError(f"--start {text!r} has no zone: add +07:00 or Z")
    return when.timestamp()


async def _run(
    options: argparse.Namespace,
    directory: Path,
    wrong: Wrong,
    began_s: float | None,
) -> None:
    over = until_over()
    town = with_scenario(build_town(options.gateways, directory, options.seed), Scenario(options.scenario))
    clock = SimulatedTime.from_now(options.speed, began_s)
    if wrong.lamps is not None:
        town = with_lamp_faults(town, wrong.lamps, clock.start_s)
    if wrong.air is not None:
        town = with_air_faults(town, wrong.air, clock.start_s, options.speed)
    async with Simulation(town, clock.utc_s, wrong.lines) as simulation:
        sys.stdout.write(ready_line(simulation, clock.utc_s()) + "\n")
        sys.stdout.flush()
        await over.wait()


def until_over() -> asyncio.Event:
    """Set by SIGINT, SIGTERM, or the end of a pipe on standard input."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    try:
        mode = os.fstat(STDIN).st_mode
    except OSError:
        return over
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        loop.add_reader(STDIN, _drain, loop, over)
    return over


def _drain(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    if not os.read(STDIN, 4096):
        loop.remove_reader(STDIN)
        over.set()
