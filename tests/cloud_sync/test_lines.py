import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from influxdb_client import Point
from influxdb_client.domain.write_precision import WritePrecision

from cloud_sync.influx.lines import LAYOUTS_MAX, Lines
from edge.core.model import EventKind, Layout, Severity
from tests.cloud_sync.rows import AT_NS, event, sample

TAGS = (("commune", "quang-long"), ("gateway", "gw-a"))


def test_a_sample_becomes_one_line_with_tags_fields_and_nanoseconds() -> None:
    line = Lines(TAGS).sample(sample(0, "230.1", "5"))
    assert line == f"meter,device=meter-1,gateway=gw-a supply_voltage=230.1,active_power=5 {AT_NS}"


def test_a_value_that_is_not_there_is_left_out() -> None:
    lines = Lines(TAGS)
    assert lines.sample(sample(0, "", "5")) == f"meter,device=meter-1,gateway=gw-a active_power=5 {AT_NS}"


def test_a_sample_without_any_value_has_no_line() -> None:
    nothing = Layout("meter-1", "meter", (), ())
    assert Lines(TAGS).sample(sample(0, "", "")) is None
    assert Lines(TAGS).sample(sample(0, "x", layout=nothing).__class__(0, 0, nothing, ())) is None


def test_a_percent_sign_in_a_name_stays_one() -> None:
    layout = Layout("d", "m%s", ("a%d",), (("t", "100%"),))
    assert Lines(()).sample(sample(0, "1", layout=layout, at_ns=7)) == "m%s,t=100% a%d=1 7"


def test_what_repeats_is_remembered_within_a_bound() -> None:
    lines = Lines(())
    for number in range(LAYOUTS_MAX + 10):
        lines.sample(sample(0, "1", layout=Layout(f"d{number}", "m", ("a",), ())))
    assert len(lines._fixed) <= LAYOUTS_MAX


def test_a_gap_becomes_a_line_of_the_gateway_with_floats_and_strings() -> None:
    row = event(kind=EventKind.GAP, text='lost "some"', count=12, reason="disk cap", upto=None)
    assert Lines(TAGS).event(row) == (
        'gateway,commune=quang-long,gateway=gw-a gap_text="lost \\"some\\"",gap_count=12.0,'
        f'gap_reason="disk cap" {AT_NS}'
    )


def test_an_alarm_becomes_a_line_and_lesser_events_do_not() -> None:
    assert Lines(TAGS).event(event()) is None
    assert Lines(TAGS).event(event(severity=Severity.ALARM)) == (
        "alarm,commune=quang-long,device=meter-1,gateway=gw-a,kind=device_lost "
        f'text="meter-1 is silent" {AT_NS}'
    )


name = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), min_size=1, max_size=12
)
number = st.floats(allow_nan=False, allow_infinity=False)


@given(
    measurement=name.filter(lambda text: not text.startswith("#")),
    tags=st.dictionaries(name, name, max_size=4),
    fields=st.dictionaries(name, number, min_size=1, max_size=5),
    at_ns=st.integers(0, 2**62),
)
def test_lines_are_those_of_the_servers_own_client(
    measurement: str, tags: dict[str, str], fields: dict[str, float], at_ns: int
) -> None:
    layout = Layout("d", measurement, tuple(sorted(fields)), tuple(sorted(tags.items())))
    values = tuple(repr(fields[key]) for key in layout.names)
    point = Point.from_dict({"measurement": measurement, "tags": tags, "fields": {}, "time": at_ns})
    theirs = point.field("x", 1.0).time(at_ns, WritePrecision.NS).to_line_protocol()
    head = theirs.removesuffix(f" x=1 {at_ns}")
    ours = Lines(()).sample(sample(0, *values, layout=layout, at_ns=at_ns))
    assert ours is not None
    # Their client sorts before it escapes, ours after: the same tags stand there.
    assert sorted(_split(ours.removesuffix(f" {at_ns}"))) == sorted(
        _split(f"{head} {','.join(_theirs(key, fields[key]) for key in layout.names)}")
    )


def _theirs(key: str, value: float) -> str:
    line = Point("m").field(key, 1.0).to_line_protocol().removeprefix("m ")
    return f"{line.removesuffix('=1')}={value!r}"


def _split(line: str) -> list[str]:
    return line.replace("\\,", "\0").replace("\\ ", "\1").replace(" ", ",").split(",")


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=50),
    value=st.floats(),
)
def test_an_event_is_always_one_line_whatever_it_says(text: str, value: float) -> None:
    row = event(kind=EventKind.GAP, text=text, value=value)
    line = Lines(TAGS).event(row)
    assert line is not None
    assert "\n" not in line
    assert "\r" not in line
    assert ("gap_value" in line) == math.isfinite(value)


def alarm(kind: EventKind, fields: dict[str, str | float | None]) -> str | None:
    row = event(kind=kind, severity=Severity.INFO, text="lamp-7 is dark")
    return Lines(TAGS).event(replace(row, fields=tuple(fields.items())))


def test_an_alarm_is_a_line_when_raised_cleared_and_acknowledged_with_constant_types() -> None:
    known: dict[str, str | float | None] = {"alarm": "lamp-failure-meter-1", "kind": "lamp_failure"}
    assert alarm(EventKind.ALARM_RAISED, known | {"active": True, "value": 3}) == (
        "alarm,commune=quang-long,device=meter-1,gateway=gw-a,kind=lamp_failure active=1.0,value=3.0,"
        f'text="lamp-7 is dark" {AT_NS}'
    )
    assert alarm(EventKind.ALARM_CLEARED, known | {"active": False, "value": None}) == (
        "alarm,commune=quang-long,device=meter-1,gateway=gw-a,kind=lamp_failure active=0.0,"
        f'text="lamp-7 is dark" {AT_NS}'
    )
    seen = alarm(EventKind.ALARM_ACKNOWLEDGED, known | {"active": True, "by": "hoa", "note": ""})
    assert seen is not None
    assert 'by="hoa"' in seen
    assert "note" not in seen


def test_a_command_of_light_is_a_line_and_an_unknown_target_never_becomes_a_tag() -> None:
    known = {"id": "c1", "verb": "light", "target": "meter-1", "by": "hoa", "source": "mqtt"}
    done = Lines(TAGS).event(event(kind=EventKind.COMMAND, **known, state="verified", reason="", level=40))
    assert done == (
        'light_command,commune=quang-long,device=meter-1,gateway=gw-a id="c1",target="meter-1",by="hoa",'
        f'source="mqtt",state="verified",level=40.0 {AT_NS}'
    )
    failed = Lines(TAGS).event(event(kind=EventKind.COMMAND, **known, state="failed", reason="no such"))
    assert failed is not None
    assert failed.startswith("light_command,commune=quang-long,gateway=gw-a id=")
    assert 'reason="no such"' in failed
    read = {**known, "verb": "read"}
    assert Lines(TAGS).event(event(kind=EventKind.COMMAND, **read, state="verified")) is None


def test_what_a_night_saved_is_a_line_of_the_gateway() -> None:
    line = Lines(TAGS).event(event(kind=EventKind.NIGHT_ENDED, saved_kwh=1.5, estimate=True))
    assert line == f"gateway,commune=quang-long,gateway=gw-a night_saved_kwh=1.5,night_estimate=1.0 {AT_NS}"
