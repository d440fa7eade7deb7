"""`gianh commission`: from unlabelled devices to a signed-off record, step by step, everything reversible."""

import argparse
import asyncio
import getpass
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from edge.cli.commission_guide import Guide
from edge.cli.commission_hands import SocketHands
from edge.cli.common import (
    EXIT_DONE,
    EXIT_FAILED,
    Commands,
    add_command,
    add_config,
    add_json,
    config_path,
    configured,
    print_json,
    print_table,
    print_text,
)
from edge.config.commissioning import (
    Answers,
    BusAnswer,
    CommentAnswer,
    DeviceAnswer,
    PlaceAnswer,
    PowerAnswer,
    SignAnswer,
    TestAnswer,
)
from edge.config.commissioning_view import View
from edge.config.load import load_section, section_from
from edge.config.section import Section
from edge.core.errors import ConfigError
from edge.core.ids import ID_RULE, is_id
from edge.core.owned import write_new
from edge.wiring import problems_of_wiring
from provisioning.commission.applying import apply
from provisioning.commission.bench import Bench
from provisioning.commission.document import smallest
from provisioning.commission.journal import FOLDER
from provisioning.commission.record import LABELS_FILE, PDF_FILE, finish
from provisioning.commission.service import Commissioning

S = TypeVar("S", bound=Section)
Asked = Callable[[Commissioning, str], Awaitable[View]]

STEPS: tuple[tuple[str, type[Section], str, str], ...] = (
    (
        "place",
        PlaceAnswer,
        "what the cabinet is called and where it stands",
        'title="Tủ 3" latitude=17.757 longitude=106.41',
    ),
    ("bus", BusAnswer, "a line of the cabinet", "id=line-1 kind=rtu port=/dev/serial/by-id/usb-X"),
    (
        "device",
        DeviceAnswer,
        "a device: which model, where, on which pole",
        "id=lamp-3 profile=ecodim-dali-gw2 bus=line-1 address=3 pole=HV-03",
    ),
    ("comment", CommentAnswer, "a remark for the record", 'text="cover of pole 3 is loose"'),
    ("sign", SignAnswer, "sign: the record becomes PDF, JSON and labels", 'name="Nguyễn Văn Hoa"'),
)
"""Steps that are answers alone: name, its keys, what it is, an example."""


def add(commands: Commands) -> None:
    """Add this room's commands."""
    parser = commands.add_parser(
        "commission",
        help="from unlabelled devices to a signed-off record, step by step",
        description="Commission a cabinet, step by step; alone it guides through what is still to do.",
        epilog="Example: gianh commission -c gateway.toml",
    )
    _common(parser)
    parser.add_argument("--found", type=Path, metavar="FILE", help="what `gianh scan --json` printed")
    parser.set_defaults(carry_out=guide)
    inner = parser.add_subparsers(dest="commission_command", metavar="STEP")
    _add_looking(inner)
    _add_answers(inner)
    _add_showing(inner)


def _add_looking(inner: Commands) -> None:
    resumed = add_command(inner, "resume", guide, "go on where it was left", "gianh commission resume")
    resumed.add_argument("--found", type=Path, metavar="FILE", help="what `gianh scan --json` printed")
    text = "what was done, and what is still to do"
    status = add_command(inner, "status", show, text, "gianh commission status --json")
    text = "take the last step back, with what it did; of a signed record, its signature"
    undo = add_command(inner, "undo", take_back, text, "gianh commission undo")
    text = "forget the commissioning at work; gateway.toml stays as it is"
    gone = add_command(inner, "discard", discard, text, "gianh commission discard")
    text = "do all that a file of answers says and is not done yet"
    from_file = add_command(inner, "apply", apply_file, text, "gianh commission apply cabinet.toml")
    from_file.add_argument("answers", type=Path, metavar="FILE", help="see docs/commissioning.md")
    text = "make the smallest gateway.toml where there is none"
    new = add_command(inner, "new", make_file, text, "gianh commission new gw-hung-vuong -c gateway.toml")
    new.add_argument("gateway", metavar="ID", help="how the gateway will be called, for ever")
    new.add_argument("--data-dir", default="data", metavar="DIR", help="where its data lies (default: data)")
    for each in (resumed, status, undo, gone, from_file, new):
        _common(each)


