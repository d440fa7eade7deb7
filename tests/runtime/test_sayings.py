"""Sentences with codes: each is known again by its English text, and told in Vietnamese with all it names."""

import re

import pytest

from edge.core.sayings import EACH, Saying, say, sentences, understood

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
