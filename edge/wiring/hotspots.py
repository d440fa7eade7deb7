"""The doors of tourist Wi-Fi.

What is behind them is loaded here: it takes 1 MB, which only a gateway with [wifi] shall carry.
"""

from cloud_sync.mqtt.payload import DeviceInfo
from edge.config.schema import Config
from edge.runtime.fitting import Rooms
from edge.wiring.air import all_infos
from edge.wiring.drivers import LoadProfile
from edge.wiring.site import Site


def wifi_room(site: Site) -> Rooms:
    """The accounting server and its books; nothing without [wifi]."""
    if site.config.wifi is None:
        return Rooms()
    from edge.wiring.wifi import accounting

    return accounting(site, site.config.wifi)


def wifi_subjects(config: Config) -> list[str]:
    """The places and senders of which there may be alarms."""
    if config.wifi is None:
        return []
    from edge.wiring.wifi import subjects

    return subjects(config)


def with_hotspots(config: Config, load: LoadProfile) -> list[DeviceInfo]:
    """The infos of devices and stations with those of the places of Wi-Fi."""
    infos = all_infos(config, load)
    if config.wifi is None:
        return infos
    from edge.wiring.wifi import with_places

    return with_places(infos, config)
