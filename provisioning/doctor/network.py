"""Network, names, the broker with its TLS and certificates, databases, and our own ports."""

import http.client
import os
import secrets
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from edge.config.http import Http
from edge.config.schema import Config, Influx, Mqtt
from edge.config.secrets import MQTT_PASSWORD_ENV, read_secret
from provisioning.doctor.finding import Finding, fault, ok, warning

CONNECT_S = 5.0
LIFE_DAYS = 14
"""A certificate that ends sooner should have been renewed."""

REASONS = {
    0x84: "it does not speak MQTT 5",
    0x85: "it refuses this client id",
    0x86: "the user name or password is wrong",
    0x87: "this user may not connect",
    0x88: "it is not available",
    0x8A: "it has banned this client",
}
"""CONNACK reason codes (MQTT 5.0 table 3-1)."""


def network(root: Path) -> Sequence[Finding]:
    """Is there any way out? Read from the kernel's table of routes: nothing is sent."""
    routes = (root / "proc/net/route").read_text("ascii").splitlines()[1:]
    if any(line.split()[1] == "00000000" for line in routes):
        return [ok("network", "there is a way out")]
    six = root / "proc/net/ipv6_route"
    lines = six.read_text("ascii").splitlines() if six.exists() else []
    if any(line.startswith("0" * 32 + " 00") and line.split()[9] != "lo" for line in lines):
        return [ok("network", "there is a way out, by IPv6")]
    return [
        fault("network", "there is no default route", "check cable, SIM card or Wi-Fi: `ip route`, `nmcli`")
    ]


def names(hosts: Sequence[str]) -> Sequence[Finding]:
    """Can the names of the configuration be resolved?"""
    found: list[Finding] = []
    for host in hosts:
        try:
            socket.getaddrinfo(host, None)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or str(error)
            found.append(
                fault("names", f"{host} is not found ({why})", "check the name, and `resolvectl status`")
            )
    return found or [ok("names", f"{', '.join(hosts) or 'none'} found")]


def broker(mqtt: Mqtt, environ: Mapping[str, str]) -> Sequence[Finding]:
    """Does the broker take us? Under a client id of its own, so that a running gateway stays connected."""
    parts = urlsplit(mqtt.url)
    host, tls = parts.hostname or "", parts.scheme == "mqtts"
    address = (host, parts.port or (8883 if tls else 1883))
    shown = f"{host}:{address[1]}"
    try:
        with _connected(
            address, _context(mqtt.ca_file, mqtt.cert_file, mqtt.key_file) if tls else None
        ) as link:
            found = (
                [_life("broker", f"{shown}'s certificate", link)] if isinstance(link, ssl.SSLSocket) else []
            )
            password = read_secret(mqtt.password_file, MQTT_PASSWORD_ENV, environ)
            link.sendall(connect_packet(mqtt.username, password))
            return [*found, _verdict(shown, link.recv(64))]
    except ssl.SSLCertVerificationError as error:
        remedy = "is ca_file the town's authority, and does the certificate bear this name?"
        return [
            fault(
                "broker", f"{shown} shows a certificate that is not believed ({error.verify_message})", remedy
            )
        ]
    except ssl.SSLError as error:
        remedy = "is it a TLS port, and does the broker take our cert_file? `gianh enrol` gives a new one"
        return [fault("broker", f"{shown} breaks off TLS ({error.reason or error})", remedy)]
    except OSError as error:
        remedy = "is it on, and does a firewall let us through? Data waits in the store meanwhile"
        return [fault("broker", f"{shown} is not reached ({error.strerror or error})", remedy)]


def connect_packet(username: str | None, password: str | None) -> bytes:
    """A CONNECT of MQTT 5.0 §3.1 with a clean start and no will."""
    flags = 0x02 | (0x80 if username is not None else 0) | (0x40 if password is not None else 0)
    body = b"\x00\x04MQTT\x05" + bytes([flags]) + b"\x00\x0a" + b"\x00"
    for text in (f"gianh-doctor-{secrets.token_hex(4)}", username, password):
        if text is not None:
            body += len(text.encode()).to_bytes(2) + text.encode()
    return b"\x10" + _length(len(body)) + body


def certificates(config: Config) -> Sequence[Finding]:
    """How long our own certificates live."""
    files = [
        one for one in (config.mqtt and config.mqtt.cert_file, config.http and config.http.cert_file) if one
    ]
    found: list[Finding] = []
    for file in files:
        try:
            ends = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
        except (OSError, ValueError) as error:
            found.append(fault("certificates", f"{file}: {error}", "`gianh enrol` gives a new one"))
            continue
        found.append(_until("certificates", str(file), ends))
    return found or [ok("certificates", "none of our own")]


