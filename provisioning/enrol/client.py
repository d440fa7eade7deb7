"""A gateway's questions to the enrolment service; what goes wrong becomes a sentence."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from edge.core.errors import PermanentError, TransientError
from edge.core.fingerprints import shown
from provisioning.ca.authority import fingerprint
from provisioning.ca.place import certificate_in
from provisioning.enrol.ticket import Ticket

ANSWER_S = 20.0
"""Longest wait for each part of an answer."""

ANSWER_BYTES_MAX = 65_536

NOT_YET_VALID, EXPIRED = 9, 10
"""X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL."""

WAIT = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Granted:
    """What the centre gave: certificate chain in PEM form, and the broker's address."""

    chain: bytes
    mqtt_url: str


class Centre:
    """The service as a gateway sees it: believed by the root certificate in `ca_file` alone.

    With `cert_file` and `key_file` the gateway shows who it is.
    """

    def __init__(self, url: str, ca_file: Path, pair: tuple[Path, Path] | None = None) -> None:
        self._url, self._ca_file, self._pair = url, ca_file, pair

    async def enrol(self, gateway: str, token: str, request: bytes) -> Granted:
        """A first certificate. Raises PermanentError where the centre says no, else TransientError."""
        body = {"gateway": gateway, "token": token, "csr": request.decode()}
        return _granted(await self._post("/v1/enrol", body))

    async def renew(self, gateway: str, request: bytes) -> Granted:
        """A further certificate."""
        return _granted(await self._post("/v1/renew", {"gateway": gateway, "csr": request.decode()}))

    async def confirm(self, gateway: str) -> None:
        """This certificate works: the centre may revoke the one before."""
        await self._post("/v1/confirm", {"gateway": gateway})

    async def leave(self, gateway: str) -> None:
        """This gateway is out of service."""
        await self._post("/v1/leave", {"gateway": gateway})

    async def _post(self, path: str, body: Mapping[str, str]) -> Mapping[str, object]:
        return _json(await _ask(self._url, "POST", path, self._context(), body))

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self._ca_file)
            if self._pair is not None:
                context.load_cert_chain(*self._pair)
        except OSError as error:
            files = ", ".join(str(file) for file in (self._ca_file, *(self._pair or ())))
            raise PermanentError(
                f"{files} cannot be used ({error}): enrol again with a new ticket"
            ) from error
        return context


async def pinned_root(ticket: Ticket) -> bytes:
    """The root certificate that the service shows, if it is the one that the ticket trusts.

    Nothing of value goes over this connection, which believes nobody; the next one believes this root alone.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    content = await _ask(ticket.url, "GET", "/v1/ca", context, None)
    root = certificate_in(content, f"what {ticket.url} shows")
    if not ticket.is_of(seen := fingerprint(root)):
        expected = shown(ticket.fingerprint)
        raise PermanentError(
            f"{ticket.url} shows another authority than the ticket says, so that nothing was sent to it: "
            f"seen {seen}, expected {expected}. Check the ticket; if it is right, somebody is "
            "in between"
        )
    return content


async def _ask(
    url: str, method: str, path: str, context: ssl.SSLContext, body: Mapping[str, str] | None
) -> bytes:
    try:
        async with (
            httpx.AsyncClient(verify=context, timeout=ANSWER_S, trust_env=False, base_url=url) as client,
            client.stream(method, path, json=body) as answer,
        ):
            content = b""
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > ANSWER_BYTES_MAX:
                    raise TransientError(f"{url} answers with more than {ANSWER_BYTES_MAX} bytes")
    except (httpx.HTTPError, ssl.SSLError, OSError, httpx.InvalidURL) as error:
        raise _unreachable(url, error) from error
    if answer.is_success:
        return content
    raise _refused(url, answer.status_code, content)


def _refused(url: str, status: int, content: bytes) -> PermanentError | TransientError:
    try:
        detail = json.loads(content)["detail"]
    except (ValueError, KeyError, TypeError):
        detail = f"HTTP {status}"
    text = f"{url} refuses: {detail}"
    return TransientError(text) if status in WAIT or status >= 500 else PermanentError(text)


def _unreachable(url: str, error: Exception) -> PermanentError | TransientError:
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, ssl.SSLError):
        seen = seen.__cause__ or seen.__context__
    clock = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(seen, ssl.SSLCertVerificationError):
        if seen.verify_code == NOT_YET_VALID:
            return TransientError(
                f"the clock of this machine says {clock}, which is before the certificate of {url} begins: "
                "wait until the network has set it, or set it (`sudo date -s ...`), then try again"
            )
        more = f"; is {clock} the right time?" if seen.verify_code == EXPIRED else ""
        return PermanentError(f"the certificate of {url} is not trusted: {seen.verify_message}{more}")
    if isinstance(error, httpx.ReadError | httpx.RemoteProtocolError):
        return TransientError(
            f"{url} closed the connection without a word: does it know this gateway's certificate, or does "
            "it restart?"
        )
    return TransientError(f"{url} cannot be reached: {error or type(error).__name__}")


def _json(content: bytes) -> Mapping[str, object]:
    try:
        said = json.loads(content)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise TransientError("the enrolment service answers with what is no JSON: is the address right?")
    return said


def _granted(said: Mapping[str, object]) -> Granted:
    chain, url = said.get("chain"), said.get("mqtt_url")
    if not isinstance(chain, str) or not isinstance(url, str):
        raise TransientError("the enrolment service gave no certificate: is it as new as this gateway?")
    return Granted(chain.encode(), url)
