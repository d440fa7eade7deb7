"""What a reply to a write means: the table of the contract. Pure."""

import json
import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum

RETRY_AFTER_CAP_S = 600.0
"""Longest wait that a server may ask for."""

WORDS_MAX = 500
"""How much of a server's words is kept, in characters."""

WHOLE_REQUEST = re.compile(
    r"^\s*<|database is required|http request to an https server|invalid precision|"
    r"org(anization)?( id| name)? .*(required|not found|invalid)|bucket .*(required|not found)|"
    r"gzip|not a valid bucket",
    re.IGNORECASE,
)
"""Words of a 400 that speak of the request and not of a line: no line is to blame, none is set aside."""


class Ruling(StrEnum):
    """What to do with the lines of a request."""

    STORED = "stored"
    SPLIT = "split"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply to a write: `retry_after` and `location` are the headers' texts, empty where absent."""

    status: int
    body: str = ""
    retry_after: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ruling, the server's own words, and the least wait that it asked for."""

    ruling: Ruling
    words: str = ""
    wait_s: float = 0.0


def judge(reply: Reply, now_s: float) -> Verdict:
    """Rule on a reply; `now_s` is UTC in seconds, for a Retry-After that is a date."""
    words = _words(reply)
    match reply.status:
        case 204:
            return Verdict(Ruling.STORED)
        case 400 | 422:
            whole = reply.status == 400 and WHOLE_REQUEST.search(reply.body)
            return Verdict(Ruling.REFUSED if whole else Ruling.SPLIT, words)
        case 413:
            return Verdict(Ruling.TOO_LARGE, words)
        case 408 | 425 | 429:
            return Verdict(Ruling.WAIT, words, retry_after_s(reply.retry_after, now_s))
        case status if status >= 500:
            return Verdict(Ruling.WAIT, words, retry_after_s(reply.retry_after, now_s))
    # Every other answer is no receipt: a login page says 200, a moved server 301, and both stored nothing.
    return Verdict(Ruling.REFUSED, words)


def retry_after_s(text: str, now_s: float) -> float:
    """Seconds that a Retry-After asks for (RFC 9110 section 10.2.3), capped; 0 when it is not readable."""
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(float(text), RETRY_AFTER_CAP_S)
    try:
        moment = parsedate_to_datetime(text)
        asked_s = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - now_s
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    return min(max(asked_s, 0.0), RETRY_AFTER_CAP_S)


def _words(reply: Reply) -> str:
    """`HTTP 400: unable to parse ...`: the message out of the JSON that 1.x, 2.x and 3 each wrap it in."""
    text = reply.body.strip()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        said = next((found[key] for key in ("message", "error") if isinstance(found.get(key), str)), text)
        detail = found.get("data")
        text = f"{said}: {json.dumps(detail, ensure_ascii=False)}" if detail else said
    if reply.location:
        text = f"{text} (redirects to {reply.location})".strip()
    text = " ".join(text.split())[:WORDS_MAX]
    return f"HTTP {reply.status}: {text}" if text else f"HTTP {reply.status}"
