"""Sentences with codes: each is known again by its English text, and told in Vietnamese with all it names."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.core.sayings import EACH, Saying, in_vietnamese, say, sentences, understood

NAMED = {
    "device": "lamp-05",
    "times": "3",
    "level": "62.5",
    "line": "/dev/ttyUSB0",
    "since": "2026-11-28T00:00:00Z",
    "section": "calendar",
}


def names(sentence: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", sentence))


@pytest.mark.parametrize("code", sentences())
def test_a_sentence_is_known_again_with_what_it_names_in_both_languages(code: str) -> None:
    one = sentences()[code]
    assert names(one.vi) <= names(one.en)
    what = {name: NAMED.get(name, "lamp-1" if name == EACH else "7") for name in names(one.en)}
    (found,) = understood(say(code, **what))
    assert (found.code, dict(found.what)) == (code, what)
    for name in names(one.vi) - {"section"}:
        assert what[name].replace("62.5", "62,5") in found.vi


def test_a_reason_of_several_sentences_tells_each_lamps_own() -> None:
    why = say("no_answer", unit=5, line="bus-1", seconds="0.5", what="address")
    each = f"lamp-05: {why}, lamp-13: it smells of smoke, lamp-14 and 3 more"
    first, second = understood(f"{say('verified_of', verified=1, lamps=7)}; {say('not_reached', each=each)}")
    assert first.vi == "1 trên 7 đèn đã kiểm chứng"
    assert "lamp-05: địa chỉ 5 trên bus-1 không trả lời trong 0,5 giây" in second.vi
    assert second.vi.endswith("lamp-13: it smells of smoke, lamp-14 và 3 đèn khác")


def test_what_is_in_no_table_is_told_as_it_is() -> None:
    assert understood("") == ()
    assert understood("unit 5: noise; bus lost") == (
        Saying("", "unit 5: noise", "unit 5: noise"),
        Saying("", "bus lost", "bus lost"),
    )


@pytest.mark.parametrize(
    ("text", "vi"),
    [
        (
            "air: Ozone of 67.7 µg/m³ over 8h is above 100 % of 120 µg/m³ (QCVN 05:2023/BTNMT; in Nm³, from "
            "60.1 at 24.5 °C, 1013.25 hPa assumed), indicative (tham khảo)",
            "air: Khí O3 trung bình 8 giờ là 67,7 µg/m³, vượt 100 % giới hạn 120 µg/m³ (QCVN 05:2023/BTNMT; "
            "quy về Nm³, từ 60,1 ở 24,5 °C, giả định 1013,25 hPa), chỉ để tham khảo",
        ),
        (
            "over: /dev/ttyUSB0 went away (Input/output error): check its cable and adapter",
            "đã hết: mất /dev/ttyUSB0 (lỗi vào ra): kiểm tra cáp và bộ chuyển đổi",
        ),
        (
            "InfluxDB town at http://127.0.0.1:8086, database town takes nothing: HTTP 404: not found; "
            "create it there, or correct url and name in [[influx]]",
            "InfluxDB town tại http://127.0.0.1:8086, cơ sở dữ liệu town không nhận gì: HTTP 404: not found; "
            "tạo ở đó, hoặc sửa url và tên trong [[influx]]",
        ),
        (
            "lan changed the plan: program main: 22:00 60 % -> sunset+1h at least 40 %; calendar x removed; "
            "fade 2.5 s -> 3 s",
            "lan đã sửa kế hoạch: chương trình main: 22:00 60 % → mặt trời lặn +1 giờ ít nhất 40 %; đã bỏ "
            "lịch x; thời gian chuyển 2,5 giây → 3 giây",
        ),
        (
            "bus lamps removed; target mqtt added; bus x: a, b changed; lighting changed",
            "đã bỏ đường truyền lamps; đã thêm nơi nhận mqtt; đường truyền x: đổi a, b; đã đổi chiếu sáng",
        ),
        (
            "there is no lamp, group or segment 'x': known are lamps a, b; groups c",
            "không có đèn, nhóm hay đoạn “x”",
        ),
        ("no [[calendar]] has the id 'x'; did you mean 'y'?", "Không có lịch “x”: có phải “y”?"),
        ("must be at least 0 and at most 100, not 120", "Phải là từ 0 đến 100, không phải 120."),
        ("light lamp-1 by nobody named: verified", "điều khiển đèn lamp-1, bởi không rõ ai: đã kiểm chứng"),
        ("its time is over", "hết giờ"),
        (
            "not reached (each gets its level when it answers again): lamp-1: unit 1 on 127.0.0.1:502 did "
            "not answer within 0.5 s: check its power, address and wiring",
            "chưa tới được (đèn nhận mức sáng khi trả lời lại): lamp-1: địa chỉ 1 trên 127.0.0.1:502 không "
            "trả lời trong 0,5 giây: kiểm tra nguồn, địa chỉ và dây",
        ),
    ],
)  # fmt: skip
def test_what_a_sentence_speaks_of_is_told_in_vietnamese_too(text: str, vi: str) -> None:
    assert in_vietnamese(text) == vi
    assert "; ".join(one.en for one in understood(text)) == text


@given(st.text("ax:;,' ", max_size=60).map(lambda text: text * 30))
@example("xxxxx; " * 280)
@example("a: " * 600)
@example("over: " * 300)
def test_no_text_keeps_the_gateway_from_its_work(text: str) -> None:
    began = time.process_time()
    assert "; ".join(one.en for one in understood(text)) == text
    assert time.process_time() - began < 1.0
