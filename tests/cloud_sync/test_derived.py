"""What was derived of a station, as the broker and InfluxDB get it."""

import json

from cloud_sync.influx.lines import Lines
from cloud_sync.mqtt.payload import SamplePayloads
from cloud_sync.mqtt.topics import Topics
from edge.core.model import Layout, Quality, SampleRow

AT_NS = 1_795_453_200_000_000_000
REMARKS = (("correction", "epa-2021 v1"), ("standing", 'tham khảo, 100 % "so"'))
HOUR = Layout(
    "air-1", "air_1h", ("pm2_5", "pm10"), (("device", "air-1"), ("gateway", "gw")), "mean/1h", REMARKS
)


def test_a_mean_goes_to_a_topic_of_its_series_and_says_what_is_remarked() -> None:
    row = SampleRow(7, AT_NS, HOUR, ("12.5", "30"), ((0, Quality.SUSPECT),))
    topic, payload = SamplePayloads(Topics("gw")).message(row, late=True)
    assert topic == "gianh/v1/gw/device/air-1/mean/1h"
    assert json.loads(payload) == {
        "at": "2026-11-23T17:00:00.000000000Z",
        "seq": 7,
        "v": {"pm2_5": 12.5, "pm10": 30},
        "q": {"pm2_5": "suspect"},
        "correction": "epa-2021 v1",
        "standing": 'tham khảo, 100 % "so"',
        "late": True,
    }


def test_a_mean_becomes_a_line_whose_remarks_are_string_fields() -> None:
    remarks = 'correction="epa-2021 v1",standing="tham khảo, 100 % \\"so\\""'
    lines = Lines(())
    assert lines.sample(SampleRow(7, AT_NS, HOUR, ("12.5", "30"))) == (
        f"air_1h,device=air-1,gateway=gw pm2_5=12.5,pm10=30,{remarks} {AT_NS}"
    )
    assert lines.sample(SampleRow(8, AT_NS, HOUR, ("", "30"))) == (
        f"air_1h,device=air-1,gateway=gw pm10=30,{remarks} {AT_NS}"
    )
    assert lines.sample(SampleRow(9, AT_NS, HOUR, ("", ""))) is None
