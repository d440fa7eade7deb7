import json
import random

from cloud_sync.influx.lines import Lines
from cloud_sync.mqtt.payload import SamplePayloads
from cloud_sync.mqtt.topics import Topics
from edge.config.schema import Config
from edge.core.model import Sample, SampleRow
from edge.core.vocabulary import quantity
from edge.core.wifi import AccountingKind
from edge.wifi.places import places_of
from edge.wifi.told import DAY_POINTS, MINUTE_POINTS, hours_of
from edge.wiring.hotspots import wifi_subjects, with_hotspots
from tests.wifi.records import CONFIG, NOON_S, ZONE, S, Story, books
from tests.wifi.test_books import Told, feed

HOUR_S = NOON_S


def row(sample: Sample) -> SampleRow:
    texts = tuple("" if value is None else repr(value).removesuffix(".0") for value in sample.values)
    return SampleRow(1, sample.stamp.utc_ns or 0, sample.layout, texts)


def test_an_hour_is_one_message_and_one_line_of_its_place() -> None:
    it, into = Story(), books()
    for number in range(1, 7):
        stop = it.record(AccountingKind.STOP, number, NOON_S + 600, "ap-1", 300, 10, 20, number)
        feed(into, [Told(NOON_S + 600, stop)])
    into.advance((NOON_S + 5000) * S)
    (sample,) = [one for one in into.telling.hour(HOUR_S) if one.layout.device == "ap-1"]
    topic, payload = SamplePayloads(Topics("gw")).message(row(sample), late=False)
    assert topic == "gianh/v1/gw/device/ap-1/usage/1h"
    assert json.loads(payload)["v"] == {
        "sessions_started": 6,
        "sessions_ended": 6,
        "bytes_up": 60,
        "bytes_down": 120,
        "dwell_mean": 300,
        "peak_sessions": 6,
    }
    line = Lines(()).sample(row(sample))
    assert line is not None
    assert line.startswith("wifi_usage,commune=ba-don,device=ap-1,gateway=gw,site=market sessions_started=6,")
    assert line.endswith(f" {(NOON_S + 3600) * S}")


def test_nothing_is_told_of_fewer_than_the_smallest_group_in_any_hour_and_place() -> None:
    for seed in range(30):
        chance, it, into = random.Random(seed), Story(), books()
        for number in range(1, chance.randrange(2, 25)):
            hotspot = chance.choice(("ap-1", "ap-2", "ap-3"))
            at_s = NOON_S + chance.randrange(3600)
            stop = it.record(AccountingKind.STOP, number, at_s, hotspot, 30, 10, 20, chance.randrange(1, 12))
            feed(into, [Told(at_s, stop)])
        into.advance((NOON_S + 5000) * S)
        places, hour = places_of(CONFIG), into.telling.hour(HOUR_S)
        told = {one.layout.device: dict(zip(one.layout.names, one.values, strict=True)) for one in hour}
        for place, values in told.items():
            for name in ("sessions_started", "sessions_ended", "peak_sessions"):
                assert values[name] is None or values[name] >= 5, (seed, place, name)
        whole = told.get("gw", {}).get("sessions_started")
        parts = [told[name]["sessions_started"] for name in places.by_id["gw"].hotspots if name in told]
        known = [part for part in parts if part is not None]
        if whole is not None and known:
            rest = whole - sum(known)
            assert rest == 0 or rest >= 5, seed


def test_every_point_is_in_the_vocabulary_and_visitors_are_labelled_honestly() -> None:
    assert all(quantity(name) is not None for name in (*MINUTE_POINTS, *DAY_POINTS))
    visitors = quantity("visitors")
    assert visitors is not None
    assert "MAC ngẫu nhiên: chỉ đúng trong ngày" in visitors.vi


def test_a_name_that_another_place_has_gets_its_level_before_it() -> None:
    data = CONFIG.model_dump(exclude_unset=True)
    data["gateway"]["site"] = "ba-don"
    data["hotspot"][2]["commune"] = "ap-1"
    places = places_of(Config.model_validate(data))
    assert [(place.level.value, place.id) for place in places.all] == [
        ("gateway", "gw"),
        ("commune", "ba-don"),
        ("commune", "commune-ap-1"),
        ("site", "site-ba-don"),
        ("site", "beach"),
        ("hotspot", "ap-1"),
        ("hotspot", "ap-2"),
        ("hotspot", "ap-3"),
        ("hotspot", "ac"),
    ]
    assert places.around["ap-3"] == ("gw", "commune-ap-1", "beach", "ap-3")
    assert dict(places.by_id["site-ba-don"].tags)["site"] == "ba-don"
    assert list(places.wholes["gw"]) == [
        ("ap-1", "ap-2", "ap-3", "ac"),
        ["site-ba-don", "beach"],
        ["ba-don", "commune-ap-1"],
    ]


def test_consumers_are_told_what_the_places_are_and_alarms_may_be_about_them() -> None:
    infos = {info.device: info for info in with_hotspots(CONFIG, lambda _: None)}  # type: ignore[arg-type]
    assert {"gw", "ba-don", "market", "beach", "ap-1", "ap-2", "ap-3"} <= infos.keys()
    assert dict(infos["beach"].place) == {"level": "site"}
    assert {point.name for point in infos["gw"].points} == {*MINUTE_POINTS, *DAY_POINTS}
    assert {"ap-1", "ac", "gw"} <= set(wifi_subjects(CONFIG))


def test_a_local_day_has_its_hours() -> None:
    day = NOON_S // 86_400 + 719_163
    assert hours_of(ZONE, day) == range(NOON_S - 43_200, NOON_S + 43_200, 3600)
