"""What becomes of errors over HTTP: a sentence with its code, and never what stands behind it."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from edge.console.access.denied import Denied
from edge.console.access.refusal import denied_json, refusal
from edge.console.access.shield import HEADERS
from edge.core.errors import GianhError
from edge.core.sayings import say


def add_refusals(app: FastAPI) -> None:
    """Have errors answered so by an application."""
    app.add_exception_handler(GianhError, _cannot)
    app.add_exception_handler(Denied, _denied)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(Exception, _fault)


async def _cannot(_request: Request, error: Exception) -> JSONResponse:
    """What does not work now."""
    return refusal(str(error), 503)


async def _denied(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Denied)
    return denied_json(error)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return refusal(str(error.detail), error.status_code, error.headers)


async def _unfit(_request: Request, error: Exception) -> JSONResponse:
    """What of a request is wrong, without what was sent: that may be a password."""
    assert isinstance(error, RequestValidationError)
    found = [{"loc": list(one["loc"]), "msg": one["msg"], "type": one["type"]} for one in error.errors()]
    return JSONResponse({"detail": found}, 422)


async def _fault(_request: Request, _error: Exception) -> JSONResponse:
    """A fault in Gianh, which the server logs; this answer passes by the Shield, so it dresses itself."""
    return refusal(say("fault"), 500, dict(HEADERS))
