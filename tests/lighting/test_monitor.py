import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.alarms import RULES, AlarmSetting, rules_of
from edge.core.alarms import AlarmKind, Finding, Sign
from edge.core.lighting import LightSource
from edge.core.model import Severity
from edge.lighting.monitor import View, above, below, findings
from edge.lighting.monitor_starts import HOUR_NS, Starts
from edge.lighting.power import expected_w

T, W, U = Sign.TROUBLE, Sign.WELL, Sign.UNSURE


def lamp(
    wanted: float | None,
    *,
    source: LightSource | None = LightSource.PROGRAM,
    nominal_w: float | None = 100,
    night: bool | None = True,
    restarts_h: int | None = None,
    **values: float,
) -> View:
    return View("lamp-1", values, True, True, wanted, source, nominal_w, night, restarts_h)


def meter(**values: float) -> View:
    return View("meter-1", values, True)


def says(view: View, kind: AlarmKind) -> Finding:
    (finding,) = [one for one in findings(view, RULES) if one.kind is kind]
    return finding


@pytest.mark.parametrize(
    ("view", "sign"),
    [
        (lamp(100, active_power=1), T),
        (lamp(100, active_power=25), U),
        (lamp(100, active_power=99), W),
        (lamp(40, active_power=5), T),
        (lamp(40, active_power=43), W),
        (lamp(0, active_power=0), U),
        (lamp(100, active_power=0, nominal_w=None), U),
        (lamp(100), U),
        (lamp(100, lamp_failure=1), T),
        (lamp(0, lamp_failure=1), T),
        (lamp(100, control_gear_failure=1, lamp_failure=0), T),
        (lamp(0, lamp_failure=0), W),
        (lamp(100, lamp_failure=0, active_power=0), T),
        (lamp(1, active_power=0, nominal_w=20), U),
    ],
)
def test_a_lamp_failed_by_its_status_or_by_drawing_hardly_anything(view: View, sign: Sign) -> None:
    assert says(view, AlarmKind.LAMP_FAILURE).sign is sign


@pytest.mark.parametrize(
    ("view", "sign"),
    [
        (lamp(0, active_power=80), T),
        (lamp(0, active_power=4.5), U),
        (lamp(0, active_power=0.5), W),
        (lamp(0, lamp_on=1), T),
        (lamp(0, lamp_on=0), W),
        (lamp(0, lamp_unexpected_on=1, active_power=0), T),
        (lamp(0), U),
        (lamp(60, active_power=80), W),
        (lamp(60, night=False, active_power=80), W),
        (lamp(100, source=LightSource.DEFAULT, night=False, active_power=80), T),
        (lamp(100, source=LightSource.DEFAULT, night=True, active_power=80), W),
        (lamp(100, source=LightSource.DEFAULT, night=None, active_power=80), W),
        (lamp(None, source=None, night=False, active_power=80), T),
        (lamp(None, source=None, night=True, active_power=80), U),
    ],
)
def test_a_day_burner_burns_when_it_is_to_be_dark(view: View, sign: Sign) -> None:
    assert says(view, AlarmKind.LAMP_UNEXPECTED_ON).sign is sign


@pytest.mark.parametrize(
    ("view", "sign"),
    [
        (lamp(40, level=40, active_power=44), W),
        (lamp(40, level=100), T),
        (lamp(40, level=40, active_power=95), T),
        (lamp(40, active_power=95), T),
        (lamp(100, level=100, active_power=50), T),
        (lamp(100, level=100, active_power=1), W),
        (lamp(100, active_power=1), U),
        (lamp(0, level=50), U),
        (lamp(None, level=50), U),
        (lamp(50, level=72), U),
    ],
)
def test_dimming_failed_when_level_or_power_are_not_as_told(view: View, sign: Sign) -> None:
    assert says(view, AlarmKind.DIMMING_FAILURE).sign is sign


@pytest.mark.parametrize(("restarts", "sign"), [(None, U), (0, W), (2, W), (3, U), (4, U), (5, T)])
def test_a_lamp_that_restarts_too_often_is_cycling(restarts: int | None, sign: Sign) -> None:
    assert says(lamp(100, restarts_h=restarts), AlarmKind.CYCLING).sign is sign


