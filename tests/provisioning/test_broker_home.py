"""Home Assistant at the town's broker: it hears of every device, and each gateway tells of its own alone."""

from cloud_sync.mqtt.ha_payload import HaNames
from cloud_sync.mqtt.message import Outgoing
from edge.config.schema import Mqtt
from tests.provisioning.mosquitto import TownBroker
from tests.provisioning.test_broker import DENIED, HOME, OPERATOR, broker, hears, link, member
from tests.real.gateway import going, until

__all__ = ["broker"]


async def test_home_assistant_hears_of_every_gateways_devices_and_nothing_else_of_them(
    broker: TownBroker,
) -> None:
    sent = (
        ("gw-b", "gianh/v1/gw-b/event"),
        (OPERATOR, "gianh/v1/gw-b/command/read/meter-1"),
        ("gw-b", "gianh/v1/gw-b/device/meter-1/sample"),
        ("gw-b", "gianh/v1/gw-b/device/meter-1/state"),
        ("gw-b", "gianh/v1/gw-b/ha/lamp-1/state"),
        ("gw-b", "homeassistant/device/gw-b/gianh-gw-b-lamp-1/config"),
    )
    everything = [topic for _, topic in sent[3:]]
    assert await hears(broker, HOME, "#", *sent) == everything
    set_by = (HOME, "gianh/v1/gw-a/ha/lamp-1/set")
    came = (HOME, "homeassistant/status")
    assert await hears(broker, "gw-a", "#", sent[-1], set_by, came) == [set_by[1], came[1]]


async def test_our_discovery_is_taken_by_the_brokers_own_receipts_and_another_gateways_is_denied(
    broker: TownBroker,
) -> None:
    mine = link(broker, member(broker, "gw-a"))
    topics = [
        HaNames(Mqtt.model_fields["discovery_prefix"].default, gateway, "1").topic(device)
        for gateway, device in (("gw-a", ""), ("gw-a", "lamp-7"), ("gw-b", "lamp-7"), ("gw-a-2", ""))
    ]
    async with going(mine.link):
        await until(mine.link, lambda: mine.link.connected)
        reasons = await mine.link.publish([Outgoing(topic, b"{}", retain=True) for topic in topics])
    assert [reason == int(DENIED) for reason in reasons] == [False, False, True, True]
