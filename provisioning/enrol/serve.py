"""`gianh enrol serve`: the enrolment service over TLS, with a certificate of the same authority.

A gateway may show its certificate; uvicorn does not hand that on, so the connection does it here.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from uvicorn.protocols.http.h11_impl import H11Protocol

from edge.core.errors import GianhError, TransientError
from edge.core.owned import make_folder, write_owned
from provisioning.ca.authority import Authority
from provisioning.ca.keys import key_pem, new_key, public_bytes
from provisioning.ca.place import private_key, read_certificate
from provisioning.ca.profiles import Kind, at_name
from provisioning.enrol.api import application
from provisioning.enrol.office import Office

log = logging.getLogger(__name__)

CONNECTIONS_MAX = 64
"""Most connections at once."""

CONNECTION_S = 30.0
"""Longest life of a connection: who sends slowly holds no place for ever."""

NO_CHECK_TIME = ssl.VerifyFlags(0x200000)
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which Python does not name; the office looks at the time."""

LOOK_S = 6 * 3600.0
"""How often certificates, lists and old facts are looked after."""


class ServerCertificate:
    """A server's key and certificate in one file, made anew when a third of its life is left.

    `hosts` are the names and addresses under which it is reached, the first one being its name.
    """

    def __init__(self, authority: Authority, file: Path, hosts: tuple[str, ...]) -> None:
        self._authority, self.file, self._hosts = authority, file, hosts

    def look(self) -> bool:
        """Make it where it is not there, not for these hosts, or soon at its end; whether it was made."""
        if not self.is_due():
            return False
        key = new_key()
        name = at_name(self._hosts[0], Kind.SERVER)
        issued = self._authority.sign(Kind.SERVER, name, key.public_key(), self._hosts)
        write_owned(self.file, key_pem(key) + self._authority.chain_of(issued))
        return True

    def is_due(self) -> bool:
        """Whether it has to be made."""
        try:
            key, certificate = private_key(self.file), read_certificate(self.file)
            named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (GianhError, x509.ExtensionNotFound):
            return True
        own = public_bytes(key.public_key()) == public_bytes(certificate.public_key())  # type: ignore[arg-type]
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        known = {str(one.value) for one in named}
        late = self._authority.now() > begins + (ends - begins) * 2 / 3
        gone = self._authority.records.is_revoked(certificate.serial_number)
        return late or gone or not own or not {host.lower() for host in self._hosts} <= known


class EnrolServer:
    """The service of an authority at an address."""

    def __init__(self, authority: Authority, host: str, port: int) -> None:
        self._authority, self._host = authority, host
        make_folder(authority.place.folder / "server")
        named = authority.town.enrol_address[0]
        file = authority.place.folder / "server" / "enrol.pem"
        self._certificate = ServerCertificate(authority, file, (named,))
        self._certificate.look()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._context.load_verify_locations(authority.place.root)
        self._context.verify_mode = ssl.CERT_OPTIONAL
        # Who shows a certificate that has ended is told so in a sentence, not by a closed connection.
        self._context.verify_flags |= NO_CHECK_TIME
        self._context.load_cert_chain(file)
        self.office = Office(authority)
        self.port = port
        self.bound = asyncio.Event()

    async def run(self) -> None:
        """Serve until cancelled. Raises TransientError where the address cannot be had."""
        with self._listener() as listener:
            self.port = listener.getsockname()[1]
            app = application(self.office, time.monotonic_ns)
            server = _Server(self._config(app))
            serving = asyncio.ensure_future(server.serve(sockets=[listener]))
            caring = asyncio.ensure_future(self._care())
            self.bound.set()
            try:
                await asyncio.shield(serving)
            finally:
                caring.cancel()
                server.should_exit = server.force_exit = True
                with contextlib.suppress(asyncio.CancelledError):
                    await serving

    async def _care(self) -> None:
        while True:
            try:
                self._care_once()
            except (GianhError, OSError) as error:
                log.warning("enrol: the authority cannot be looked after now: %s", error)
            await asyncio.sleep(LOOK_S)

    def _care_once(self) -> None:
        if self._certificate.look():
            self._context.load_cert_chain(self._certificate.file)
        now = self._authority.now()
        self._authority.records.forget(now)
        self.office.tokens.forget(now)
        self._authority.write_crl()

    def _listener(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            return socket.create_server((self._host, self.port), family=family)
        except OSError as error:
            raise TransientError(
                f"{self._host}:{self.port} cannot be listened at ({error.strerror}): give --host and --port"
            ) from error

    def _config(self, app: Any) -> uvicorn.Config:
        return uvicorn.Config(
            app,
            http=_Connection,
            ws="none",
            log_config=None,
            lifespan="off",
            access_log=False,
            timeout_graceful_shutdown=1,
            server_header=False,
            # Attempts are counted by address: nobody may say of themselves where they come from.
            proxy_headers=False,
            limit_concurrency=CONNECTIONS_MAX,
            ssl_context_factory=lambda *_: self._context,
        )


class _Connection(H11Protocol):
    """A connection that hands on the certificate that its client showed, and that ends."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        tls = transport.get_extra_info("ssl_object")
        peer = tls.getpeercert(binary_form=True) if tls is not None else None
        self.app_state = {**self.app_state, "peer": peer}
        self._end = asyncio.get_running_loop().call_later(CONNECTION_S, transport.abort)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end.cancel()
        super().connection_lost(exc)


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handling."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
