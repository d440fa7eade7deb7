"""Devices of which Home Assistant is told in tests."""

from cloud_sync.mqtt.ha_payload import HaDevice, HaNames
from cloud_sync.mqtt.payload import DeviceInfo, PointInfo
from cloud_sync.mqtt.topics import Topics
from edge.core.vocabulary import vocabulary

TOPICS = Topics("gw-a")
NAMES = HaNames("homeassistant", "gw-a", "0.1.0")


def point(name: str) -> PointInfo:
    known = vocabulary()[name]
    return PointInfo(name, known.unit, known.display, known.kind.value, known.en, known.vi)


LAMP = HaDevice(
    DeviceInfo(
        "lamp-7",
        "intesis-dali",
        "Đèn số 7",
        (point("active_power"), point("active_energy"), point("lamp_failure"), point("control_gear_status")),
        (("commune", "quang-long"), ("street", "Hùng Vương")),
    ),
    dimmable=True,
)
AIR = HaDevice(DeviceInfo("air-1", "pms5003", "Bụi", (point("pm2_5"), point("temperature"))))
GROUP = HaDevice(DeviceInfo("centre", "group", "Khu trung tâm", ()), dimmable=True, is_group=True)
FEEDER = HaDevice(DeviceInfo("market", "segment", "Chợ", ()), dimmable=False, relay="relays")
