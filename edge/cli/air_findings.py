"""What quality control found in a station's values, for whoever looks after its sensors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from edge.cli.common import print_table, print_text

HEADS = ("last", "device", "point", "check", "verdict", "times", "since", "why")


def print_found_now(stations: Sequence[dict[str, Any]]) -> None:
    """One line for each station whose values are found fault with now, or were within the last day."""
    for station in stations:
        checks = sorted({remark["check"] for remark in station["remarks"]})
        values = len({(one["device"], one["point"]) for one in station["lately"]})
        if checks or values:
            now = f"found now: {', '.join(checks)}" if checks else "nothing is found now"
            print_text(
                f"{station['id']}: quality control: {now}; points with findings in the last 24 h: {values}; "
                f"see `gianh air status {station['id']}`"
            )


def print_reference(station: dict[str, Any]) -> None:
    """How values become Nm3 before they are held against limits."""
    if (found := station.get("reference")) is None:
        return
    warmth, weight = found["temperature_c"], found["pressure_hpa"]
    air = [
        "25 °C assumed" if warmth is None else f"{warmth:.1f} °C",
        "1013.25 hPa assumed" if weight is None else f"{weight:.1f} hPa",
    ]
    points = ", ".join(found["points"])
    print_text(
        f"for limits in Nm³ ({found['conversion']}): {points} times {found['factor']:.3f}, "
        f"by the last hour: {', '.join(air)}"
    )


def print_findings(station: dict[str, Any], zone: ZoneInfo) -> None:
    """Which check found fault with which point of which device, the newest first."""
    if not station["lately"]:
        print_text("quality control found nothing in the last 24 h")
        return
    print_text("quality control, last 24 h:")
    print_table(HEADS, [_row(one, zone) for one in station["lately"]])


def print_unread(station: dict[str, Any], devices: Sequence[dict[str, Any]], ids: Sequence[str]) -> None:
    """What quality control never saw: devices that are silent, and points that gave nothing to be judged."""
    found = {(one["device"], one["point"]) for one in station["lately"]}
    for device in devices:
        name = device["id"]
        if name not in ids:
            continue
        if device["online"] is False:
            print_text(f"{name} does not answer")
            continue
        values = device["values"]
        bad = [
            one["point"] for one in values if one["quality"] == "bad" and (name, one["point"]) not in found
        ]
        if bad:
            print_text(f"{name} answers, but with nothing that can be a value of: {', '.join(bad)}")


def _row(one: dict[str, Any], zone: ZoneInfo) -> list[str]:
    why = one["text"].removeprefix(f"{one['device']}: {one['point']}: ")
    return [
        _local(one["at"], zone),
        one["device"],
        one["point"],
        one["check"],
        one["verdict"],
        str(one["times"]),
        _local(one["since"], zone),
        why,
    ]


def _local(at: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(at).astimezone(zone):%m-%d %H:%M:%S}"
