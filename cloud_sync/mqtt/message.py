"""Messages as the rooms here pass them, free of any library's types."""

from dataclasses import dataclass

SUCCESS_BELOW = 0x80
"""MQTT 5 §2.4: a reason code below this is success."""

NOT_AUTHORIZED = 0x87
SESSION_TAKEN_OVER = 0x8E
PACKET_TOO_LARGE = 0x95
PAYLOAD_FORMAT_INVALID = 0x99


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish at QoS 1; a request also says where it is answered, and until when it is good."""

    topic: str
    payload: bytes
    retain: bool = False
    correlation: bytes | None = None
    response_topic: str | None = None
    expiry_s: int | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that came: `retain` also when it was published so just now; `expiry_s` what is left of it."""

    topic: str
    payload: bytes
    retain: bool = False
    response_topic: str | None = None
    correlation: bytes | None = None
    expiry_s: int | None = None
