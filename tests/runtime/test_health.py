"""The gateway's own health as rows."""

import asyncio

from edge.core.alarms import Alarm, AlarmKind
from edge.core.model import DeviceState, Sample, Severity, Stamp
from edge.core.vocabulary import quantity
from edge.runtime.bus import BusStatus
from edge.runtime.forward import ForwardStatus
from edge.runtime.health import HEALTH, Health, Picture, Teller
from edge.runtime.status import OutboxStatus, Status
from tests.virtual import EPOCH_NS, VirtualClock, run_virtual

PLACE = (("commune", "ba-don"),)
LAMP = Alarm("lamp-failure-lamp-1", AlarmKind.LAMP_FAILURE, "lamp-1", Severity.ALARM, "dark", 1)
DOOR = Alarm("cabinet-door-cabinet", AlarmKind.CABINET_DOOR, "cabinet", Severity.WARNING, "open", 2)


def bus(busy_s: float, requests: int = 7) -> BusStatus:
    return BusStatus("line", True, "", 0.9, busy_s, requests, 1, 2, 3, ("line/4",), 0.1)


def picture(*buses: BusStatus) -> Picture:
    devices = (
        DeviceState("a", True, None, ()),
        DeviceState("b", False, None, ()),
        DeviceState("c", None, None, ()),
    )
    targets = (
        ForwardStatus("mqtt", "", False, 90, 0, None),
        ForwardStatus("centre", "away", False, 40, 2, None),
    )
    outbox = OutboxStatus(500, {"mqtt": 0, "centre": 60}, 5, 2, 0, 4096, 9000, 12, "")
    status = Status("gw", "1", 77.0, True, devices, buses, targets, outbox, ())
    return Picture(status, (LAMP, DOOR), PLACE)


def at(seconds: float) -> Stamp:
    return Stamp(round(seconds * 1e9), EPOCH_NS)


def told(sample: Sample) -> dict[str, float | None]:
    return dict(zip(sample.layout.names, sample.values, strict=True))


def test_every_field_is_a_quantity_of_the_vocabulary() -> None:
    assert [name for names in HEALTH.values() for name in names if quantity(name) is None] == []


def test_a_gateway_its_buses_and_targets_each_have_a_row_with_their_place() -> None:
    rows = list(Teller().samples(picture(bus(0)), at(0)))
    assert [(row.layout.measurement, row.layout.device) for row in rows] == [
        ("gateway", "gw"),
        ("bus", "line"),
        ("delivery", "mqtt"),
        ("delivery", "centre"),
    ]
    assert rows[1].layout.tags == (("commune", "ba-don"), ("device", "line"), ("gateway", "gw"))


def test_alarms_devices_and_the_longest_queue_are_counted() -> None:
    row = told(next(iter(Teller().samples(picture(), at(0)))))
    assert (row["devices_online"], row["devices_lost"]) == (1, 1)
    assert (row["alarms_standing"], row["warnings_standing"], row["lamps_failed"]) == (1, 1, 1)
    assert (row["store_pending"], row["store_dropped"]) == (60, 5)


def test_a_target_in_trouble_is_told_as_down_with_what_waits_for_it() -> None:
    *_, mqtt, centre = (told(row) for row in Teller().samples(picture(), at(0)))
    assert (mqtt["delivery_up"], mqtt["store_pending"]) == (1, 0)
    assert (centre["delivery_up"], centre["store_pending"], centre["rows_refused"]) == (0, 60, 2)


def test_the_use_of_a_bus_is_that_since_the_last_row_and_unknown_where_it_began_anew() -> None:
    teller = Teller()
    uses = [
        told(list(teller.samples(picture(bus(busy_s)), at(60 * number)))[1])["bus_utilisation"]
        for number, busy_s in enumerate((100, 115, 145, 3, 9))
    ]
    assert uses == [None, 0.25, 0.5, None, 0.1]


def test_health_is_told_once_a_minute() -> None:
    async def main() -> None:
        kept: list[Sample] = []
        task = asyncio.create_task(Health(picture, kept.append, VirtualClock()).run())
        await asyncio.sleep(181)
        task.cancel()
        rows = [sample for sample in kept if sample.layout.measurement == "gateway"]
        assert [row.stamp.utc_ns for row in rows] == [EPOCH_NS + n * 60 * 10**9 for n in (1, 2, 3)]

    run_virtual(main())
