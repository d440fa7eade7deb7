"""The enrolment service as HTTP: bounded bodies, a pace for whoever guesses, a sentence for every no.

| route | who | what |
| --- | --- | --- |
| `GET /v1/ca` | everybody | the root certificate, which is public |
| `GET /v1/crl` | everybody | the list of what is revoked |
| `POST /v1/enrol` | who has a token | `{"gateway":…,"token":…,"csr":…}` |
| `POST /v1/renew` | a gateway's certificate | `{"gateway":…,"csr":…}` |
| `POST /v1/confirm`, `/v1/leave` | a gateway's certificate | `{"gateway":…}` |
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Annotated

from cryptography import x509
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.core.pace import Key, Pace, Rule, address_key
from provisioning.ca.give import root_pem
from provisioning.enrol.office import Denied, Grant, Office

log = logging.getLogger(__name__)

BODY_BYTES_MAX = 8_192
"""Longest request body; a signing request has about 500 bytes."""

BODY_S = 10.0
"""Longest wait for a body."""

BY_GATEWAY = Rule(10, 60)
"""Attempts for one gateway's id: never long, so that nobody can lock a gateway out by guessing."""

TOO_LARGE, TOO_SLOW, TOO_MANY = 413, 408, 429


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    gateway: Annotated[str, Field(max_length=64)]
    token: Annotated[str, Field(max_length=64)] = ""
    csr: Annotated[str, Field(max_length=4096)] = ""


class _Refused(Exception):
    def __init__(self, status: int, text: str, wait_s: float = 0.0) -> None:
        super().__init__(text)
        self.status, self.wait_s = status, wait_s


Handler = Callable[[Request], Awaitable[Response]]


def application(office: Office, mono_ns: Callable[[], int]) -> FastAPI:
    """The service, with the monotonic clock by which it counts attempts."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    doors = _Doors(office, mono_ns)
    app.add_exception_handler(_Refused, _refusal)
    app.add_exception_handler(Denied, _denial)
    app.get("/v1/ca")(doors.root)
    app.get("/v1/crl")(doors.crl)
    app.post("/v1/enrol")(doors.enrol)
    app.post("/v1/renew")(doors.renew)
    app.post("/v1/confirm")(doors.confirm)
    app.post("/v1/leave")(doors.leave)
    return app


class _Doors:
    def __init__(self, office: Office, mono_ns: Callable[[], int]) -> None:
        self._office, self._mono_ns = office, mono_ns
        self._pace = Pace()

    async def root(self) -> Response:
        return PlainTextResponse(root_pem(self._office.authority).decode())

    async def crl(self) -> Response:
        return PlainTextResponse(self._office.authority.place.crl.read_text())

    async def enrol(self, request: Request) -> Response:
        asked = await _asked(request)
        keys = self._begin(request, asked.gateway)
        grant = self._office.enrol(asked.gateway, asked.token, asked.csr.encode())
        self._pace.take_back(*keys)
        log.info("enrol: %s got a certificate, from %s", asked.gateway, keys[0].text)
        return _granted(grant)

    async def renew(self, request: Request) -> Response:
        asked = await _asked(request)
        # Counted also when it succeeds: each leaves a certificate behind.
        self._begin(request, asked.gateway)
        grant = self._office.renew(_shown(request), asked.gateway, asked.csr.encode())
        log.info("enrol: %s got a further certificate", asked.gateway)
        return _granted(grant)

    async def confirm(self, request: Request) -> Response:
        asked = await _asked(request)
        keys = self._begin(request, asked.gateway)
        self._office.confirm(_shown(request), asked.gateway)
        self._pace.take_back(*keys)
        return JSONResponse({"confirmed": asked.gateway})

    async def leave(self, request: Request) -> Response:
        asked = await _asked(request)
        self._begin(request, asked.gateway)
        self._office.leave(_shown(request), asked.gateway)
        log.info("enrol: %s was taken out of service", asked.gateway)
        return JSONResponse({"left": asked.gateway})

    def _begin(self, request: Request, gateway: str) -> tuple[Key, Key]:
        address = request.client.host if request.client else ""
        keys = address_key(address), Key(f"gateway {gateway}", BY_GATEWAY)
        wait_s = self._pace.begin(keys, self._mono_ns())
        if wait_s > 0:
            log.warning("enrol: %s tries too often, for %s", keys[0].text, keys[1].text[:50])
            raise _Refused(TOO_MANY, f"too many attempts: wait {wait_s:.0f} s", wait_s)
        return keys


async def _asked(request: Request) -> _Asked:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for part in request.stream():
                body += part
                if len(body) > BODY_BYTES_MAX:
                    raise _Refused(TOO_LARGE, f"the request has more than {BODY_BYTES_MAX} bytes")
    except TimeoutError as error:
        raise _Refused(TOO_SLOW, f"the request did not come within {BODY_S:g} s") from error
    try:
        return _Asked.model_validate_json(bytes(body))
    except ValidationError as error:
        # Not the error's own text: it repeats what was sent, a token among it.
        raise _Refused(400, "the request is not what this service takes: is Gianh as new there?") from error


def _shown(request: Request) -> x509.Certificate | None:
    """The client's certificate, as TLS has proved it."""
    der = getattr(request.state, "peer", None)
    return x509.load_der_x509_certificate(der) if der else None


def _granted(grant: Grant) -> Response:
    return JSONResponse({"chain": grant.chain, "mqtt_url": grant.mqtt_url})


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, _Refused)
    headers = {"Retry-After": f"{error.wait_s:.0f}"} if error.wait_s else {}
    return JSONResponse({"detail": str(error)}, error.status, headers)


async def _denial(request: Request, error: Exception) -> Response:
    assert isinstance(error, Denied)
    whom = request.client.host if request.client else ""
    log.warning("enrol: refused %s of %s: %s", request.url.path, whom, error)
    return JSONResponse({"detail": str(error)}, int(error.status))
