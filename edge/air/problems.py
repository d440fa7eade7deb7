"""What is wrong with the checks and corrections of a configuration that names cannot show. Pure."""

from collections.abc import Iterator

from edge.air.checks import ALSO, NEEDS, NUMBERS, built_in, merged
from edge.air.correction import source_point
from edge.config.air import Correction, CorrectionKind, QualityCheck, Station
from edge.config.faults import Problem
from edge.config.lines import KeyPath
from edge.config.schema import Config
from edge.config.words import suggestion
from edge.core.air import CheckKind
from edge.core.vocabulary import quantity, vocabulary


def problems_of_air(config: Config) -> list[Problem]:
    """Checks that cannot be judged by or say nothing, and corrections without what they correct by.

    Names that nothing has are found by edge.config already; what a device reads where it names no points,
    only its profile knows.
    """
    found = list(_twice(config.check))
    for index, check in enumerate(config.check):
        found += _check(("check", index), check, config.check[:index])
    for index, station in enumerate(config.station):
        found += _correction(("station", index), station, config)
    return found


def _check(path: KeyPath, check: QualityCheck, before: tuple[QualityCheck, ...]) -> Iterator[Problem]:
    if quantity(check.point) is None:
        near = suggestion(check.point, vocabulary()) or ": see devices.md for those that there are"
        yield (*path, "point"), f"there is no quantity '{check.point}'{near}"
        return
    if check.kind is CheckKind.CALIBRATION:
        yield (*path, "kind"), "calibration is begun and ended by the technician: take this [[check]] out"
        return
    used = (*NEEDS[check.kind], *ALSO.get(check.kind, ()))
    for name in NUMBERS:
        if getattr(check, name) is not None and name not in used:
            message = f"is not for {check.kind.value}, which takes {', '.join(used)}: take it out"
            yield (*path, name), message
    yield from _numbers(path, check, before)


def _numbers(path: KeyPath, check: QualityCheck, before: tuple[QualityCheck, ...]) -> Iterator[Problem]:
    """What is missing, and a range with nothing in it, with what stands under the row taken in."""
    under = list(built_in())
    for one in before:
        under.append(merged(one, under))
    full = merged(check, under)
    if not check.enabled:
        return
    for name in full.missing:
        message = (
            f"missing: add {name} = ... to this [[check]], since there is no built-in one of this kind "
            f"for {check.point}"
        )
        yield path, message
    low, high = full.low, full.high
    if check.kind is CheckKind.RANGE and low is not None and high is not None and low >= high:
        message = f"low {low:g} is not below high {high:g}: correct one of them"
        yield (*path, "low" if check.low is not None else "high"), message
    if check.values == () and check.kind is CheckKind.SENTINEL:
        yield (*path, "values"), "no value is looked for: name some, or say enabled = false"


def _twice(checks: tuple[QualityCheck, ...]) -> Iterator[Problem]:
    """Two rows of one point and kind that both hold for all devices, or for the same one."""
    for index, check in enumerate(checks):
        for first, other in enumerate(checks[:index]):
            if (other.point, other.kind) != (check.point, check.kind):
                continue
            both = set(other.devices) & set(check.devices)
            if both or not (other.devices or check.devices):
                whom = f"device '{min(both)}'" if both else "all devices"
                yield ("check", index, "kind"), f"check[{first}] is this check of {whom} already: one each"


def _correction(path: KeyPath, station: Station, config: Config) -> Iterator[Problem]:
    """Points that a correction needs and that no device of the station is to read."""
    if station.correction is None:
        return
    devices = {device.id: device for device in config.device}
    points: set[str] = set()
    for name in station.devices:
        device = devices.get(name)
        if device is None or device.points is None:
            return
        points.update(device.points)
    for point in _needed(station.correction):
        if point not in points:
            message = (
                f"this correction needs {point}, and no device of station {station.id} has it among its "
                "points: add it there, or take the correction out"
            )
            yield (*path, "correction"), message


def _needed(correction: Correction) -> tuple[str, ...]:
    humid = correction.kind is CorrectionKind.EPA_2021 or correction.c != 0
    return (source_point(correction), *(("relative_humidity",) if humid else ()))
