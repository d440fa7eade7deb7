"""Street lighting: plans and commands, the audit log, and the watch over lamps."""

from zoneinfo import ZoneInfo

from edge.config.alarms import rules_of
from edge.config.schema import Config
from edge.core.model import Event, EventKind, Stamp
from edge.lighting.account_rows import Tags, account_rows
from edge.lighting.audit import AuditFile
from edge.lighting.audit_keeper import AuditKeeper
from edge.lighting.monitor_service import Monitor, Watched
from edge.lighting.night_book import NightBook
from edge.lighting.night_keeper import NightKeeper
from edge.lighting.night_rows import night_rows
from edge.lighting.service import LightingService, Parts
from edge.runtime.fitting import Rooms
from edge.wiring.drivers import LoadProfile
from edge.wiring.site import Site


def lighting_room(site: Site) -> Rooms:
    """Lighting with what belongs to it."""
    config, around, load = site.config, site.around, site.load
    clock, memory, live, zone = around.clock, around.memory, around.live, ZoneInfo(config.gateway.timezone)
    audit = AuditFile(config.gateway.data_dir)
    keeper = AuditKeeper(audit, around.aside, memory, around.report, clock, config.gateway.id, zone)
    parts = Parts(around.lamps, clock, memory, live, audit, around.lamps)
    lighting = LightingService(config, parts)

    def is_night(utc_ns: int) -> bool:
        return lighting.holdings.plans.is_night(utc_ns)

    watched = _watched(config, load)
    monitor = Monitor(watched, live, lighting, is_night, site.see, memory, around.report, clock)

    book = NightBook(config.gateway.data_dir)
    nights = NightKeeper(book, monitor.nights, lambda: lighting.holdings.plans, live, clock)
    tags, gateway = lamp_tags(config), config.gateway.id

    def hears(event: Event) -> None:
        lighting.diary.heard(event)
        if event.kind is EventKind.NIGHT_ENDED:
            began_ns = monitor.began_ns
            ended = nights.ended(began_ns) if began_ns is not None else None
            if ended is not None:
                stamp = Stamp(event.stamp.mono_ns, ended[1])
                for row in night_rows(ended[0], gateway, tags, stamp):
                    around.keep(row)
            for row in account_rows(monitor.accounts(), tags, event.stamp):
                around.keep(row)

    def refresh(config: Config) -> None:
        nonlocal tags
        tags = lamp_tags(config)
        lighting.use(config)
        monitor.follow(_watched(config, load))

    return Rooms(
        services=(keeper, lighting, monitor),
        verbs={"light": lighting.verb, "members": lighting.members, "identify": lighting.identify},
        lights=lighting,
        accounts=monitor.accounts,
        nights=nights,
        hears=hears,
        refresh=refresh,
    )


def _watched(config: Config, load: LoadProfile) -> Watched:
    lamps = {device.id: device.nominal_w for device in config.device if load(device.profile).lamp}
    lamps |= {segment.id: segment.nominal_w for segment in config.segment if segment.is_lamp}
    cabinets = frozenset(device for station in config.station for device in station.cabinet)
    return Watched(config.gateway.id, rules_of(config.alarm), lamps, config.segment, cabinets)


def lamp_tags(config: Config) -> dict[str, Tags]:
    """The tags of what is told of each device, segment and the gateway; a device's own place goes first."""
    gateway = config.gateway
    place = {"gateway": gateway.id, "commune": gateway.commune, "site": gateway.site}
    lamps: dict[str, dict[str, str | None]] = {gateway.id: {}}
    lamps |= {segment.id: {} for segment in config.segment}
    lamps |= {one.id: {"commune": one.commune, "site": one.site} for one in config.device}
    found: dict[str, Tags] = {}
    for lamp, own in lamps.items():
        whole = place | {key: name for key, name in own.items() if name} | {"device": lamp}
        found[lamp] = tuple(sorted((key, name) for key, name in whole.items() if name))
    return found
