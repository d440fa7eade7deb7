"""Clock, disk, card, heat and power of the machine. `root` is where /proc and /sys are found."""

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from edge.core.clock import EARLIEST_NS, SYNCHRONIZED
from provisioning.doctor.finding import Finding, fault, ok, warning

FREE_LEAST, FREE_GOOD = 200e6, 1e9
"""Bytes: below the first the store soon drops data; below the second somebody should look."""

HOT_C, TOO_HOT_C = 70.0, 80.0
"""A Pi slows itself down from 80 °C (Raspberry Pi documentation, frequency management)."""

WORN, WORN_OUT = 8, 10
"""eMMC life time estimate in steps of 10 % used: 0x0A is 90-100 %, 0x0B beyond (JEDEC eMMC 5.0)."""

THROTTLED = {
    0: "the voltage is too low now",
    1: "the processor is slowed down now",
    2: "it is throttled now",
    16: "the voltage was too low",
    17: "the processor was slowed down",
    18: "it was throttled",
}
"""Bits of get_throttled of the Pi's firmware."""


def clock(root: Path, now_ns: int, needs_sync: bool) -> Sequence[Finding]:
    """Is the time right, and will it be after a loss of power?"""
    found = []
    synced = (root / SYNCHRONIZED.relative_to("/")).exists()
    if now_ns < EARLIEST_NS:
        text = f"the clock says {time.strftime('%Y-%m-%d', time.gmtime(now_ns // 10**9))}: it is not set"
        found.append(
            fault("clock", text, "connect the network, or set it: `sudo date -s '2026-11-28 16:00'`")
        )
    elif not synced:
        text = "the time was not taken from the network since the start"
        found.append(warning("clock", text, "check the network and `timedatectl timesync-status`"))
    else:
        found.append(ok("clock", "set from the network"))
    if any((root / "sys/class/rtc").glob("rtc*")):
        found.append(ok("clock chip", "there is one"))
    elif needs_sync:
        found.append(ok("clock chip", "there is none, and the gateway knows: clock_needs_sync = true"))
    else:
        text = "there is none: after a loss of power the time is wrong until the network sets it"
        found.append(warning("clock chip", text, "add one, or set clock_needs_sync = true under [gateway]"))
    return found


def disk(data_dir: Path, bytes_max: int, stored: int) -> Sequence[Finding]:
    """Is there room for what the store may become?"""
    usage = shutil.disk_usage(_existing(data_dir))
    free, wanted = usage.free, max(0, bytes_max - stored)
    text = f"{free / 1e9:.1f} GB of {usage.total / 1e9:.1f} GB free at {data_dir}"
    if free < FREE_LEAST:
        return [fault("disk", text, "make room: the store drops its oldest data soon (`du -xh / | sort -h`)")]
    if free < min(FREE_GOOD, wanted) or free < wanted:
        remedy = f"the store may take {wanted / 1e9:.1f} GB more: make room, or lower [store] bytes_max"
        return [warning("disk", text, remedy)]
    return [ok("disk", text)]


def read_only(data_dir: Path, mounts: Path) -> Sequence[Finding]:
    """A card that had errors is remounted read-only by the kernel."""
    place, options = "", ""
    real = str(_existing(data_dir).resolve())
    for line in mounts.read_text("utf-8", "replace").splitlines():
        _, point, _, flags, *_ = line.split(" ")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(place):
            place, options = point, flags
    if "ro" in options.split(","):
        remedy = (
            "the card had errors, or the system is meant to be so: `dmesg | grep -i ext4`; replace the card"
        )
        return [fault("file system", f"{place} is read-only: nothing can be stored", remedy)]
    return [ok("file system", f"{place or '/'} can be written")]


def card(root: Path) -> Sequence[Finding]:
    """How far an eMMC or card is worn, where it says so; SD cards do not."""
    found = []
    for place in sorted((root / "sys/block").glob("mmcblk*/device/life_time")):
        name = place.parent.parent.name
        steps = [int(word, 16) for word in place.read_text("ascii").split()]
        worst = max(steps, default=0)
        if worst == 0:
            continue
        text = f"{name}: {min(100, 10 * worst)} % of its life used"
        if worst > WORN_OUT:
            found.append(fault("card", text, "replace it now: `gianh backup` first"))
        elif worst > WORN:
            found.append(warning("card", text, "order another one, and replace it at the next visit"))
        else:
            found.append(ok("card", text))
    return found or [ok("card", "it does not say how far it is worn (SD cards do not)")]


def heat(root: Path) -> Sequence[Finding]:
    """Temperature and, on a Pi, what its firmware says of voltage and throttling."""
    found = []
    degrees = [
        int(place.read_text("ascii")) / 1000
        for place in sorted((root / "sys/class/thermal").glob("thermal_zone*/temp"))
    ]
    if degrees:
        hottest = max(degrees)
        text = f"{hottest:.0f} °C"
        remedy = "shade the cabinet, clear its vents, or give the board a heat sink"
        if hottest >= TOO_HOT_C:
            found.append(fault("temperature", text, remedy))
        else:
            found.append(
                warning("temperature", text, remedy) if hottest >= HOT_C else ok("temperature", text)
            )
    for place in sorted((root / "sys/devices/platform").glob("**/get_throttled")):
        bits = int(place.read_text("ascii"), 16)
        said = [text for bit, text in THROTTLED.items() if bits >> bit & 1]
        remedy = "take a power supply of 5.1 V and 3 A, and a short thick cable"
        if bits & 0xF:
            found.append(fault("power supply", "; ".join(said), remedy))
        elif said:
            found.append(warning("power supply", "; ".join(said) + " since the start", remedy))
        else:
            found.append(ok("power supply", "the voltage was always right"))
    return found or [ok("temperature", "this machine does not say")]


def _existing(path: Path) -> Path:
    """The folder, or the nearest one above that is there."""
    return next(one for one in (path, *path.absolute().parents) if one.exists())


def store_bytes(data_dir: Path) -> int:
    """How large the store is now."""
    return sum(one.stat().st_size for one in data_dir.glob("gianh.db*") if os.path.isfile(one))
