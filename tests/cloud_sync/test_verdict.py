import json
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_sync.influx.verdict import RETRY_AFTER_CAP_S, WORDS_MAX, Reply, Ruling, judge, retry_after_s

NOW_S = 1_790_000_000.0


@pytest.mark.parametrize(
    ("status", "ruling"),
    [
        (204, Ruling.STORED),
        (400, Ruling.SPLIT),
        (422, Ruling.SPLIT),
        (413, Ruling.TOO_LARGE),
        (401, Ruling.REFUSED),
        (403, Ruling.REFUSED),
        (404, Ruling.REFUSED),
        (407, Ruling.REFUSED),
        (408, Ruling.WAIT),
        (429, Ruling.WAIT),
        (500, Ruling.WAIT),
        (502, Ruling.WAIT),
        (503, Ruling.WAIT),
        (504, Ruling.WAIT),
        (200, Ruling.REFUSED),
        (201, Ruling.REFUSED),
        (301, Ruling.REFUSED),
        (307, Ruling.REFUSED),
    ],
)
def test_each_status_has_its_ruling(status: int, ruling: Ruling) -> None:
    assert judge(Reply(status), NOW_S).ruling is ruling


@pytest.mark.parametrize(
    "body",
    [
        '{"error":"database is required"}',
        "Client sent an HTTP request to an HTTPS server.\n",
        "<html><body>400 Bad Request</body></html>",
    ],
)
def test_a_400_that_speaks_of_the_whole_request_blames_no_line(body: str) -> None:
    assert judge(Reply(400, body), NOW_S).ruling is Ruling.REFUSED


@pytest.mark.parametrize(
    "body",
    [
        """{"error":"unable to parse 'm,t=a f=x 1': invalid number"}""",
        '{"error":"partial write: field type conflict: input field \\"f\\" is type float dropped=1"}',
        '{"error":"partial write: points beyond retention policy dropped=1"}',
        '{"code":"invalid","message":"failed to parse line protocol"}',
        "",
    ],
)
def test_a_400_about_lines_is_split(body: str) -> None:
    assert judge(Reply(400, body), NOW_S).ruling is Ruling.SPLIT


def test_the_words_are_taken_out_of_every_generations_json() -> None:
    assert judge(Reply(400, '{"error":"one"}'), NOW_S).words == "HTTP 400: one"
    assert judge(Reply(422, '{"code":"x","message":"two"}'), NOW_S).words == "HTTP 422: two"
    three = json.dumps({"error": "three", "data": [{"line_number": 1}]})
    assert judge(Reply(400, three), NOW_S).words == 'HTTP 400: three: [{"line_number": 1}]'
    assert judge(Reply(301, "", location="http://b/"), NOW_S).words == "HTTP 301: (redirects to http://b/)"


@given(status=st.integers(100, 599), body=st.text(), retry_after=st.text())
def test_any_reply_is_judged_and_never_asks_for_more_than_the_cap(
    status: int, body: str, retry_after: str
) -> None:
    verdict = judge(Reply(status, body, retry_after), NOW_S)
    assert 0 <= verdict.wait_s <= RETRY_AFTER_CAP_S
    assert len(verdict.words) <= WORDS_MAX + 20
    assert (verdict.ruling is Ruling.STORED) == (status == 204)


def test_retry_after_is_seconds_or_a_date_and_capped() -> None:
    date = format_datetime(datetime.fromtimestamp(NOW_S + 90, UTC), usegmt=True)
    assert retry_after_s("7", NOW_S) == 7
    assert retry_after_s(date, NOW_S) == 90
    assert retry_after_s(date, NOW_S + 1000) == 0
    assert retry_after_s("999999", NOW_S) == RETRY_AFTER_CAP_S
    assert retry_after_s("soon", NOW_S) == 0
