"""`gianh light plan`: the night of a lamp, group, segment or the gateway, from the file alone."""

import argparse
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from edge.cli.common import (
    EXIT_DONE,
    Commands,
    add_command,
    add_config,
    add_json,
    config_path,
    print_json,
    shows,
)
from edge.config.lighting import Operation
from edge.config.load import load
from edge.core.clock import SystemClock
from edge.core.days import day_written
from edge.core.ports import Clock
from edge.lighting.cost import Cost, cost_of
from edge.lighting.draw import EIGHTHS, draw
from edge.lighting.night import Night, Switching, switched
from edge.lighting.plans import Plans, site_of
from edge.lighting.targets import Targets
from edge.lighting.times import SECOND_NS, rfc3339
from edge.wiring import lamps_of, problems_of_wiring

NUMBER_WORDS = {Operation.SET: "", Operation.MAX: "at least ", Operation.MIN: "at most "}


def add(commands: Commands) -> None:
    """Add `plan` to the commands of `gianh light`."""
    text = "show what the plan switches in a night, with the sun, the levels and the energy expected"
    example = "gianh light plan gw-quang-long --date 2026-12-21"
    parser = add_command(commands, "plan", plan, text, example)
    parser.add_argument("target", metavar="TARGET", help="a lamp, group, segment, or the gateway's id")
    parser.add_argument(
        "--date",
        metavar="YYYY-MM-DD",
        help="the day on which the night begins (default: the running night, by day the coming one)",
    )
    add_config(parser)
    add_json(parser)


def plan(args: argparse.Namespace, clock: Clock | None = None) -> int:
    """`gianh light plan`."""
    config = load(config_path(args), problems_of_wiring).config
    lamps = Targets(config, lamps_of(config)).resolve(args.target)
    plans = Plans(config)
    day = day_written(args.date, "--date") if args.date else plans.evening((clock or SystemClock()).utc_ns())
    night, zone = plans.night(args.target, day), site_of(config).zone
    cost = cost_of(config, plans, lamps, day)
    default = config.lighting.default_level
    if any(segment.is_lamp and segment.id == args.target for segment in config.segment):
        night = switched(night, default)
    if args.json:
        print_json(as_json(args.target, night, zone, default, cost))
        return EXIT_DONE
    ascii_only = not shows(EIGHTHS)
    title = next((one.title for one in config.program if one.id == night.program), None)
    for line in _lines(args.target, night, zone, default, cost, title, ascii_only):
        print(line)
    return EXIT_DONE


def as_json(target: str, night: Night, zone: ZoneInfo, default: float, cost: Cost) -> dict[str, object]:
    """The night as programs read it; `energy_kwh` is null where no nominal power is known."""
    return {
        "target": target,
        "sunset": rfc3339(night.sunset_ns, zone),
        "sunrise": rfc3339(night.sunrise_ns, zone),
        "switchings": [
            {"at": rfc3339(one.at_ns, zone), "level": _number(one.on(default)), "why": one.why}
            | ({} if one.fade_s is None else {"fade_s": _number(one.fade_s)})
            for one in night.switchings
        ],
        "energy_kwh": round(cost.energy_kwh, 3) if cost.known else None,
    }


def _lines(
    target: str,
    night: Night,
    zone: ZoneInfo,
    default: float,
    cost: Cost,
    title: str | None,
    ascii_only: bool,
) -> Iterator[str]:
    morning = night.day + timedelta(days=1)
    yield f"{target}, night of {night.day:%d/%m/%Y} to {morning:%d/%m/%Y}"
    program = f"program {night.program}" if night.program else "no calendar assigned: the default level"
    yield program + (f" ({title})" if title and not ascii_only else "")
    yield f"sunset {_time(night.sunset_ns, zone)}   sunrise {_time(night.sunrise_ns, zone)}"
    yield ""
    yield from draw(night, zone, default, ascii_only)
    yield ""
    yield f"before  {_level(night.carried, default)}"
    for one in night.switchings:
        yield f"{_time(one.at_ns, zone)[:5]}   {_level(one, default)}"
    if night.program and night.at(night.to_ns).on(default) > 0:
        yield "note    the lamps burn on by day: no step of this night switches them off"
    yield ""
    yield from _costs(cost)


def _level(one: Switching, default: float) -> str:
    bound = NUMBER_WORDS[one.operation]
    note = f" ({bound}{_number(one.level)} %)" if bound else ""
    fade = "" if one.fade_s is None else f", fades within {_number(one.fade_s)} s"
    return f"{_number(one.on(default)):>3} %   {one.why}{note}{fade}"


def _costs(cost: Cost) -> Iterator[str]:
    if not cost.known:
        yield "energy  not known: give the lamps nominal_w"
        return
    saved = round(100 * (1 - cost.energy_kwh / cost.full_kwh)) if cost.full_kwh else 0
    against = f"{abs(saved)} % {'less' if saved >= 0 else 'more'} than in full from sunset to sunrise"
    yield f"energy  about {cost.energy_kwh:.3g} kWh, {against}"
    yield f"        an estimate from nominal_w, which {cost.known} of {cost.lamps} lamps have"


def _time(utc_ns: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(utc_ns // SECOND_NS, zone):%H:%M:%S}"


def _number(level: float) -> float | int:
    return int(level) if level == int(level) else level
