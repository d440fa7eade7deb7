"""Joins the files that officers must send to the runtime."""

from collections.abc import Sequence

from cloud_sync.reports.room import DataFileRoom
from cloud_sync.reports.service import FileParts
from edge.air.stations import places_of
from edge.config.schema import Config
from edge.runtime.fitting import Rooms
from edge.wiring.air import air_devices
from edge.wiring.drivers import LoadProfile
from edge.wiring.site import Site


def reports_room(site: Site) -> Rooms:
    """The data files of Circular 10/2021, made and sent."""
    config, around, load = site.config, site.around, site.load
    points = _points(config, load)

    def points_of(station: str) -> Sequence[str]:
        return points.get(station, ())

    parts = FileParts(
        around.means, around.aside, around.report, around.clock, config.gateway.data_dir, points_of
    )
    room = DataFileRoom(config.data_file, parts)

    def refresh(config: Config) -> None:
        nonlocal points
        points = _points(config, load)
        room.use(config.data_file)

    return Rooms(services=(room,), refresh=refresh)


def _points(config: Config, load: LoadProfile) -> dict[str, Sequence[str]]:
    return {place.id: place.points for place in places_of(config, air_devices(config, load))}
