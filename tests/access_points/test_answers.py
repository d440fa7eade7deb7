"""What answers of access points say, whatever they say."""

import contextlib
import json
from importlib import resources
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.access_points import mikrotik, openwrt, snmp
from drivers.access_points.few import counts_hidden, without_few
from drivers.access_points.figures import Rates, band_of, figures_of, judged
from drivers.access_points.paths import SnmpPath, path_fault, snmp_path
from drivers.access_points.samples import sample_values
from drivers.access_points.ubus import OK, Result, request, results, session_of
from drivers.device_model import DriverKind
from drivers.profile import load_profile, parse_profile
from edge.core.errors import ConfigError, GianhError, ProtocolError, Refused
from edge.core.model import Quality
from simulators.routeros import spelled_s

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
NAMED = ("mode", "frequency", "results", "airtime", "utilization", "statistics", "rx_bytes", "up", "status")
TABLES = st.dictionaries(st.sampled_from((*NAMED, "clients", "devices", "uptime", "freq")), JSON, max_size=6)
ANSWERS = st.builds(Result, st.sampled_from((OK, 4, -32002)), TABLES | JSON)
ROWS = st.lists(
    st.dictionaries(st.sampled_from(("name", "interface", "band", "disabled", "rx-byte", "uptime")), JSON)
)
COUNTS = st.integers(0, 12)
PROFILE = load_profile("openwrt-ap")


@given(st.tuples(*[ANSWERS] * 4), ANSWERS, ANSWERS)
def test_any_answers_of_ubus_are_a_radio_or_none_and_no_failure(answers, clients, devices):
    with contextlib.suppress(ProtocolError):
        openwrt.devices_in(devices)
    openwrt.uptime_in(devices)
    radio = openwrt.radio_in(answers)
    if radio is not None:
        radios = [openwrt.with_clients(radio, clients)]
        judged(PROFILE.points, figures_of(radios, None))


@given(st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()), st.integers(1, 4))
def test_any_bytes_are_as_many_results_as_were_asked_for_or_a_protocol_error(body: bytes, count: int):
    found = None
    with contextlib.suppress(ProtocolError):
        found = results(body, count)
    if found is not None:
        assert len(found) == count
        assert all(session_of(one) == "" or one.code == OK for one in found)


def test_results_go_to_their_own_calls_whatever_their_order():
    calls = [call for device in ("a", "b") for call in openwrt.radio_calls(device)]
    asked = json.loads(request(calls, "0" * 32))
    answers = [{"jsonrpc": "2.0", "id": one["id"], "result": [0, {"n": one["id"]}]} for one in asked]
    found = results(json.dumps(answers[::-1]).encode(), len(calls))
    assert [one.data for one in found] == [{"n": at} for at in range(len(calls))]


def test_an_interface_whose_name_could_be_something_else_is_not_asked():
    names = ["wlan0", "phy0-ap0", "../x", "a b", "", "x" * 16, 7, None, "wlan0.1"]
    assert openwrt.devices_in(Result(OK, {"devices": names})) == ("wlan0", "phy0-ap0", "wlan0.1")


@given(ROWS, ROWS, ROWS)
def test_any_tables_of_routeros_are_figures_and_no_failure(listed, traffic, stations):
    tables = [json.dumps(rows).encode() for rows in (listed, traffic, stations)]
    radios = mikrotik.with_traffic(mikrotik.radios_in(tables[0], mikrotik.MENUS[0], ()), tables[1])
    found = mikrotik.with_stations(radios, mikrotik.stations_in(tables[2]))
    judged(PROFILE.points, figures_of(found, mikrotik.uptime_in(tables[0])))


@given(st.integers(0, 10_000_000))
def test_an_uptime_of_routeros_is_read_as_it_is_written(seconds: int):
    for body in ({"uptime": spelled_s(seconds)}, [{"uptime": spelled_s(seconds)}]):
        assert mikrotik.uptime_in(json.dumps(body).encode()) == seconds


@pytest.mark.parametrize(
    ("mhz", "band"), [(2412, "2g"), (2484, "2g"), (5180, "5g"), (5885, "5g"), (5955, ""), (0, ""), (900, "")]
)
def test_bands_are_told_by_frequency(mhz: int, band: str):
    assert band_of(mhz) == band


@given(COUNTS, COUNTS, COUNTS, st.integers(2, 6))
def test_nothing_that_is_told_lets_anybody_work_out_a_few(two: int, five: int, six: int, least: int):
    figures = {"clients": two + five + six, "clients 2g": two, "clients 5g": five, "octets from clients": 1}
    told = without_few(figures, least)
    total, bands = told.get("clients"), [told.get("clients 2g"), told.get("clients 5g")]
    few = range(1, least)
    assert not any(count in few for count in (total, *bands))
    assert bands.count(None) in (0, 2)
    if None not in bands and total is not None:
        assert total - sum(bands) not in few
    assert ("octets from clients" in told) == (two + five + six not in few)


def test_a_count_of_any_vendors_mib_is_hidden_by_the_name_of_its_point():
    values = tuple(3.0 for _ in PROFILE.points)
    told = counts_hidden(PROFILE.points, values, 5)
    hidden = {point.name for point, value in zip(PROFILE.points, told, strict=True) if value is None}
    assert hidden == {"clients", "clients_2g", "clients_5g"}


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(1, 10**10)), max_size=8))
def test_a_rate_is_never_negative_and_never_more_than_the_counter_says(steps):
    rates, at_ns, before = Rates(), 0, None
    for count, gap_ns in steps:
        at_ns += gap_ns
        found = rates.joined(["rate x"], {"x": float(count)}, at_ns).get("rate x")
        rises = before is not None and count >= before
        assert (found is not None) == rises
        if found is not None and before is not None:
            assert found == pytest.approx((count - before) * 1e9 / gap_ns)
        before = count


