"""`gianh fleet`: configurations from one inventory, to gateways and back."""

import argparse
import asyncio
import difflib
import getpass
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from cloud_sync.mqtt.asker import asking
from edge.cli.common import (
    EXIT_DONE,
    EXIT_FAILED,
    CarryOut,
    Commands,
    add_command,
    add_json,
    print_json,
    print_table,
)
from edge.config.faults import ConfigErrors, Fault
from edge.config.load import load, load_section
from edge.config.schema import Mqtt
from edge.config.town import Town
from edge.core.errors import ConfigError
from edge.wiring import problems_of_wiring
from provisioning.ca.signing import Signatory
from provisioning.fleet.bundle import TRIAL_S_MAX, TRIAL_S_MIN
from provisioning.fleet.history import History
from provisioning.fleet.inventory import Made, build
from provisioning.fleet.push import Job, Result, Seen, next_version, push, seen, standing

DEFAULT = Path("town.toml")


class Fleet:
    """The inventory that is meant, its paths absolute."""

    def __init__(self, file: Path) -> None:
        self.file, self.base = file, file.resolve().parent
        self.town = load_section(file, Town)

    def made(self) -> list[Made]:
        """All configurations. Raises ConfigErrors with every fault of the inventory and of what it makes."""
        made = build(self.town, self.file)
        faults = [fault for one in made for fault in _faults(one)]
        if faults:
            raise ConfigErrors(faults)
        return made

    def history(self, gateway: str) -> History:
        """What was sent to a gateway."""
        return History(self.base / self.town.history, gateway)

    @property
    def mqtt(self) -> Mqtt:
        """How the broker is reached."""
        if self.town.mqtt is None:
            raise ConfigError(f"{self.file}: [mqtt] is missing: say how the broker is reached")
        paths = {name: self.base / one for name, one in self.town.mqtt if isinstance(one, Path)}
        return self.town.mqtt.model_copy(update=paths)

    @property
    def signatory(self) -> Signatory:
        """With what is signed."""
        if self.town.sign is None:
            raise ConfigError(f"{self.file}: [sign] is missing: give it key_file, from `gianh ca sign-key`")
        return Signatory(self.base / self.town.sign.key_file)


def add(commands: Commands) -> None:
    """Add this room's commands."""
    text = "configurations of all gateways, from one inventory"
    parser = add_command(commands, "fleet", status, text, "gianh fleet status -c town.toml")
    inner = parser.add_subparsers(dest="fleet", required=True, metavar="WHAT")
    text = "write every gateway's configuration into a folder, all of them checked"
    one = _command(inner, "build", build_all, text, "gianh fleet build out -c town.toml")
    one.add_argument("folder", type=Path, metavar="DIR", help="where they go: DIR/GATEWAY.toml")
    text = "what each gateway has, against what it should have"
    _command(inner, "status", status, text, "gianh fleet status -c town.toml")
    text = "send what differs, signed; each gateway tries it, and returns to what it had if it is not well"
    one = _command(inner, "push", push_all, text, "gianh fleet push gw-quang-long --trial 120")
    one.add_argument("gateways", nargs="*", metavar="GATEWAY", help="only these (default: all that differ)")
    one.add_argument("--dry-run", action="store_true", help="show what would change, and send nothing")
    one.add_argument("--yes", action="store_true", help="send without asking")
    _add_trial(one)
    text = "send a gateway what it had before, as a new version"
    one = _command(inner, "rollback", roll_back, text, "gianh fleet rollback gw-quang-long --to 7")
    one.add_argument("gateway", metavar="GATEWAY")
    one.add_argument("--to", type=int, metavar="VERSION", help="this version (default: the one before)")
    _add_trial(one)


def build_all(args: argparse.Namespace) -> int:
    """`gianh fleet build`."""
    made = Fleet(args.config).made()
    try:
        args.folder.mkdir(parents=True, exist_ok=True)
        for one in made:
            (args.folder / f"{one.gateway}.toml").write_text(one.text, "utf-8")
    except OSError as error:
        raise ConfigError(f"{args.folder} cannot be written: {error.strerror}") from error
    if args.json:
        print_json([str(args.folder / f"{one.gateway}.toml") for one in made])
    else:
        print(f"{len(made)} configurations in {args.folder}")
    return EXIT_DONE


def status(args: argparse.Namespace) -> int:
    """`gianh fleet status`."""
    fleet = Fleet(args.config)
    made = fleet.made()
    found = asyncio.run(_seen(fleet))
    if args.json:
        print_json([_as_json(one, found.get(one.gateway)) for one in made])
        return EXIT_DONE
    rows = [_row(one, found.get(one.gateway)) for one in made]
    print_table(("gateway", "online", "version", "configuration", "reason"), rows)
    strangers = sorted(set(found) - {one.gateway for one in made})
    if strangers:
        print(f"at the broker and not in {args.config}: {', '.join(strangers)}")
    return EXIT_DONE


def push_all(args: argparse.Namespace) -> int:
    """`gianh fleet push`."""
    fleet = Fleet(args.config)
    made = _chosen(fleet.made(), args.gateways, args.config)
    found = asyncio.run(_seen(fleet))
    wanted = [
        one for one in made if args.gateways or standing(found.get(one.gateway), one.text) != "as wanted"
    ]
    if not wanted:
        print("every gateway has what it should have")
        return EXIT_DONE
    for one in wanted:
        _show_change(fleet.history(one.gateway), one)
    if args.dry_run:
        return EXIT_DONE
    if not args.yes and not _agreed(f"send this to {len(wanted)} gateways?"):
        return EXIT_FAILED
    jobs = [Job(one.gateway, _next(fleet, found, one.gateway), one.text, args.over_local) for one in wanted]
    return _bring(fleet, jobs, found, args)


