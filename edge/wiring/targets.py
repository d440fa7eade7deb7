"""Where data goes: one table, section of gateway.toml to factory."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from edge.config.schema import Config, Influx
from edge.runtime.fitting import Surroundings, Target
from edge.wiring.drivers import LoadProfile
from edge.wiring.mqtt import mqtt_targets

INFLUX_LINGER_S = 1.0
"""How long lines gather for one request while InfluxDB keeps up."""

TargetFactory = Callable[[Config, Surroundings, LoadProfile], Sequence[Target]]


def _influx_targets(config: Config, around: Surroundings, _load: LoadProfile) -> Sequence[Target]:
    return [_influx(section, config, around) for section in config.influx]


def _influx(section: Influx, config: Config, around: Surroundings) -> Target:
    # Loaded here: httpx takes 3 MB, which only a gateway with InfluxDB or such access points shall carry.
    from cloud_sync.influx.publisher import InfluxPublisher

    place = {"commune": config.gateway.commune, "gateway": config.gateway.id, "site": config.gateway.site}
    tags = tuple((key, value) for key, value in place.items() if value)
    publisher = InfluxPublisher(section, tags, around.clock)
    return Target(
        publisher=publisher,
        section=section,
        batch_max=section.batch_max,
        linger_s=INFLUX_LINGER_S,
        close=publisher.close,
    )


TARGETS: Mapping[str, TargetFactory] = MappingProxyType({"mqtt": mqtt_targets, "influx": _influx_targets})