def test_a_rate_over_a_poll_without_the_counter_is_none():
    rates = Rates()
    rates.joined(["rate x"], {"x": 1.0}, 1)
    assert "rate x" not in rates.joined(["rate x"], {}, 2)
    assert "rate x" not in rates.joined(["rate x"], {"x": 5.0}, 3)


def test_what_cannot_be_true_is_bad_and_what_is_not_told_is_only_missing():
    values, flags = judged(PROFILE.points, {"up": 1.0, "utilisation 2g": 256.0})
    told = dict(zip((point.name for point in PROFILE.points), values, strict=True))
    assert told["ap_up"] == 1
    assert [PROFILE.points[at].name for at, quality in flags if quality is Quality.BAD] == [
        "channel_utilisation_2g"
    ]


COLUMNS = [snmp.IF_TYPE, (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 10)]


@given(
    st.dictionaries(st.tuples(st.sampled_from(COLUMNS), st.integers(1, 40)), st.integers(0, 2**64 - 1)),
    st.lists(st.sampled_from(COLUMNS), min_size=1, unique=True),
    st.integers(1, 7),
)
def test_a_walk_brings_every_row_of_its_columns_and_no_other(cells, columns, rows: int):
    agent = sorted(((*column, row), value) for (column, row), value in cells.items())
    walk, asked = snmp.Walk(columns), 0
    while asks := walk.asks():
        walk.take(_bulk(agent, asks, rows))
        asked += 1
        assert asked <= 60
    assert walk.values == {oid: value for oid, value in agent if oid[:-1] in columns}


def _bulk(agent, asks, rows: int):
    """RFC 3416 section 4.2.3: one successor of each, again and again."""
    answer, at = [], list(asks)
    for _ in range(rows):
        for place, oid in enumerate(at):
            after = next(((known, value) for known, value in agent if known > oid), (oid, None))
            at[place] = after[0]
            answer.append(after)
    return answer


def test_an_agent_that_goes_in_circles_or_never_ends_is_left():
    walk, column = snmp.Walk([snmp.IF_TYPE]), snmp.IF_TYPE
    with pytest.raises(ProtocolError, match="in circles"):
        walk.take([((*column, 2), 1), ((*column, 1), 1)])
    walk = snmp.Walk([column])
    with pytest.raises(ProtocolError, match="more than 20000"):
        walk.take([((*column, at), 1) for at in range(snmp.VALUES_MAX + 1)])


def test_an_agent_without_radios_asks_for_names():
    paths = [point.path for point in load_profile("snmp-ap").points]
    values = {(*snmp.IF_TYPE, 1): 6, (*snmp.IF_NAME, 1): "br-lan"}
    with pytest.raises(Refused, match="name them in interfaces"):
        snmp.figures_in(values, paths, ())
    assert snmp.figures_in(values, paths, ("wlan0",)) == {"any 1 of 1.3.6.1.2.1.2.2.1.8": 0.0}


def test_a_vendors_table_is_summed_over_all_its_rows():
    stations = (1, 3, 6, 1, 4, 1, 14988, 1, 1, 1, 3, 1, 6)
    path = "sum " + ".".join(map(str, stations))
    assert snmp.asked([path], ("wlan0",)) == ([], [stations])
    assert snmp.figures_in({(*stations, 1): 7, (*stations, 2): 4}, [path], ("wlan0",)) == {path: 11.0}


def test_paths_of_snmp_are_taken_apart():
    assert snmp_path("1.3.6.1.2.1.1.3.0") == SnmpPath((1, 3, 6, 1, 2, 1, 1, 3, 0), False)
    assert snmp_path("rate sum 1.3.6.1") == SnmpPath((1, 3, 6, 1), True)
    assert snmp_path("any 1 of 1.3.6.1") == SnmpPath((1, 3, 6, 1), True, 1)
    for wrong in ("", "1.3", "1.3.6.01", "sum", "any of 1.3.6", "mean 1.3.6.1", "1.3.6.1 ", "9.3.6.1"):
        assert snmp_path(wrong) is None
        assert path_fault(DriverKind.SNMP, wrong)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('path = "uptime"', 'path = "up time"', "points uptime: path 'up time' is not known: use one of up,"),
        (
            'path = "uptime"',
            'table = "holding"\naddress = 1\ntype = "u16"',
            "points uptime: path, and no table",
        ),
        ('driver = "openwrt"', 'driver = "snmp"', "points ap_up: path 'up' is none: use OID"),
        ('driver = "openwrt"', 'driver = "modbus"', "points ap_up: path, and no table"),
    ],
)
def test_a_profile_with_a_wrong_path_says_which(old: str, new: str, words: str):
    text = _profile_text("openwrt-ap").replace(old, new)
    with pytest.raises(ConfigError) as caught:
        parse_profile("openwrt-ap", text)
    assert words in str(caught.value)


def _profile_text(profile: str) -> str:
    return resources.files("drivers.profiles").joinpath(f"{profile}.toml").read_text("utf-8")


@given(st.text(max_size=20) | JSON.map(json.dumps))
def test_a_sample_of_nonsense_is_told_and_does_not_fail(text: str):
    for profile in ("openwrt-ap", "mikrotik-ap", "snmp-ap"):
        with contextlib.suppress(GianhError):
            values, _ = sample_values(load_profile(profile), [text])
            assert values.count(None) >= 1


def test_figures_keep_to_the_paths_that_are_documented():
    told = figures_of([], 1.0, 2)
    assert all(path_fault(DriverKind.OPENWRT, path) == "" for path in told)
    assert list(islice(told, 1)) == ["up"]