def database(target: Influx) -> Sequence[Finding]:
    """Does InfluxDB answer? Nothing is written."""
    parts, check = urlsplit(target.url), f"influx {target.id}"
    host, shown = parts.hostname or "", target.url
    path = "/ping" if target.version == 1 else "/health"
    try:
        if parts.scheme == "https":
            context = _context(target.ca_file, None, None)
            link: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, parts.port, timeout=CONNECT_S, context=context
            )
        else:
            link = http.client.HTTPConnection(host, parts.port, timeout=CONNECT_S)
        link.request("GET", parts.path.rstrip("/") + path)
        status = link.getresponse().status
        link.close()
    except (OSError, http.client.HTTPException) as error:
        why = getattr(error, "strerror", None) or str(error)
        return [
            fault(check, f"{shown} is not reached ({why})", "is it on? Data waits in the store meanwhile")
        ]
    if status >= 500:
        return [fault(check, f"{shown} is there and not well (HTTP {status})", "see its own log")]
    return [ok(check, f"{shown} answers")]


def ports(config: Config, running: bool) -> Sequence[Finding]:
    """Are our own ports free for us, while the gateway does not run itself?"""
    wanted = [("http", (config.http or Http()).host, (config.http or Http()).port, socket.SOCK_STREAM)]
    if config.wifi is not None:
        wanted.append(("wifi", config.wifi.host, config.wifi.port, socket.SOCK_DGRAM))
    if running:
        return [ok("ports", "the gateway runs and has them")]
    found: list[Finding] = []
    for section, host, port, kind in wanted:
        if port == 0:
            continue
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as trial:
            if kind is socket.SOCK_STREAM:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, port))
            except OSError as error:
                text = f"[{section}] {host}:{port} cannot be had ({error.strerror})"
                found.append(
                    fault("ports", text, f"`ss -lntup | grep {port}` shows who has it; choose another")
                )
    return found or [ok("ports", "free")]


def hosts_of(config: Config) -> list[str]:
    """Every host that the configuration names and that is reached over the network."""
    urls = [*((config.mqtt.url,) if config.mqtt else ()), *(one.url for one in config.influx)]
    hosts = [urlsplit(url).hostname or "" for url in urls] + [bus.host for bus in config.bus if bus.host]
    return list(dict.fromkeys(host for host in hosts if host))


@contextmanager
def _connected(address: tuple[str, int], context: ssl.SSLContext | None) -> Iterator[socket.socket]:
    with socket.create_connection(address, CONNECT_S) as plain:
        if context is None:
            yield plain
            return
        with context.wrap_socket(plain, server_hostname=address[0]) as secured:
            yield secured


def _context(ca: Path | None, cert: Path | None, key: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=os.fspath(ca) if ca else None)
    if cert is not None:
        context.load_cert_chain(cert, key)
    return context


def _verdict(shown: str, answer: bytes) -> Finding:
    if len(answer) < 4 or answer[0] != 0x20:
        return fault("broker", f"{shown} does not answer as a broker", "is this the MQTT port?")
    code = answer[3]
    if code == 0:
        return ok("broker", f"{shown} takes us")
    reason = REASONS.get(code, f"reason code {code:#04x}")
    return fault("broker", f"{shown} refuses us: {reason}", "check username and password_file, or its ACL")


def _life(check: str, whose: str, link: ssl.SSLSocket) -> Finding:
    said = link.getpeercert() or {}
    return _until(check, whose, datetime.fromtimestamp(ssl.cert_time_to_seconds(str(said["notAfter"])), UTC))


def _until(check: str, whose: str, ends: datetime) -> Finding:
    days = (ends - datetime.now(UTC)).total_seconds() / 86_400
    text = f"{whose} is good until {ends:%Y-%m-%d}"
    if days < 0:
        return fault(check, f"{whose} ended on {ends:%Y-%m-%d}", "renew it; is the clock right?")
    if days < LIFE_DAYS:
        return warning(
            check, f"{text}, {days:.0f} days", "renew it: a gateway does so by itself at two thirds"
        )
    return ok(check, text)


def _length(size: int) -> bytes:
    """Variable byte integer (MQTT 5.0 §1.5.5)."""
    out = bytearray()
    while True:
        size, digit = divmod(size, 128)
        out.append(digit | (0x80 if size else 0))
        if not size:
            return bytes(out)