def test_a_relay_that_is_not_as_commanded_failed() -> None:
    states = {"relay_state_1": 1.0, "relay_state_2": 0.0}
    for wanted, sign in (((True, False), W), ((False, False), T), ((True, True), T)):
        view = View("relay-1", states, True, relays=dict(zip(states, wanted, strict=True)))
        assert says(view, AlarmKind.RELAY_FAILURE).sign is sign
    unread = View("relay-1", {}, True, relays={"relay_state_1": True})
    assert says(unread, AlarmKind.RELAY_FAILURE).sign is U


@pytest.mark.parametrize(
    ("volts", "voltage", "phase"),
    [
        ((230, 231, 229), W, W),
        ((230, 190, 229), T, W),
        ((260, 230, 229), T, W),
        ((230, 199, 229), U, W),
        ((230, 0, 229), W, T),
        ((230, 110, 229), T, U),
        ((0, 0, 0), T, U),
    ],
)
def test_voltages_out_of_range_and_a_phase_that_is_gone(
    volts: tuple[float, float, float], voltage: Sign, phase: Sign
) -> None:
    view = meter(**{f"phase{nth}_supply_voltage": value for nth, value in enumerate(volts, 1)})
    assert says(view, AlarmKind.SUPPLY_VOLTAGE).sign is voltage
    assert says(view, AlarmKind.PHASE_LOSS).sign is phase


def test_a_single_phase_meter_has_a_voltage_but_no_phase_to_lose() -> None:
    view = meter(supply_voltage=0)
    assert says(view, AlarmKind.SUPPLY_VOLTAGE).sign is T
    assert AlarmKind.PHASE_LOSS not in {one.kind for one in findings(view, RULES)}


@pytest.mark.parametrize(
    ("view", "sign"),
    [
        (meter(power_factor=0.7, active_power=500), T),
        (meter(power_factor=-0.7, active_power=-500), T),
        (meter(power_factor=0.81, active_power=500), U),
        (meter(power_factor=0.95, active_power=500), W),
        (meter(power_factor=0.3, active_power=2), U),
        (lamp(100, power_factor=0.5, active_power=90), T),
        (lamp(20, power_factor=0.5, active_power=25), U),
    ],
)
def test_a_low_power_factor_counts_only_where_it_means_something(view: View, sign: Sign) -> None:
    assert says(view, AlarmKind.POWER_FACTOR).sign is sign


def test_a_door_that_stands_open() -> None:
    assert says(meter(cabinet_door_open=1), AlarmKind.CABINET_DOOR).sign is T
    assert says(meter(cabinet_door_open=0), AlarmKind.CABINET_DOOR).sign is W


@pytest.mark.parametrize(
    ("view", "sign"),
    [
        (meter(mains_lost=1), T),
        (meter(mains_lost=1, supply_voltage=230), T),
        (meter(mains_lost=0), W),
        (meter(mains_lost=0, supply_voltage=3), T),
        (meter(supply_voltage=99), T),
        (meter(supply_voltage=110), U),
        (meter(supply_voltage=121), W),
        (meter(phase1_supply_voltage=0, phase2_supply_voltage=230), W),
        (meter(phase1_supply_voltage=0, phase2_supply_voltage=1), T),
    ],
)
def test_a_cabinet_without_mains_that_still_answers(view: View, sign: Sign) -> None:
    assert says(view, AlarmKind.CABINET_POWER).sign is sign


def test_a_lamp_without_voltage_is_switched_off_and_no_cabinet_without_mains() -> None:
    assert AlarmKind.CABINET_POWER not in {one.kind for one in findings(lamp(0, supply_voltage=0), RULES)}


@pytest.mark.parametrize(("degrees", "sign"), [(61, T), (60, U), (56, U), (55, W), (-20, W)])
def test_a_cabinet_that_is_too_hot_inside(degrees: float, sign: Sign) -> None:
    for view in (
        meter(cabinet_temperature=degrees, temperature=20),
        View("box-1", {"temperature": degrees}, True, in_cabinet=True),
    ):
        assert says(view, AlarmKind.CABINET_TEMPERATURE).sign is sign


def test_hot_air_outside_of_a_cabinet_is_no_alarm() -> None:
    kinds = {one.kind for one in findings(meter(temperature=70), RULES)}
    assert AlarmKind.CABINET_TEMPERATURE not in kinds


