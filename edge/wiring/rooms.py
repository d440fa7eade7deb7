"""The town's rules: one table, name of a room to factory, and how the rooms become one."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from cloud_sync.mqtt.link import TARGET
from edge.alarms.service import Alarms
from edge.config.alarms import rules_of
from edge.config.schema import Config
from edge.core.model import Event
from edge.runtime.fitting import Rooms, Surroundings
from edge.wiring.air import air_room, air_subjects
from edge.wiring.drivers import LoadProfile
from edge.wiring.hotspots import wifi_room, wifi_subjects
from edge.wiring.lighting import lighting_room
from edge.wiring.reports import reports_room
from edge.wiring.site import Site

STORE = "store"
"""How the store is called in its own events."""

RoomFactory = Callable[[Site], Rooms]

ROOMS: Mapping[str, RoomFactory] = MappingProxyType(
    {"lighting": lighting_room, "air": air_room, "reports": reports_room, "wifi": wifi_room}
)


def rooms_of(config: Config, around: Surroundings, load: LoadProfile) -> Rooms:
    """All rooms of a gateway as one; the alarms are there first, since every room brings its findings."""
    alarms = Alarms(
        rules_of(config.alarm), _subjects(config, load), around.memory, around.report, around.clock
    )
    site = Site(config, around, load, alarms.see)
    return _joined([_alarms_room(alarms, load), *(make(site) for make in ROOMS.values())])


def _alarms_room(alarms: Alarms, load: LoadProfile) -> Rooms:
    return Rooms(
        services=(alarms,),
        verbs={"acknowledge": alarms.acknowledge},
        alarms=alarms,
        hears=alarms.heard,
        refresh=lambda config: alarms.keep(rules_of(config.alarm), _subjects(config, load)),
    )


def _joined(rooms: Sequence[Rooms]) -> Rooms:
    """Everything that the rooms have; of what there is one of, the first room's that has it."""
    ears = [room.hears for room in rooms if room.hears is not None]
    refreshes = [room.refresh for room in rooms if room.refresh is not None]

    def hears(event: Event) -> None:
        for ear in ears:
            ear(event)

    def refresh(config: Config) -> None:
        for one in refreshes:
            one(config)

    return Rooms(
        services=[service for room in rooms for service in room.services],
        verbs={name: verb for room in rooms for name, verb in room.verbs.items()},
        lights=next((room.lights for room in rooms if room.lights is not None), None),
        alarms=next((room.alarms for room in rooms if room.alarms is not None), None),
        judge=next((room.judge for room in rooms if room.judge is not None), None),
        air=next((room.air for room in rooms if room.air is not None), None),
        wifi=next((room.wifi for room in rooms if room.wifi is not None), None),
        accounts=next((room.accounts for room in rooms if room.accounts is not None), None),
        nights=next((room.nights for room in rooms if room.nights is not None), None),
        hears=hears,
        refresh=refresh,
    )


def _subjects(config: Config, load: LoadProfile) -> list[str]:
    """All of which there may be alarms."""
    devices = [device.id for device in config.device]
    buses, targets = [bus.id for bus in config.bus], [target.id for target in config.influx]
    feeders = [segment.id for segment in config.segment if segment.is_lamp]
    stations, files = air_subjects(config, load), [file.id for file in config.data_file]
    places = [*devices, *stations, *feeders, *wifi_subjects(config)]
    return [config.gateway.id, TARGET, STORE, *places, *buses, *targets, *files]
