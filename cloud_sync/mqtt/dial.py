"""Whom to connect to, as [mqtt] says it: for a gateway's link and for whoever asks gateways."""

import os
import ssl
from urllib.parse import urlsplit

from cloud_sync.mqtt.message import Outgoing
from cloud_sync.mqtt.wire import INCOMING_PACKET_MAX, ClosingSocket, WireOptions
from edge.config.schema import Mqtt
from edge.config.secrets import MQTT_PASSWORD_ENV, read_secret
from edge.core.errors import PermanentError
from edge.core.sayings import say


def wire_options(
    settings: Mqtt, client_id: str, will: Outgoing | None, packet_max: int = INCOMING_PACKET_MAX
) -> WireOptions:
    """Options of one connection; secrets are read now. Raises PermanentError for unusable files."""
    parts = urlsplit(settings.url)
    secure = parts.scheme == "mqtts"
    return WireOptions(
        host=parts.hostname or "",
        port=parts.port or (8883 if secure else 1883),
        client_id=client_id,
        keepalive_s=settings.keepalive_s,
        inflight_max=settings.inflight_max,
        username=settings.username,
        password=read_secret(settings.password_file, MQTT_PASSWORD_ENV, os.environ),
        tls=_tls(settings) if secure else None,
        will=will,
        packet_max=packet_max,
    )


def _tls(settings: Mqtt) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.cert_file is not None:
            context.load_cert_chain(settings.cert_file, settings.key_file)
        context.sslsocket_class = ClosingSocket
    except OSError as error:
        files = ", ".join(str(f) for f in (settings.ca_file, settings.cert_file, settings.key_file) if f)
        raise PermanentError(say("certificate_files", files=files, why=error)) from error
    return context
