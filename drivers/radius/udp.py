"""The UDP socket of accounting: large buffers, and answers from the address that was asked."""

import socket
import struct
from collections.abc import Sequence
from ipaddress import ip_address

BUFFER_BYTES = 8 * 1024 * 1024
"""Asked of the kernel for what has come and waits; without privilege it gives net.core.rmem_max at most."""

DATAGRAM_BYTES_MAX = 4096
"""RFC 2865 section 3; what is beyond is padding."""

IP_PKTINFO = 8
"""linux/in.h: which of the machine's own addresses a datagram came to."""

SO_RCVBUFFORCE, SO_SNDBUFFORCE, SO_MEMINFO = 33, 32, 55
"""asm-generic/socket.h."""

_INFO = struct.Struct("=I4s4s")
_INFO6 = struct.Struct("=16sI")
_MEMORY = struct.Struct("=9I")
_LINK_LOCAL = b"\xfe\x80"

Ancillary = Sequence[tuple[int, int, bytes]]
Where = tuple[tuple[str, int], Ancillary]
"""A sender's address as sockets have it, and what makes an answer leave from where its packet came to."""


class UdpSocket:
    """One bound, non-blocking socket. An address for all interfaces learns where each datagram came to."""

    def __init__(self, host: str, port: int) -> None:
        """Raises OSError where the address is not this machine's, or taken."""
        address = ip_address(host)
        self._is_wide = address.is_unspecified
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._prepare(family)
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._lost = 0

    def _prepare(self, family: socket.AddressFamily) -> None:
        own = self._socket
        own.setblocking(False)
        for force, ask in ((SO_RCVBUFFORCE, socket.SO_RCVBUF), (SO_SNDBUFFORCE, socket.SO_SNDBUF)):
            try:
                own.setsockopt(socket.SOL_SOCKET, force, BUFFER_BYTES)
            except OSError:
                own.setsockopt(socket.SOL_SOCKET, ask, BUFFER_BYTES)
        if family == socket.AF_INET6:
            own.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not self._is_wide)
            own.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, self._is_wide)
        else:
            own.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, self._is_wide)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    @property
    def buffer_bytes(self) -> int:
        """How much the kernel keeps of what has come, its own overhead included."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

    def fileno(self) -> int:
        """For the loop."""
        return self._socket.fileno()

    def receive(self) -> tuple[bytes, Where] | None:
        """The next datagram; None where there is none now. Raises OSError for trouble of the network."""
        try:
            if not self._is_wide:
                data, address = self._socket.recvfrom(DATAGRAM_BYTES_MAX)
                return data, (address, ())
            data, ancillary, _, address = self._socket.recvmsg(DATAGRAM_BYTES_MAX, 128)
        except BlockingIOError:
            return None
        return data, (address, [part for part in map(_from_here, ancillary) if part is not None])

    def send(self, data: bytes, where: Where) -> bool:
        """Answer; False where the network does not take it now."""
        address, ancillary = where
        try:
            if ancillary:
                self._socket.sendmsg((data,), ancillary, 0, address)
            else:
                self._socket.sendto(data, address)
        except OSError:
            return False
        return True

    def newly_lost(self) -> int:
        """Datagrams that the kernel threw away for want of room since the last call."""
        try:
            memory = self._socket.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMORY.size)
        except OSError:
            return 0  # Linux before 4.12 does not tell.
        lost = _MEMORY.unpack(memory)[-1]
        newly, self._lost = (lost - self._lost) & 0xFFFFFFFF, lost
        return int(newly)

    def close(self) -> None:
        """Let go of the port."""
        self._socket.close()


def _from_here(part: tuple[int, int, bytes]) -> tuple[int, int, bytes] | None:
    """What tells where a datagram came to, as what tells where an answer leaves from."""
    level, kind, value = part
    if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO):
        _, own, _ = _INFO.unpack(value[: _INFO.size])
        return level, kind, _INFO.pack(0, own, bytes(4))
    if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO):
        own, interface = _INFO6.unpack(value[: _INFO6.size])
        return level, kind, _INFO6.pack(own, interface if own.startswith(_LINK_LOCAL) else 0)
    return None