def roll_back(args: argparse.Namespace) -> int:
    """`gianh fleet rollback`."""
    fleet = Fleet(args.config)
    history = fleet.history(args.gateway)
    newest = history.newest()
    if newest is None:
        raise ConfigError(f"nothing was ever sent to {args.gateway!r} from here, so there is no way back")
    back = history.get(args.to) if args.to is not None else history.before(newest.number)
    found = asyncio.run(_seen(fleet))
    job = Job(args.gateway, _next(fleet, found, args.gateway), back.text, args.over_local)
    return _bring(fleet, [job], found, args)


def _bring(fleet: Fleet, jobs: Sequence[Job], found: dict[str, Seen], args: argparse.Namespace) -> int:
    results = asyncio.run(_pushed(fleet, jobs, found, args.trial, quiet=args.json))
    if args.json:
        print_json(
            [
                {"gateway": r.gateway, "version": r.version, "kept": r.kept, "reason": r.reason}
                for r in results
            ]
        )
    else:
        for one in results:
            print(f"{one.gateway}: version {one.version} {'kept' if one.kept else f'NOT kept: {one.reason}'}")
    return EXIT_DONE if all(one.kept for one in results) else EXIT_FAILED


async def _seen(fleet: Fleet) -> dict[str, Seen]:
    async with asking(fleet.mqtt, "fleet") as asker:
        return await seen(asker)


async def _pushed(
    fleet: Fleet, jobs: Sequence[Job], found: dict[str, Seen], trial_s: float, quiet: bool
) -> list[Result]:
    def say(text: str) -> None:
        if not quiet:
            print(text, flush=True)

    histories = {job.gateway: fleet.history(job.gateway) for job in jobs}
    signatory = fleet.signatory
    async with asking(fleet.mqtt, "fleet") as asker:
        return await push(asker, jobs, found, signatory, histories, trial_s, getpass.getuser(), say)


def _next(fleet: Fleet, found: dict[str, Seen], gateway: str) -> int:
    return next_version(found.get(gateway), fleet.history(gateway))


def _chosen(made: Sequence[Made], names: Sequence[str], file: Path) -> list[Made]:
    known = {one.gateway for one in made}
    for name in names:
        if name not in known:
            raise ConfigError(f"no gateway {name!r} in {file}: it has {', '.join(sorted(known)[:20])}")
    return [one for one in made if not names or one.gateway in names]


def _faults(made: Made) -> Iterator[Fault]:
    """Faults of what the inventory makes; the files that it names are on the gateway, not here."""
    with tempfile.TemporaryDirectory(prefix="gianh-fleet-") as folder:
        file = Path(folder) / f"{made.gateway}.toml"
        file.write_text(made.text, "utf-8")
        try:
            load(file, problems_of_wiring, files=False)
        except ConfigErrors as errors:
            yield from (Fault(Path(file.name), one.line, one.key, one.message) for one in errors.faults)


def _show_change(history: History, made: Made) -> None:
    before = history.newest()
    old = before.text.splitlines() if before else []
    name = f"version {before.number}" if before else "nothing sent yet"
    for line in difflib.unified_diff(
        old, made.text.splitlines(), f"{made.gateway} {name}", "now", lineterm="", n=1
    ):
        print(line)


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise ConfigError("nobody is there to ask: use --yes to send without asking, or --dry-run to look")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes", "c", "có")


def _row(made: Made, one: Seen | None) -> tuple[str, ...]:
    online = {True: "yes", False: "no", None: "-"}[one.online if one else None]
    version = str(one.version) if one and one.version else "-"
    return (made.gateway, online, version, str(standing(one, made.text)), one.reason if one else "")


def _as_json(made: Made, one: Seen | None) -> dict[str, object]:
    return {
        "gateway": made.gateway,
        "online": one.online if one else None,
        "version": one.version if one else 0,
        "standing": str(standing(one, made.text)),
        "reason": one.reason if one else "",
    }


def _command(
    inner: Commands, name: str, carry_out: CarryOut, text: str, example: str
) -> argparse.ArgumentParser:
    made = add_command(inner, name, carry_out, text, example)
    made.add_argument(
        "-c", "--config", type=Path, default=DEFAULT, metavar="FILE", help="the inventory (town.toml)"
    )
    add_json(made)
    return made


def _add_trial(parser: argparse.ArgumentParser) -> None:
    text = f"how long a gateway may try it ({TRIAL_S_MIN:g} to {TRIAL_S_MAX:g} s, default 120)"
    parser.add_argument("--trial", type=_trial, default=120.0, metavar="S", help=text)
    text = "replace a gateway.toml that was changed at the gateway itself since"
    parser.add_argument("--over-local", action="store_true", help=text)


def _trial(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not TRIAL_S_MIN <= value <= TRIAL_S_MAX:
        raise argparse.ArgumentTypeError(f"{text!r}: give seconds from {TRIAL_S_MIN:g} to {TRIAL_S_MAX:g}")
    return value
