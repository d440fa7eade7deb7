"""`gianh wifi` asks a daemon that was killed in between."""

import json
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edge.cli import main
from tests.benchmarks.bench_radius import SECRET, SESSIONS, request
from tests.servers import free_port
from tests.world.processes import daemon
from tests.world.waiting import until

VISITORS = 8


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def noon_somewhere() -> str:
    """A zone in which it is about noon, so that no day ends meanwhile."""
    ahead_h = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{'-' if ahead_h > 0 else '+'}{abs(ahead_h)}"


def write_file(folder: Path, port: int) -> Path:
    secret = folder / "secret"
    secret.touch(mode=0o600)
    secret.write_bytes(SECRET)
    file = folder / "gateway.toml"
    file.write_text(
        f"""\
[gateway]
id = "gw-ba-don"
latitude = 17.7
longitude = 106.4
timezone = "{noon_somewhere()}"

[http]
port = {free_port()}

[wifi]
port = {port}

[[radius_client]]
id = "ap"
address = "127.0.0.1"
secret_file = "secret"

[[hotspot]]
id = "beach"
client = "ap"
nas_identifier = "ap-beach-1"
"""
    )
    return file


def send(port: int, *records: int) -> None:
    """Tell each record until it is answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(0.5)
        sender.connect(("127.0.0.1", port))
        for record in records:
            packet, end_s = request(record, record & 255), time.monotonic() + 30
            while True:
                try:
                    sender.send(packet)
                    assert sender.recv(4096)[1] == record & 255
                    break
                except (TimeoutError, ConnectionRefusedError):
                    assert time.monotonic() < end_s


def told(capsys: pytest.CaptureFixture[str], file: Path, what: str) -> Any:
    capsys.readouterr()
    assert main(["wifi", what, "--json", "-c", str(file)]) == 0
    return json.loads(capsys.readouterr().out)


def test_status_and_privacy_of_a_gateway_that_was_killed_in_between(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_udp_port()
    file = write_file(tmp_path, port)
    first, second = range(VISITORS), range(SESSIONS, SESSIONS + VISITORS)
    with daemon(file, tmp_path / "log") as process:
        send(port, *first)
        process.kill()
        process.wait()
    with daemon(file, tmp_path / "log"):
        send(port, *first, *second, second[-1])
        status = told(capsys, file, "status")
        # What came before the books were read again got no answer, and was sent once more.
        counts = status.pop("accounting")
        assert (counts["accepted"], counts["duplicates"]) == (VISITORS, VISITORS + 1)
        assert counts["packets"] == sum(counts[name] for name in ("accepted", "duplicates", "rejected"))
        volume = VISITORS * 1_000_000 + sum(first)
        assert status == {
            "sessions_open": VISITORS,
            "today": {
                "sessions": VISITORS,
                "bytes_up": volume,
                "bytes_down": volume,
                "devices": VISITORS,
            },
        }
        privacy = told(capsys, file, "privacy")
        assert {"kept", "sent", "never", "group_min", "device_key_age_s", "session_key_age_s"} == set(privacy)
        assert 0 < privacy["device_key_age_s"] < 300
        now = {one["what"]: one["now"] for one in privacy["kept"]}
        assert now["open sessions, as keyed hashes"] == VISITORS
        for what in ("status", "privacy"):
            assert main(["wifi", what, "-c", str(file)]) == 0
            assert "beach" in capsys.readouterr().out or what == "privacy"
    left = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    for number in first:
        mac = b"02-00-5E-%02X-%02X-%02X" % (number >> 16, number >> 8 & 255, number)
        for form in (
            mac,
            mac.lower(),
            mac.replace(b"-", b":"),
            bytes.fromhex(mac.replace(b"-", b"").decode()),
        ):
            assert form not in left
        assert b"guest%06d" % number not in left


def test_without_wifi_the_command_says_what_to_add(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(f'[gateway]\nid = "gw"\nlatitude = 17\nlongitude = 106\n\n[http]\nport = {free_port()}\n')
    with daemon(file, tmp_path / "log"):
        until((tmp_path / "data" / "gianh.sock").exists)
        capsys.readouterr()
        assert main(["wifi", "status", "-c", str(file)]) == 2
        assert "add [wifi] and [[radius_client]]" in capsys.readouterr().err