def _add_answers(inner: Commands) -> None:
    for name, model, text, example in STEPS:
        made = add_command(inner, name, _answer, text, f"gianh commission {name} {example}")
        keys = ", ".join(model.model_fields)
        made.add_argument("answers", nargs="+", metavar="KEY=VALUE", help=f"keys: {keys}")
        made.set_defaults(model=model, step=name)
        _common(made)


def _add_showing(inner: Commands) -> None:
    def command(
        name: str, carry: Callable[[argparse.Namespace], int], text: str, example: str
    ) -> argparse.ArgumentParser:
        made = add_command(inner, name, carry, text, example)
        _common(made)
        return made

    command("write", write, "put the answers into gateway.toml and apply it", "gianh commission write")
    for name, carry, text, example in (
        ("remove", remove, "leave a device out again", "gianh commission remove lamp-3"),
        ("blink", blink, "let a lamp go bright and dim", "gianh commission blink lamp-3"),
        (
            "test",
            test,
            "read a device, or say what was seen",
            "gianh commission test lamp-3 kind=blink seen=true",
        ),
        ("power", power, "measure a lamp at full light", "gianh commission power lamp-3 meter=meter-1"),
    ):
        made = command(name, carry, text, example)
        made.add_argument("device", metavar="DEVICE")
        if name in ("test", "power"):
            made.add_argument("answers", nargs="*", metavar="KEY=VALUE")
    made = command("photo", photo, "keep a photo beside the record", "gianh commission photo cabinet.jpg")
    made.add_argument("photo", type=Path, metavar="FILE", help="JPEG or PNG; place and owner are taken out")


def _common(parser: argparse.ArgumentParser) -> None:
    """What may stand before the step and behind it."""
    within = argparse.SUPPRESS
    parser.add_argument("--by", default=within, metavar="NAME", help="who does it (default: you)")
    add_config(parser, within)
    add_json(parser, within)


def guide(args: argparse.Namespace) -> int:
    """`gianh commission`: asks for what is still to do."""
    if not sys.stdin.isatty() and not args.__dict__.get("found"):
        return show(args)
    work, by = _work(args), _by(args)
    view = Guide(work, by, args.__dict__.get("found")).run()
    return _show(args, view)


def show(args: argparse.Namespace) -> int:
    """`gianh commission status`."""
    return _do(args, lambda work, _: work.look())


def take_back(args: argparse.Namespace) -> int:
    """`gianh commission undo`."""
    return _do(args, lambda work, by: work.undo(by))


def discard(args: argparse.Namespace) -> int:
    """`gianh commission discard`."""
    return _do(args, lambda work, _: work.discard())


def apply_file(args: argparse.Namespace) -> int:
    """`gianh commission apply`."""
    answers = load_section(args.answers, Answers)
    tell = print_text if not _json(args) else lambda text: print(text, file=sys.stderr)
    return _do(args, lambda work, by: apply(work, answers, by, tell))


def make_file(args: argparse.Namespace) -> int:
    """`gianh commission new`."""
    if not is_id(args.gateway):
        raise ConfigError(f"{args.gateway!r} is no id, which is {ID_RULE}")
    file = Path(args.__dict__.get("config") or "gateway.toml")
    try:
        write_new(file, smallest(args.gateway, args.data_dir).encode(), 0o640)
    except FileExistsError as error:
        raise ConfigError(f"{file} is there already: `gianh commission -c {file}` goes on with it") from error
    except OSError as error:
        raise ConfigError(f"{file} cannot be made ({error.strerror}): check the folder") from error
    print_text(
        f"{file} is made: start the gateway with `gianh run -c {file}`, then `gianh commission -c {file}`"
    )
    return EXIT_DONE


def write(args: argparse.Namespace) -> int:
    """`gianh commission write`."""
    return _do(args, lambda work, by: work.write(by))


def remove(args: argparse.Namespace) -> int:
    """`gianh commission remove`."""
    return _do(args, lambda work, by: work.remove(args.device, by))


def blink(args: argparse.Namespace) -> int:
    """`gianh commission blink`."""

    async def blinked(work: Commissioning, _by: str) -> View:
        await work.blink(args.device)
        return await work.look()

    return _do(args, blinked)


