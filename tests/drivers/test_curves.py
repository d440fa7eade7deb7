"""A lamp whose own gear is on another dimming curve than its profile."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.coded import ProfilePoint, Table
from drivers.lamp_check import problems_of_lamps
from drivers.modbus.curves import on_curve
from drivers.modbus.dali import PERCENT
from drivers.modbus.decode import Decoder, encode
from drivers.modbus.driver import ModbusDriver
from drivers.modbus.lamp_plan import LampPlan
from drivers.modbus.plan import Block
from drivers.profile import Profile, load_profile, parse_profile
from edge.config.schema import Config, Device, DimmingCurve, Gateway
from edge.core.clock import SystemClock
from tests.drivers.test_lamps_plan import DIMMER, MILLIVOLTS, lamp, line

FULL = {"ecodim-dali-gw2": 254, "intesis-dali": 100, "volts": 10_000}
"""What each says for full light."""
CURVES = st.sampled_from(DimmingCurve)


def profile_of(name: str) -> Profile:
    return parse_profile("dimmer", DIMMER.format(scale=MILLIVOLTS)) if name == "volts" else load_profile(name)


def curved(name: str, curve: DimmingCurve | None) -> Profile:
    return on_curve(profile_of(name), lamp(1, dimming_curve=curve))


def shown(profile: Profile) -> ProfilePoint:
    return next(point for point in profile.points if point.name == "level")


def decoded(profile: Profile, raw: int) -> float | None:
    point = shown(profile)
    block = Block(Table.HOLDING, point.address, 1)
    ((value,), _) = Decoder([point], [block]).decode([raw.to_bytes(2, "big")])
    return value


def alone(name: str, curve: str | None) -> LampPlan:
    """The plan of a bus with one lamp, lamp-0."""
    return planned((lamp(0, profile="dimmer" if name == "volts" else name, dimming_curve=curve), name))


def planned(*lamps: tuple[Device, str], **settings: Any) -> LampPlan:
    return LampPlan(line(**settings), {one.id: (one, on_curve(profile_of(name), one)) for one, name in lamps})


@pytest.mark.parametrize(
    ("profile", "curve", "level", "word"),
    [
        ("ecodim-dali-gw2", "linear", 100, 254),
        ("ecodim-dali-gw2", "linear", 50, 127),
        ("ecodim-dali-gw2", "logarithmic", 50, 229),
        ("ecodim-dali-gw2", None, 50, 229),
        ("intesis-dali", "logarithmic", 50, 90),
        ("intesis-dali", "logarithmic", 100, 100),
        ("intesis-dali", "linear", 50, 50),
        ("volts", "logarithmic", 10, 6680),
        ("volts", "logarithmic", 100, 10_000),
        ("volts", "linear", 10, 1000),
    ],
)
def test_the_curve_of_a_device_is_what_its_level_is_written_by(
    profile: str, curve: str | None, level: float, word: int
) -> None:
    plan = alone(profile, curve)
    (frame,) = plan.frames({"lamp-0": level})
    assert plan.words(frame)[1] == (word,)


def test_without_a_curve_of_its_own_a_device_has_its_profile_as_it_is() -> None:
    profile = load_profile("ecodim-dali-gw2")
    assert on_curve(profile, lamp(1)) is profile
    meter = load_profile("eastron-sdm120")
    assert on_curve(meter, lamp(1, profile="eastron-sdm120", dimming_curve="linear")) is meter


@given(st.sampled_from(sorted(FULL)), CURVES, st.data())
def test_every_step_of_a_scale_comes_back_as_itself(
    name: str, curve: DimmingCurve, data: st.DataObject
) -> None:
    profile = curved(name, curve)
    raw = data.draw(st.integers(0, FULL[name]))
    value = decoded(profile, raw)
    assert value is not None
    assert 0 <= value <= 100
    assert (value > 0) == (raw > 0)
    back = encode(profile.command("level"), value)[0]
    # Below DALI's first arc level there is the least light, whatever the signal.
    assert back == raw if value > PERCENT[1] else back <= FULL[name] // 254 + 1


@given(st.sampled_from(sorted(FULL)), CURVES, st.floats(0, 100))
def test_a_level_is_read_back_within_a_step_and_light_is_never_dark(
    name: str, curve: DimmingCurve, level: float
) -> None:
    plan = alone(name, curve)
    (frame,) = plan.frames({"lamp-0": level})
    (word,) = plan.words(frame)[1]
    actual = decoded(curved(name, curve), word)
    assert actual is not None
    assert plan.same("lamp-0", level, actual)


@given(st.sampled_from(sorted(FULL)), CURVES, st.integers(0, 0xFFFF))
def test_what_no_lamp_can_show_is_no_level(name: str, curve: DimmingCurve, raw: int) -> None:
    value = decoded(curved(name, curve), raw)
    assert (value is None) == (raw > FULL[name])


@given(st.lists(st.none() | CURVES, min_size=2, max_size=6), st.data())
def test_a_frame_to_several_lamps_says_to_each_what_it_would_be_told_alone(
    curves: list[DimmingCurve | None], data: st.DataObject
) -> None:
    lamps = [lamp(n, (3,), dimming_curve=curve) for n, curve in enumerate(curves)]
    levels = {one.id: data.draw(st.sampled_from((0.0, 22.83, 22.89, 40.0, 100.0))) for one in lamps}
    plan = planned(*((one, "ecodim-dali-gw2") for one in lamps), whole_line=data.draw(st.booleans()))
    for frame in plan.frames(levels):
        way, words = plan.words(frame)
        assert all(plan.fixture(one).words(levels[one]) == words for one in way.devices)


def test_the_driver_polls_by_the_devices_curve() -> None:
    class Nothing:
        def recall(self, key: str) -> str | None:
            return None

        def remember(self, key: str, value: str) -> None:
            pass

    gateway = Gateway(id="g1", latitude=17.75, longitude=106.42)
    devices = [lamp(1, dimming_curve="linear"), lamp(2)]
    driver = ModbusDriver(line(), devices, gateway, Nothing(), SystemClock())
    linear, logarithmic = (profile for _, profile in driver._devices.values())
    assert decoded(linear, 127) == 50
    assert decoded(logarithmic, 127) == PERCENT[127]


def test_a_curve_or_a_least_level_of_what_does_not_dim_is_refused_in_one_sentence() -> None:
    given = {"bus": "b", "dimming_curve": "linear"}
    config = Config.model_validate(
        {
            "gateway": {"id": "gw", "latitude": 17.75, "longitude": 106.42},
            "device": [
                {"id": "meter", "profile": "eastron-sdm120", **given},
                {"id": "relays", "profile": "waveshare-relay-8", "bus": "b", "minimum_level": 5},
                {"id": "lamp", "profile": "ecodim-dali-gw2", "minimum_level": 5, **given},
                {"id": "odd", "profile": "nothing", **given},
            ],
        }
    )
    text = "is no lamp, and {} is for lamps that dim: remove it"
    assert list(problems_of_lamps(config, load_profile)) == [
        (("device", 0, "dimming_curve"), f"meter (eastron-sdm120) {text.format('dimming_curve')}"),
        (("device", 1, "minimum_level"), f"relays (waveshare-relay-8) {text.format('minimum_level')}"),
    ]
    with pytest.raises(ValueError, match="linear"):
        lamp(1, dimming_curve="wavy")
