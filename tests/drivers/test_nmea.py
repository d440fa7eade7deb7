"""Sentences of weather stations, and the one reading that is made of several."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.serial.nmea import Item, NmeaParser, full_round, record_of
from tests.drivers.sensor_frames import nmea

SPEED, FROM, AIR, WET, PRESSURE, DEW = Item


def said(*sentences: str) -> dict[Item, float]:
    """What these say together; what is no value is left out."""
    frames = NmeaParser().feed("".join(f"{one}\r\n" for one in sentences).encode("ascii"))
    values = struct.unpack(f">{len(Item)}d", record_of(frames).data)
    return {item: value for item, value in zip(Item, values, strict=True) if not math.isnan(value)}


def body(text: str) -> dict[Item, float]:
    return said(nmea(text).decode("ascii").strip())


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("$WIMWV,041.1,R,01.0,N,A*16", {SPEED: 0.5144, FROM: 41.1}),
        ("$IIMWV,344.0,R,005.9,M,A*31", {SPEED: 5.9, FROM: 344.0}),
        ("$IIMWD,276.94,T,270.84,M,06.47,N,03.33,M*45", {SPEED: 3.33, FROM: 276.94}),
        (
            "$WIMDA,29.7544,I,1.0076,B,35.5,C,,,42.1,,20.6,C,116.4,T,107.7,M,1.2,N,0.6,M*66",
            {SPEED: 0.6, FROM: 116.4, AIR: 35.5, WET: 42.1, PRESSURE: 1007.5996, DEW: 20.6},
        ),
        ("$WIMDA,29.4473,I,0.9972,B,17.2,C,,,,,,,,,,,,,,*3E", {AIR: 17.2, PRESSURE: 997.2}),
        ("$WIXDR,C,026.0,C,,*56", {AIR: 26.0}),
        ("$WIXDR,C,22.6,C,TEMP,H,43.4,P,RH,P,1.0211,B,BARO*4A", {AIR: 22.6, WET: 43.4, PRESSURE: 1021.1}),
    ],
)
def test_a_recorded_sentence_is_read(sentence: str, values: dict[Item, float]) -> None:
    assert said(sentence) == pytest.approx(values, abs=0.03)


def test_a_wrong_checksum_is_no_sentence() -> None:
    assert said("$WIMWV,041.1,R,01.0,N,A*17") == {}
    assert said("$WIMWV,041.1,R,01.0,N,A") == {}


@pytest.mark.parametrize(
    ("text", "speed_mps"), [("10.0,N", 5.1444), ("10.0,M", 10.0), ("36.0,K", 10.0), ("10.0,S", 4.4704)]
)
def test_speeds_come_in_metres_a_second(text: str, speed_mps: float) -> None:
    assert body(f"WIMWV,90.0,T,{text},A") == {SPEED: speed_mps, FROM: 90.0}


@pytest.mark.parametrize("text", ["1009.5,H", "100950,P", "1.0095,B", "757.1873,M", "29.8105,I"])
def test_pressures_come_in_hectopascal(text: str) -> None:
    assert body(f"WIXDR,P,{text},BARO") == {PRESSURE: pytest.approx(1009.5, abs=0.01)}


def test_status_v_is_no_value() -> None:
    assert body("WIMWV,300.0,R,09.0,M,V") == {}


@pytest.mark.parametrize(
    "text",
    [
        "WIMWV,,R,,N,A",
        "WIMWV,12.0",
        "WIMWD,,T,,M,,N,,M",
        "WIMDA,,I,,B,,C,,C,,,,C,,T,,M,,N,,M",
        "WIXDR,C,,C,0,H,,P,0",
        "WIXDR",
        "WIXDR,C,20.0,F,0",
        "WIMWV,x,R,1e3,Q,A",
        "WIMWV,nan,R,inf,M,A",
    ],
)
def test_what_is_empty_or_not_understood_is_no_value(text: str) -> None:
    assert body(text) == {}


def test_temperatures_of_housings_and_of_the_feeling_are_not_the_airs() -> None:
    vaisala = "WIXDR,C,24.0,C,1,C,23.3,C,0,H,50.1,P,0,P,1009.5,H,0"
    assert body(vaisala) == {AIR: 23.3, WET: 50.1, PRESSURE: 1009.5}
    assert body("YXXDR,C,19.1,C,WCHR,C,18.9,C,WCHT,C,31.0,C,HINX,P,1.0150,B,STNP") == {PRESSURE: 1015.0}


def test_wind_against_the_earth_goes_before_wind_against_the_station() -> None:
    relative = nmea("WIMWV,10.0,R,1.0,M,A").decode().strip()
    true = nmea("WIMWV,20.0,T,2.0,M,A").decode().strip()
    earth = nmea("WIMWD,30.0,T,31.0,M,5.8,N,3.0,M").decode().strip()
    assert said(true, relative) == {SPEED: 2.0, FROM: 20.0}
    assert said(earth, true, relative) == {SPEED: 3.0, FROM: 30.0}


def test_the_newer_of_two_alike_counts() -> None:
    first, second = (nmea(f"WIMWV,{angle},R,1.0,M,A").decode().strip() for angle in (10.0, 20.0))
    assert said(first, second)[FROM] == 20.0


def test_other_sentences_are_left_out() -> None:
    assert NmeaParser().feed(nmea("GPGGA,1,2,3") + nmea("HCHDG,101.1,,,7.1,W")) == []


def test_a_round_is_full_when_a_sentence_comes_again() -> None:
    wind, wet, other = (
        NmeaParser().feed(nmea(text))[0]
        for text in ("WIMWV,10.0,R,1.0,M,A", "WIXDR,H,50.0,P,0", "WIXDR,C,20.0,C,0")
    )
    assert full_round([wind, wet, other]) is None
    assert full_round([wind, wet, wind]) is not None


@given(
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="$*"), max_size=80)
)
def test_any_fields_make_a_record(text: str) -> None:
    for name in ("MWV", "MWD", "MDA", "XDR"):
        frames = NmeaParser().feed(nmea(f"WI{name},{text}"))
        assert len(frames) == 1
        assert len(record_of(frames).data) == 8 * len(Item)
