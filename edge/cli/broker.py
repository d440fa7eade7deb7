"""The demo's own broker: rumqttd, from the pip package iotcore, MQTT 5 on loopback."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from edge.core.errors import GianhError, TransientError

START_S = 10.0

RUMQTTD = """\
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 1000
max_segment_size = 104857600
max_segment_count = 10

[v5.1]
name = "v5-1"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 1000
dynamic_filters = true
"""
"""What rumqttd needs to speak MQTT 5: a listener of its own, which its command line cannot make."""


@asynccontextmanager
async def embedded_broker(directory: Path) -> AsyncIterator[str]:
    """A broker in a child process that ends with this one; gives its URL."""
    try:
        from iotcore import Broker  # an extra: only the demo needs it
    except ImportError as error:
        raise GianhError(
            "the demo's broker is not installed: `pip install gianh[demo]`, or name a broker with --mqtt URL"
        ) from error
    port = _free_port()
    file = directory / "broker.toml"
    file.write_text(RUMQTTD.format(port=port), "utf-8")
    broker = Broker(config_path=str(file))
    try:
        await asyncio.to_thread(_start, broker)
    except (OSError, RuntimeError) as error:
        raise TransientError(f"the demo's broker did not start: {error}") from error
    try:
        yield f"mqtt://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(OSError):
            await asyncio.to_thread(broker.stop)


class _Startable(Protocol):
    def start(self, timeout: float) -> object: ...


def _start(broker: _Startable) -> None:
    """Start the child deaf to Ctrl-C, which a terminal sends to all: it ends after the gateways have."""
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        broker.start(START_S)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
