"""Where this machine can be found in its networks."""

import fcntl
import socket
import struct

_SIOCGIFADDR = 0x8915


def local_addresses() -> list[str]:
    """The IPv4 addresses of this machine as they are now."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(probe, _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:
                continue  # this interface has none
            found.append(socket.inet_ntoa(answer[20:24]))
    return found