def test(args: argparse.Namespace) -> int:
    """`gianh commission test`: exit 1 if it did not pass."""
    answer = _typed(args, TestAnswer, "test")
    code = _do(args, lambda work, by: work.test(args.device, answer, by))
    view = asyncio.run(_work(args).look())
    passed = {one.answer.id: one.test is not None and one.test.passed for one in view.devices}
    return code if passed.get(args.device) else EXIT_FAILED


def power(args: argparse.Namespace) -> int:
    """`gianh commission power`: exit 1 if it did not pass."""
    answer = _typed(args, PowerAnswer, "power")
    code = _do(args, lambda work, by: work.power(args.device, answer, by))
    view = asyncio.run(_work(args).look())
    passed = {one.answer.id: one.power is not None and one.power.passed for one in view.devices}
    return code if passed.get(args.device) else EXIT_FAILED


def photo(args: argparse.Namespace) -> int:
    """`gianh commission photo`."""
    try:
        content = args.photo.read_bytes()
    except OSError as error:
        raise ConfigError(f"{args.photo} cannot be read ({error.strerror}): name a photo") from error
    return _do(args, lambda work, by: work.photo(content, by))


def _answer(args: argparse.Namespace) -> int:
    answer = _typed(args, args.model, args.step)
    return _do(args, lambda work, by: getattr(work, args.step)(answer, by))


def _typed(args: argparse.Namespace, model: type[S], step: str) -> S:
    """The answers of KEY=VALUE, each as its key wants it."""
    given: dict[str, object] = {}
    for pair in args.answers:
        key, sign, value = pair.partition("=")
        if not sign:
            raise ConfigError(f'{pair!r} is no answer: write KEY=VALUE, such as title="Tủ 3"')
        given[key] = int(value) if key == "port" and value.isdecimal() else value
    return section_from(given, model, f"gianh commission {step}")


def _do(args: argparse.Namespace, asked: Asked) -> int:
    return _show(args, asyncio.run(_awaited(asked(_work(args), _by(args)))))


async def _awaited(view: Awaitable[View]) -> View:
    return await view


def _work(args: argparse.Namespace) -> Commissioning:
    args.config = args.__dict__.get("config")
    args.config = config_path(args)
    if not args.config.exists():
        raise ConfigError(
            f"{args.config} is not there: `gianh install` makes it, "
            f"or `gianh commission new ID -c {args.config}`"
        )
    bench = Bench(args.config, problems_of_wiring, time.time_ns, finish)

    async def aside(work: Callable[[], None]) -> None:
        work()

    return Commissioning(bench, SocketHands(args), aside)


def _by(args: argparse.Namespace) -> str:
    try:
        you = os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        you = "local"
    return str(args.__dict__.get("by") or you)


def _json(args: argparse.Namespace) -> bool:
    return bool(args.__dict__.get("json"))


def _show(args: argparse.Namespace, view: View) -> int:
    if _json(args):
        print_json(view.model_dump(mode="json"))
        return EXIT_DONE
    if view.id:
        print_text(f"{view.gateway}: commissioning {view.id}, {len(view.done)} steps done")
        _print_devices(view)
        last = view.done[-1]
        print_text(f"last step: {last.step} {last.about} (`gianh commission undo` takes it back)")
        print_text(f"still to do: {'; '.join(one.en for one in view.todo) or 'nothing'}")
    else:
        print_text(f"{view.gateway}: no commissioning at work")
    if view.records:
        place = configured(args).gateway.data_dir / FOLDER / view.records[-1]
        print_text(f"signed: {', '.join(view.records)}")
        print_text(f"the newest: {place / PDF_FILE}, labels: {place / LABELS_FILE}")
    return EXIT_DONE


def _print_devices(view: View) -> None:
    rows: list[Sequence[str]] = []
    for one in view.devices:
        device, tested, measured = one.answer, one.test, one.power
        shown = "-" if tested is None else "passed" if tested.passed else f"FAILED {tested.said}"
        watts = "-" if measured is None else f"{measured.measured_w:g}/{measured.expected_w:g} W"
        if measured is not None and not measured.passed:
            watts += " FAILED"
        place = [part for part in (device.pole, device.circuit) if part]
        rows.append(
            [device.id, device.profile, f"{device.bus}/{device.address}", " ".join(place), shown, watts]
        )
    if rows:
        print_table(["device", "profile", "address", "pole, circuit", "test", "power"], rows)
