"""Street lighting: plans and commands, the audit log, and the watch over lamps."""

from edge.config.alarms import rules_of
from edge.config.schema import Config
from edge.lighting.audit import AuditFile
from edge.lighting.monitor_service import Monitor, Watched
from edge.lighting.service import LightingService, Parts
from edge.runtime.fitting import Rooms
from edge.wiring.drivers import LoadProfile
from edge.wiring.site import Site


def lighting_room(site: Site) -> Rooms:
    """Lighting with what belongs to it."""
    config, around, load = site.config, site.around, site.load
    audit = AuditFile(config.gateway.data_dir)
    parts = Parts(around.lamps, around.clock, around.memory, around.live, audit, around.lamps)
    lighting = LightingService(config, parts)

    def is_night(utc_ns: int) -> bool:
        return lighting.holdings.plans.is_night(utc_ns)

    watched = _watched(config, load)
    live, clock = around.live, around.clock
    monitor = Monitor(watched, live, lighting, is_night, site.see, around.memory, around.report, clock)

    def refresh(config: Config) -> None:
        lighting.use(config)
        monitor.follow(_watched(config, load))

    return Rooms(
        services=(lighting, audit, monitor),
        verbs={"light": lighting.verb, "members": lighting.members},
        lights=lighting,
        accounts=monitor.accounts,
        refresh=refresh,
    )


def _watched(config: Config, load: LoadProfile) -> Watched:
    lamps = {device.id: device.nominal_w for device in config.device if load(device.profile).lamp}
    lamps |= {segment.id: segment.nominal_w for segment in config.segment if segment.is_lamp}
    return Watched(config.gateway.id, rules_of(config.alarm), lamps, config.segment)
