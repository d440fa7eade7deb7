"""Joins the files that officers must send to the runtime."""

from collections.abc import Sequence
from dataclasses import replace

from cloud_sync.reports.room import DataFileRoom
from cloud_sync.reports.service import FileParts
from edge.air.stations import places_of
from edge.config.schema import Config
from edge.runtime.fitting import Rooms, Surroundings
from edge.wiring_air import LoadProfile, air_devices


def add_reports(rooms: Rooms, config: Config, around: Surroundings, load: LoadProfile) -> Rooms:
    """The rooms with the data files beside the others."""
    points = _points(config, load)

    def points_of(station: str) -> Sequence[str]:
        return points.get(station, ())

    parts = FileParts(around.means, around.report, around.clock, config.gateway.data_dir, points_of)
    room = DataFileRoom(config.data_file, parts)
    others = rooms.refresh

    def refresh(config: Config) -> None:
        nonlocal points
        if others is not None:
            others(config)
        points = _points(config, load)
        room.use(config.data_file)

    return replace(rooms, services=(*rooms.services, room), refresh=refresh)


def _points(config: Config, load: LoadProfile) -> dict[str, Sequence[str]]:
    return {place.id: place.points for place in places_of(config, air_devices(config, load))}
