"""docs/devices.md, made from the profiles: what Gianh can read and tell, and how sure each map is."""

import sys
from collections.abc import Iterable
from pathlib import Path

from drivers.coded import Coded, Per, ProfileCommand, ProfilePoint, Table
from drivers.device_model import AP_DRIVERS, LampModel, Profile
from drivers.profile import load_profile, profile_ids
from drivers.profile_check import describe_rounds

_HEAD = """# Devices

This page is made from `drivers/profiles/*.toml` by `python -m drivers.profile_docs docs/devices.md`: change
those, not this. *Unsure* marks what no source was found for, or where sources disagree: look at the device
when commissioning. Addresses are zero-based, as on the wire.
"""


def devices_markdown() -> str:
    """The whole page, for every profile that there is."""
    profiles = [load_profile(profile_id) for profile_id in profile_ids()]
    rows = [
        (
            f"[{p.id}](#{p.id})",
            p.title.vi,
            p.title.en,
            p.measurement,
            str(len(p.points)),
            _sure(p.source.verified),
        )
        for p in profiles
    ]
    overview = _table(("profile", "thiết bị", "device", "class", "points", "map"), rows)
    return "\n".join([_HEAD, overview, *map(_section, profiles)])


def _section(profile: Profile) -> str:
    parts = [
        f"## {profile.id}\n",
        f"{profile.title.en} · {profile.title.vi}\n",
        f"Source: {profile.source.title}. {profile.source.note}".rstrip() + "\n",
        *([] if profile.driver in AP_DRIVERS else [_line(profile)]),
        _table(
            ("point", "unit", "label", "nhãn", "where", "written", "certainty"),
            [_point_row(point) for point in profile.points],
        ),
    ]
    if profile.commands:
        rows = [_command_row(command) for command in profile.commands]
        parts.append(_table(("command", "range", "reads back", "where", "written", "certainty"), rows))
    if profile.lamp is not None:
        parts.append(_fading(profile.lamp))
    return "\n".join(parts)


def _fading(lamp: LampModel) -> str:
    fades = "fades in the time that it is told" if lamp.fades else "is not told how long to fade"
    sure = "" if lamp.verified else " (unsure)"
    return f"A lamp {fades}{sure}. {lamp.note}".rstrip() + "\n"


def _line(profile: Profile) -> str:
    serial = profile.serial
    texts = [f"Line: {serial.baudrate} 8{serial.parity}{serial.stop_bits}"]
    if not serial.verified:
        texts[0] += " (unsure)"
    texts.append(serial.note.rstrip("."))
    rounds = "".join(f"- {text}\n" for text in describe_rounds(profile))
    return ". ".join(text for text in texts if text) + ".\n" + (f"\n{rounds}" if rounds else "")


def _point_row(point: ProfilePoint) -> tuple[str, ...]:
    entry = point.quantity
    return (
        f"`{point.name}`",
        entry.display,
        entry.en,
        entry.vi,
        _where(point),
        _written(point),
        _note(point),
    )


def _command_row(command: ProfileCommand) -> tuple[str, ...]:
    low, high = command.range
    where = _where(command) + (", also to unit 0" if command.broadcast else "")
    reads_back = f"`{command.reads_back}`" if command.reads_back else ""
    return (f"`{command.name}`", f"{low:g} to {high:g}", reads_back, where, _written(command), _note(command))


def _where(coded: Coded) -> str:
    if isinstance(coded, ProfilePoint) and coded.path:
        return coded.path
    where = f"{coded.table} {coded.address}"
    if coded.bit is not None:
        where += f" bit {coded.bit}"
    return where if coded.per is Per.UNIT else f"{where}, per {coded.per.replace('_', ' ')}"


def _written(coded: Coded) -> str:
    plain = coded.table is Table.FRAME and coded.word_order == "ABCD"
    several = coded.count > 1 and coded.table is not Table.ANSWER and not plain
    order = f" {coded.word_order}" if several else ""
    scale = f" ×{coded.scale:g}" if coded.scale != 1 else ""
    divisor = f" ÷{coded.divisor}" if coded.divisor != 1 else ""
    offset = f" {coded.offset:+g}" if coded.offset else ""
    curve = f" on the {coded.curve} curve" if coded.curve != "linear" else ""
    what = "" if coded.table is Table.ANSWER else coded.type
    return f"{what}{order}{scale}{divisor}{offset}{curve}".strip()


def _note(coded: Coded) -> str:
    return ". ".join(text for text in ("" if coded.verified else "unsure", coded.note.rstrip(".")) if text)


def _sure(verified: bool) -> str:
    return "from a source" if verified else "unsure"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(devices_markdown(), "utf-8")