@pytest.mark.parametrize(
    ("online", "values", "sign"),
    [
        (None, {}, U),
        (True, {}, W),
        (False, {}, T),
        (True, {"communication_failure": 1.0}, T),
        (True, {"communication_failure": 0.0}, W),
    ],
)
def test_a_device_that_does_not_answer(online: bool | None, values: dict[str, float], sign: Sign) -> None:
    assert says(View("a", values, online), AlarmKind.COMMUNICATION_FAILURE).sign is sign


NAMES = ("level", "active_power", "lamp_on", "lamp_failure", "power_factor", "supply_voltage")
VIEWS = st.builds(
    View,
    st.just("lamp-1"),
    st.dictionaries(st.sampled_from(NAMES), st.floats(-1e6, 1e6)),
    st.sampled_from([None, False, True]),
    st.booleans(),
    st.none() | st.floats(0, 100),
    st.none() | st.sampled_from(LightSource),
    st.none() | st.floats(1, 1000),
    st.sampled_from([None, False, True]),
    st.none() | st.integers(0, 20),
)


@given(VIEWS)
def test_the_last_values_of_a_device_that_is_away_raise_and_clear_nothing(view: View) -> None:
    for finding in findings(view, RULES):
        if not view.online and finding.kind is not AlarmKind.COMMUNICATION_FAILURE:
            assert finding.sign is U


@given(VIEWS)
def test_trouble_is_always_told_in_words_that_name_the_device(view: View) -> None:
    for finding in findings(view, RULES):
        if finding.sign is T:
            assert "lamp-1" in finding.text


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(0, 100))
def test_below_is_above_upside_down_and_the_band_is_unsure(
    value: float, threshold: float, band: float
) -> None:
    assert above(value, threshold, band) is below(-value, -threshold, band)
    assert (above(value, threshold, band) is T) == (value > threshold)
    if above(value, threshold, band) is W:
        assert value <= threshold


@given(st.floats(1, 1000), st.floats(0, 100), st.floats(0, 100))
def test_expected_power_grows_with_the_level_up_to_the_nominal(
    nominal_w: float, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert 0 <= expected_w(nominal_w, low) <= expected_w(nominal_w, high) <= nominal_w * 1.000001
    assert expected_w(nominal_w, 0) == 0


def test_an_empty_table_watches_everything_and_a_row_changes_what_it_names() -> None:
    assert rules_of([]) == RULES
    off = AlarmSetting(kind=AlarmKind.CYCLING, enabled=False)
    changed = AlarmSetting(kind=AlarmKind.SUPPLY_VOLTAGE, threshold=210, delay_s=0, severity=Severity.ALARM)
    rules = rules_of([off, changed])
    assert set(RULES) - set(rules) == {AlarmKind.CYCLING}
    rule, before = rules[AlarmKind.SUPPLY_VOLTAGE], RULES[AlarmKind.SUPPLY_VOLTAGE]
    assert (rule.threshold, rule.delay_s, rule.severity) == (210, 0, Severity.ALARM)
    assert (rule.upper, rule.clear_s, rule.hysteresis) == (before.upper, before.clear_s, before.hysteresis)
    assert AlarmKind.CYCLING not in {one.kind for one in findings(lamp(100, restarts_h=9), rules)}


def test_starts_that_were_commanded_do_not_count_and_old_ones_are_forgotten() -> None:
    starts = Starts()
    starts.wanted(0)
    starts.seen(100, None, 0)
    starts.wanted(60)
    starts.seen(101, None, 1)
    assert starts.count(1) == 0
    starts.seen(104, None, 2)
    assert starts.count(2) == 3
    starts.wanted(100)
    starts.seen(105, None, 3)
    assert starts.count(3) == 4
    assert starts.count(2 + HOUR_NS) == 1


def test_without_a_counter_being_seen_dark_and_lit_again_is_a_start() -> None:
    starts = Starts()
    starts.wanted(100)
    for nth, lit in enumerate((True, False, True, False, True)):
        starts.seen(None, lit, nth)
    # The first start after the command is the command's own, whenever it shows.
    assert starts.count(5) == 1


def test_a_counter_that_was_reset_is_not_a_start() -> None:
    starts = Starts()
    starts.seen(1_000, None, 0)
    starts.seen(3, None, 1)
    assert starts.count(1) == 0
