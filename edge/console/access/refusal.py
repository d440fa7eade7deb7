"""A refusal over HTTP: one sentence with its code, in both languages."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from edge.console.access.denied import WHY, Denied
from edge.console.models import SentenceOut, sentences_out


def refusal(text: str, status: int, headers: Mapping[str, str] | None = None, **more: object) -> JSONResponse:
    """`detail` is the English sentence, `code` stays what it is, `said` has it in both languages."""
    said = sentences_out(text)
    body = {"detail": text, "code": said[0].code if said else "", "said": [one.model_dump() for one in said]}
    return JSONResponse({**body, **more}, status, headers)


def denied_json(denied: Denied) -> JSONResponse:
    """A denial; `reason` is why, as login pages know it."""
    _, en, vi = WHY[denied.reason]
    code = f"denied_{denied.reason.value}"
    said = [SentenceOut(code=code, en=en, vi=vi, what={}).model_dump()]
    body = {"detail": en, "code": code, "said": said, "reason": denied.reason.value}
    return JSONResponse(body, denied.status, denied.headers())
