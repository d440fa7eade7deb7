"""Names in the sections of air: used twice, or meaning nothing. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from edge.config.air import Station
from edge.config.faults import Problem
from edge.config.lighting_names import unknown
from edge.config.lines import KeyPath
from edge.config.schema import Config
from edge.config.words import suggestion
from edge.core.air import StationKind
from edge.core.vocabulary import quantity, vocabulary

PER_M3 = "ug/m3"
"""The unit that depends on the cubic metre."""

Written = Mapping[str, Sequence[str]]
"""The ids that stand in the file by section, also those of tables that have faults of their own."""


def problems_of_stations(config: Config, written: Written) -> list[Problem]:
    """Every name in the sections of air that nothing has, or that several have."""
    found = [*_twice(config), *_shared(config)]
    for index, station in enumerate(config.station):
        found += _station(index, station, written)
    for index, check in enumerate(config.check):
        for nth, device in enumerate(check.devices):
            found += unknown(("check", index, "devices", nth), "device", device, written["device"])
    return [*found, *_neighbours(config, written), *_files(config, written)]


def _twice(config: Config) -> Iterator[Problem]:
    sections = {
        "station": [one.id for one in config.station],
        "data_file": [one.id for one in config.data_file],
    }
    for section, names in sections.items():
        for index, name in enumerate(names):
            if name in names[:index]:
                message = f"{section}[{names.index(name)}] has this id already: choose another"
                yield (section, index, "id"), message


def _station(index: int, station: Station, written: Written) -> Iterator[Problem]:
    path: KeyPath = ("station", index)
    clashes = {
        "device": [name for name in written["device"] if name not in station.devices],
        "group": written["group"],
        "segment": written["segment"],
    }
    for point in station.conditions:
        known = quantity(point)
        if known is None or known.unit != PER_M3:
            near = suggestion(point, [name for name, one in vocabulary().items() if one.unit == PER_M3])
            message = f"'{point}' is no concentration in µg/m³{near or ': take it out'}"
            yield (*path, "conditions", point), message
    for section, names in clashes.items():
        if station.id in names:
            yield (*path, "id"), f"a [[{section}]] has the id '{station.id}' too: choose another"
    if (station.latitude is None) != (station.longitude is None):
        yield path, "latitude and longitude go together: give both or neither"
    for key, devices in (("devices", station.devices), ("cabinet", station.cabinet)):
        for nth, device in enumerate(devices):
            yield from unknown((*path, key, nth), "device", device, written["device"])


def _shared(config: Config) -> Iterator[Problem]:
    """Devices that two stations have, or one has twice: each stands in one place."""
    first: dict[str, str] = {}
    for index, station in enumerate(config.station):
        for key, devices in (("devices", station.devices), ("cabinet", station.cabinet)):
            for nth, device in enumerate(devices):
                if device in first:
                    message = f"'{device}' is in station {first[device]} already: take it out of one"
                    yield ("station", index, key, nth), message
                first.setdefault(device, station.id)


def _neighbours(config: Config, written: Written) -> Iterator[Problem]:
    """A device that no station names is a station of its own, and may be a neighbour."""
    taken = {device for one in config.station for device in (*one.devices, *one.cabinet)}
    stations = [*written["station"], *(device for device in written["device"] if device not in taken)]
    for index, station in enumerate(config.station):
        for nth, neighbour in enumerate(station.neighbours):
            path: KeyPath = ("station", index, "neighbours", nth)
            if neighbour == station.id:
                yield path, "a station is not its own neighbour: take it out"
            elif neighbour in station.neighbours[:nth]:
                yield path, f"'{neighbour}' is a neighbour already: take it out"
            else:
                yield from unknown(path, "station", neighbour, stations)


def _files(config: Config, written: Written) -> Iterator[Problem]:
    kinds = {station.id: station.kind for station in config.station}
    targets = [target.id for target in config.influx]
    for index, file in enumerate(config.data_file):
        path: KeyPath = ("data_file", index)
        if file.id in targets:
            yield (*path, "id"), f"influx[{targets.index(file.id)}] has this id already: choose another"
        yield from unknown((*path, "station"), "station", file.station, written["station"])
        if kinds.get(file.station) is StationKind.INDICATIVE:
            message = (
                f"station {file.station} is indicative, and Circular 10/2021 takes data of certified ones "
                'only: give it kind = "certified" if its instruments are, or take this file out'
            )
            yield (*path, "station"), message
