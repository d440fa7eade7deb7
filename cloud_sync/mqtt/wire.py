"""One connection to a broker: the only module here that knows aiomqtt and paho.

aiomqtt drops the reason of a PUBACK, and a denied publish says so only there (MQTT 5 §3.4.2.1); this
client keeps it. A connection is used once and then made anew, so that nothing is sent twice from two places:
what has no receipt is sent again from the store alone.
"""

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import aiomqtt
import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from cloud_sync.mqtt.message import PACKET_TOO_LARGE, SESSION_TAKEN_OVER, SUCCESS_BELOW, Incoming, Outgoing
from edge.core.errors import GianhError, LinkDown, PermanentError, TransientError
from edge.core.sayings import say

ANSWER_TIMEOUT_S = 10.0
"""Longest wait for a CONNACK or a SUBACK."""

PARTING_S = 2.0
"""Longest wait for the goodbye."""

INCOMING_PACKET_MAX = 65_536
"""Largest packet that a broker may send here, in bytes."""

HEADER_BYTES = 16
"""What a PUBLISH needs at most beside topic, payload and correlation data."""

REFUSALS = frozenset({0x81, 0x82, 0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x90, 0x95, 0x9A, 0x9B, 0x9D})
"""CONNACK reasons that stay the same until someone changes something (MQTT 5 §3.2.2.2)."""

OWN_ID = "give each gateway its own id, or set client_id in [mqtt]"
"""What helps against two clients of one name."""

NOT_YET_VALID = 9
"""X509_V_ERR_CERT_NOT_YET_VALID of OpenSSL: on a board without a clock chip it is the clock that is wrong."""

Heard = Callable[[Incoming], None]
"""Takes a message in; never blocks, never raises."""


class ClosingSocket(ssl.SSLSocket):
    """A TLS socket that a failed handshake closes; paho would leave it open."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands, or close and raise."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


class TakenOver(TransientError):
    """Another client connected with this client's id; both will throw each other out for ever."""


@dataclass(frozen=True, slots=True)
class WireOptions:
    """Whom to connect to, and as whom."""

    host: str
    port: int
    client_id: str
    keepalive_s: int
    inflight_max: int
    username: str | None
    password: str | None
    tls: ssl.SSLContext | None
    will: Outgoing | None
    packet_max: int = INCOMING_PACKET_MAX


class Receipts:
    """The PUBACK reasons of some messages in their order; None where there will be none."""

    __slots__ = ("_open", "done", "reasons")

    def __init__(self, count: int) -> None:
        self.reasons: list[int | None] = [None] * count
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._open = count
        if not count:
            self.done.set_result(None)

    def settle(self, index: int, reason: int | None) -> None:
        """Note one answer; the last one completes `done`."""
        self.reasons[index] = reason
        self._open -= 1
        if not self._open and not self.done.done():
            self.done.set_result(None)


