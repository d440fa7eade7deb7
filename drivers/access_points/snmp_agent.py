"""Questions to an SNMP agent: the only module that knows pysnmp. SNMPv2c, or SNMPv3 with signed messages.

No error holds a community, password or answer.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from pysnmp.error import PySnmpError  # type: ignore[import-untyped]  # it has no types
from pysnmp.hlapi.v3arch import asyncio as hlapi  # type: ignore[import-untyped]  # it has no types
from pysnmp.proto import errind  # type: ignore[import-untyped]  # it has no types

from drivers.access_points.access import community_of, password_of
from drivers.access_points.paths import Oid
from drivers.access_points.snmp import Value
from edge.config.checks import port_of
from edge.config.schema import Bus
from edge.core.errors import GianhError, LinkDown, NoAnswer, ProtocolError, Refused
from edge.core.sayings import say

TRIES = 2
"""A datagram may get lost: each question is asked so often within timeout_s."""

GRACE_S = 2.0
"""The library's own time-outs are coarse; so much later the question is given up in any case."""

PASSWORD_CHARS_MIN = 8
"""RFC 3414 section 11.2 wants passwords of SNMPv3 to be no shorter; agents refuse shorter ones."""

HASHES = {
    "sha1": hlapi.USM_AUTH_HMAC96_SHA,
    "sha256": hlapi.USM_AUTH_HMAC192_SHA256,
    "sha512": hlapi.USM_AUTH_HMAC384_SHA512,
}

NUMBERS = (hlapi.Integer32, hlapi.Counter32, hlapi.Gauge32, hlapi.TimeTicks, hlapi.Counter64)

LOCKED_OUT = (
    errind.AuthenticationFailure,
    errind.UnknownUserName,
    errind.UnsupportedSecurityLevel,
    errind.WrongDigest,
)
"""What SNMPv3 says to who does not get in."""


class Agent:
    """One SNMP agent, asked one question at a time."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._engine: Any = None
        self._credentials: Any = None
        self._target: Any = None

    @property
    def place(self) -> str:
        """The agent in words."""
        return f"SNMP agent {self._bus.host}:{port_of(self._bus)}"

    async def open(self) -> None:
        """Make ready; nothing is sent yet. Raises LinkDown for a name that nobody knows, PermanentError
        without secrets."""
        await self.close()
        host = self._bus.host or ""
        transport = hlapi.Udp6TransportTarget if ":" in host else hlapi.UdpTransportTarget
        self._credentials = self._made_credentials()
        try:
            self._target = await transport.create(
                (host, port_of(self._bus)), timeout=self._bus.timeout_s / TRIES, retries=TRIES - 1
            )
        except PySnmpError:
            self._target = None
        if self._target is None:
            raise LinkDown(say("address_unknown", place=self.place, bus=self._bus.id))
        self._engine = hlapi.SnmpEngine()

    async def close(self) -> None:
        """Close the socket; safe at any time, also twice."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close_dispatcher()
            await asyncio.sleep(0)  # lets the dispatcher's own task end

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value | None]:
        """The value of each instance, None where there is none.

        Raises NoAnswer, ProtocolError, Refused or LinkDown.
        """
        return dict(await self._asked(hlapi.get_cmd, oids))

    async def bulk(self, oids: Sequence[Oid], rows: int) -> list[tuple[Oid, Value | None]]:
        """Up to `rows` instances behind each of `oids`, in wire order. Raises as `get`."""
        return await self._asked(hlapi.bulk_cmd, oids, 0, rows)

    async def _asked(self, command: Any, oids: Sequence[Oid], *how: int) -> list[tuple[Oid, Value | None]]:
        if self._engine is None:
            raise LinkDown(say("not_connected", place=self.place))
        asked = [hlapi.ObjectType(hlapi.ObjectIdentity(oid)) for oid in oids]
        context = hlapi.ContextData()
        try:
            async with asyncio.timeout(self._bus.timeout_s + GRACE_S):
                indication, status, _, pairs = await command(
                    self._engine, self._credentials, self._target, context, *how, *asked, lookupMib=False
                )
        except TimeoutError:
            trouble: GianhError = self._silent()
        except (PySnmpError, OSError):
            trouble = ProtocolError(say("no_snmp", place=self.place))
        else:
            if indication is None and not status:
                return [(tuple(oid), _value(value)) for oid, value in pairs]
            trouble = self._trouble(indication, int(status))
        raise trouble

    def _made_credentials(self) -> Any:
        if self._bus.username is None:
            return hlapi.CommunityData(community_of(self._bus), mpModel=1)
        password = password_of(self._bus)
        if len(password) < PASSWORD_CHARS_MIN:
            raise LinkDown(say("password_short", bus=self._bus.id))
        return hlapi.UsmUserData(self._bus.username, password, authProtocol=HASHES[self._bus.snmp_hash])

    def _silent(self) -> NoAnswer:
        secret = "community" if self._bus.username is None else "username"
        return NoAnswer(
            say("snmp_silent", place=self.place, seconds=f"{self._bus.timeout_s:g}", secret=secret)
        )

    def _trouble(self, indication: object, status: int) -> GianhError:
        if isinstance(indication, errind.RequestTimedOut):
            return self._silent()
        if isinstance(indication, LOCKED_OUT):
            return Refused(say("snmp_login", place=self.place, bus=self._bus.id))
        reason = type(indication).__name__ if indication else f"error status {status}"
        return ProtocolError(say("answers_with", place=self.place, why=reason))


def _value(value: Any) -> Value | None:
    """An integer or a text; None for what is neither, such as the end of a table."""
    if isinstance(value, hlapi.OctetString):
        return bytes(value).decode("utf-8", "replace")
    return int(value) if isinstance(value, NUMBERS) else None