class Wire(aiomqtt.Client):
    """One connection, from `open` to `close`; also to be closed when `open` failed."""

    def __init__(self, options: WireOptions, heard: Heard) -> None:
        super().__init__(
            options.host,
            options.port,
            identifier=options.client_id,
            username=options.username,
            password=options.password,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=True,
            # Nothing is left at the broker: what a command's sender hears from an absent gateway is silence.
            properties=_connect_properties(options.packet_max),
            will=_will(options.will),
            keepalive=probe_s(options.keepalive_s),
            tls_context=options.tls,
            # 0: paho's own window walks through all messages at every receipt; ours does not.
            max_inflight_messages=0,
            timeout=ANSWER_TIMEOUT_S,
            socket_options=[
                (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, options.keepalive_s * 1500),
                (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
            ],
        )
        self._client.disable_logger()
        self._paho_puback = self._client._handle_pubackcomp
        self._client._handle_pubackcomp = self._puback  # type: ignore[method-assign]
        self._reason = 0
        self._end = self._disconnected
        self._dialled = asyncio.Event()
        self._options, self._heard = options, heard
        self._window = options.inflight_max
        self._packet_max = 0
        self._awaited: dict[int, tuple[Receipts, int]] = {}
        self._backlog: deque[tuple[Outgoing, Receipts, int]] = deque()
        self._cause: OSError | None = None
        self._closed = False

    async def open(self) -> None:
        """Connect. Raises PermanentError or TransientError with the reason and the remedy."""
        dialling = asyncio.ensure_future(self.__aenter__())
        try:
            # The dialling thread cannot be stopped: wait for its end, so that it leaves no socket behind.
            await asyncio.shield(dialling)
        except asyncio.CancelledError:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._dialled.wait(), self._client.connect_timeout + PARTING_S)
            dialling.cancel()
            await asyncio.gather(dialling, return_exceptions=True)
            raise
        except (aiomqtt.MqttError, OSError, ValueError) as error:
            raise self._refused(error) from error
        finally:
            # aiomqtt forgets a loss that came between the CONNACK and here, and would wait for ever.
            if self._end.done():
                self._disconnected = self._end

    async def close(self) -> None:
        """Say goodbye if that is still possible, and leave nothing open; safe at any time, also twice."""
        self.timeout = PARTING_S
        if self._connected.done() and not self._closed:
            with contextlib.suppress(aiomqtt.MqttError, OSError):
                await self.__aexit__(None, None, None)
        await self._drop()

    def cut(self, why: str) -> None:
        """Break the connection without a goodbye."""
        if not self._disconnected.done():
            self._disconnected.set_exception(aiomqtt.MqttError(why))

    async def lost(self) -> GianhError:
        """Wait until the connection is gone; why."""
        await asyncio.wait((self._disconnected,))
        error = self._disconnected.exception()
        rc = getattr(error, "rc", None)
        code = rc.value if isinstance(rc, ReasonCode) else 0
        place, client_id = self._place, self._options.client_id
        if code == SESSION_TAKEN_OVER:
            return TakenOver(say("taken_over_by", place=place, client=f"{client_id!r}", remedy=OWN_ID))
        return LinkDown(say("broker_lost", place=place, why=_said(error)))

    async def subscribe_to(self, topic: str, retained: bool = False) -> int:
        """Subscribe at QoS 1, to be sent what is `retained` there or never that; gives the reason code."""
        return (await self.subscribe_all([topic], retained))[0]

    async def subscribe_all(self, topics: Sequence[str], retained: bool = True, qos: int = 1) -> list[int]:
        """The same of several at once; gives their reason codes in order."""
        options = SubscribeOptions(qos=qos, retainAsPublished=True, retainHandling=0 if retained else 2)
        try:
            reasons = await self.subscribe([(topic, options) for topic in topics])
        except aiomqtt.MqttError as error:
            raise LinkDown(say("no_subscription", place=self._place, why=error)) from error
        return [reason.value if isinstance(reason, ReasonCode) else reason for reason in reasons]

    async def deliver(self, messages: Sequence[Outgoing], within_s: float) -> list[int | None]:
        """Send, and give the receipts' reasons in order; where they do not all come, break the connection."""
        receipts = self.send(messages)
        try:
            async with asyncio.timeout(within_s):
                await receipts.done
        except TimeoutError:
            self.cut(f"no receipt came within {within_s:g} s")
        return list(receipts.reasons)

    def send(self, messages: Sequence[Outgoing]) -> Receipts:
        """Publish at QoS 1 in order, as many at once as the window allows; never blocks."""
        receipts = Receipts(len(messages))
        for index, message in enumerate(messages):
            if self._closed:
                receipts.settle(index, None)
            elif self._packet_max and _size(message) > self._packet_max:
                # The broker would close the connection over it, again and again.
                receipts.settle(index, PACKET_TOO_LARGE)
            elif len(self._awaited) < self._window:
                self._publish(message, receipts, index)
            else:
                self._backlog.append((message, receipts, index))
        return receipts

    def _publish(self, message: Outgoing, receipts: Receipts, index: int) -> None:
        properties = _publish_properties(message)
        info = self._client.publish(message.topic, message.payload, 1, message.retain, properties)
        self._awaited[info.mid] = (receipts, index)

    def _puback(self, cmd: Literal["PUBACK", "PUBCOMP"]) -> MQTTErrorCode:
        """Take the reason out before paho sees it.

        paho closes the connection over a reason that its table has not, and Mosquitto 2.0.11 answers a
        message over its message_size_limit with one (0x95): the same row would close it again and again.
        """
        packet = self._client._in_packet["packet"]
        self._reason = packet[2] if len(packet) > 2 else 0
        self._client._in_packet["packet"] = packet[:2]
        return self._paho_puback(cmd)

    def _on_publish(
        self, client: paho.Client, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        awaited = self._awaited.pop(mid, None)
        if awaited is None:
            return
        awaited[0].settle(awaited[1], self._reason)
        while self._backlog and len(self._awaited) < self._window:
            self._publish(*self._backlog.popleft())

    def _on_connect(
        self,
        client: paho.Client,
        userdata: Any,
        flags: paho.ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        receive_max = getattr(properties, "ReceiveMaximum", None) or self._window
        self._window = min(self._window, receive_max)
        self._packet_max = getattr(properties, "MaximumPacketSize", None) or 0
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_disconnect(
        self,
        client: paho.Client,
        userdata: Any,
        flags: paho.DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        # aiomqtt would wait for a CONNACK that cannot come any more.
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttCodeError(reason_code, "closed before the CONNACK"))
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        properties = message.properties
        self._heard(
            Incoming(
                topic=topic,
                payload=bytes(message.payload),
                retain=message.retain,
                response_topic=getattr(properties, "ResponseTopic", None),
                correlation=getattr(properties, "CorrelationData", None),
                expiry_s=getattr(properties, "MessageExpiryInterval", None),
            )
        )

    def _client_connect(self) -> None:
        try:
            super()._client_connect()
        except OSError as error:
            self._cause = error
            raise
        finally:
            self._loop.call_soon_threadsafe(self._dialled.set)

    async def _drop(self) -> None:
        self._closed = True
        # After a time-out neither library closes its socket; there is no public way.
        self._client._sock_close()
        if self._misc_task is not None:
            self._misc_task.cancel()
            await asyncio.gather(self._misc_task, return_exceptions=True)
        for future in (self._connected, self._disconnected):
            if future.done() and not future.cancelled():
                future.exception()
        for receipts, index in [*self._awaited.values(), *(entry[1:] for entry in self._backlog)]:
            receipts.settle(index, None)
        self._awaited.clear()
        self._backlog.clear()

    @property
    def _place(self) -> str:
        return f"the broker {self._options.host}:{self._options.port}"

    def _refused(self, error: Exception) -> GianhError:
        cause = self._cause
        if isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code == NOT_YET_VALID:
            return LinkDown(
                say("clock_before_certificate", now=f"{datetime.now(UTC):%Y-%m-%d %H:%M}", place=self._place)
            )
        if isinstance(cause, ssl.SSLCertVerificationError):
            return PermanentError(say("certificate_not_trusted", place=self._place, why=cause.verify_message))
        rc = getattr(error, "rc", None)
        if isinstance(rc, ReasonCode) and rc.value in REFUSALS:
            return PermanentError(
                say("refused_by_broker", place=self._place, client=f"{self._options.client_id!r}", why=rc)
            )
        if cause is None and self._options.tls is not None and rc is not None:
            # TLS 1.3: who shows a certificate hears only afterwards that it is not taken, by a closed door.
            return LinkDown(say("closed_door", place=self._place))
        return LinkDown(say("unreached_place", place=self._place, why=_said(error)))


def probe_s(keepalive_s: int) -> int:
    """The keepalive to use so that a dead connection is noticed within 1.5 times `keepalive_s`.

    paho asks after one keepalive of silence, gives up after two, and looks once a second.
    """
    return max(1, int(keepalive_s * 0.75 - 1))


def _connect_properties(packet_max: int) -> Properties:
    properties = _properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 0
    properties.MaximumPacketSize = packet_max
    return properties


def _publish_properties(message: Outgoing) -> Properties | None:
    said = {
        "CorrelationData": message.correlation,
        "ResponseTopic": message.response_topic,
        "MessageExpiryInterval": message.expiry_s,
    }
    if all(value is None for value in said.values()):
        return None
    properties = _properties(PacketTypes.PUBLISH)
    for name, value in said.items():
        if value is not None:
            setattr(properties, name, value)
    return properties


def _will(message: Outgoing | None) -> aiomqtt.Will | None:
    return None if message is None else aiomqtt.Will(message.topic, message.payload, 1, message.retain)


def _properties(packet_type: int) -> Properties:
    return Properties(packet_type)  # type: ignore[no-untyped-call]


def _size(message: Outgoing) -> int:
    more = len(message.correlation or b"") + len((message.response_topic or "").encode())
    return len(message.topic.encode()) + len(message.payload) + more + HEADER_BYTES


def _said(error: BaseException | None) -> str:
    rc = getattr(error, "rc", None)
    if isinstance(rc, ReasonCode):
        # 0x80 is what paho makes of a connection that was closed without a word.
        return f"{rc}" if rc.value > SUCCESS_BELOW else "the other side closed it"
    return str(error) or (type(error).__name__ if error else "the other side closed it")
