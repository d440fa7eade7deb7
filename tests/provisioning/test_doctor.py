"""The doctor finds what is broken, says what to do, and never hangs."""

import json
import os
import socket
import time
from pathlib import Path

import pytest

from edge.cli.program import perform
from edge.config.schema import Bus
from provisioning.doctor import machine
from provisioning.doctor.bounded import all_of
from provisioning.doctor.files import adapter
from provisioning.doctor.finding import Verdict, ok
from tests.servers import Influxd, Mosquitto, certificate, free_port, running

NOW_NS = 1_795_000_000 * 10**9


def verdicts(found) -> list[str]:
    return [one.verdict.value for one in found]


def pi(root: Path, **said: str) -> Path:
    """A root with files such as a Pi has; keys are paths with __ for /."""
    for name, text in said.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def test_a_clock_from_1970_is_a_fault_and_one_without_network_a_warning(tmp_path: Path) -> None:
    assert verdicts(machine.clock(tmp_path, 0, False)) == ["fault", "warning"]
    assert verdicts(machine.clock(tmp_path, NOW_NS, True)) == ["warning", "ok"]
    pi(tmp_path, run__systemd__timesync__synchronized="")
    (tmp_path / "sys/class/rtc/rtc0").mkdir(parents=True)
    assert verdicts(machine.clock(tmp_path, NOW_NS, False)) == ["ok", "ok"]


@pytest.mark.parametrize(
    ("life", "verdict"),
    [("0x01 0x02", "ok"), ("0x09 0x01", "warning"), ("0x0b 0x0b", "fault"), ("0x00 0x00", "ok")],
)
def test_a_worn_card_is_told_in_time(tmp_path: Path, life: str, verdict: str) -> None:
    assert verdicts(machine.card(pi(tmp_path, sys__block__mmcblk0__device__life_time=life))) == [verdict]


@pytest.mark.parametrize(("milli", "verdict"), [("52000", "ok"), ("71000", "warning"), ("84000", "fault")])
def test_heat(tmp_path: Path, milli: str, verdict: str) -> None:
    root = pi(tmp_path, sys__class__thermal__thermal_zone0__temp=f"{milli}\n")
    assert verdicts(machine.heat(root)) == [verdict]


@pytest.mark.parametrize(("bits", "verdict"), [("0", "ok"), ("50000", "warning"), ("50005", "fault")])
def test_a_weak_power_supply(tmp_path: Path, bits: str, verdict: str) -> None:
    root = pi(tmp_path, sys__devices__platform__soc__fw__get_throttled=f"{bits}\n")
    assert verdicts(machine.heat(root)) == [verdict]


def test_a_card_that_became_read_only(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/root / ext4 rw 0 0\n/dev/mmcblk0p3 {tmp_path} ext4 ro,noatime 0 0\n", "utf-8")
    assert verdicts(machine.read_only(tmp_path / "data", mounts)) == ["fault"]
    mounts.write_text(
        f"/dev/root / ext4 ro 0 0\n/dev/mmcblk0p3 {tmp_path} ext4 rw,errors=remount-ro 0 0\n", "utf-8"
    )
    assert verdicts(machine.read_only(tmp_path / "data", mounts)) == ["ok"]


def test_a_disk_that_is_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, verdict in ((100e6, "fault"), (500e6, "warning"), (5e9, "ok")):
        usage = machine.shutil._ntuple_diskusage(32e9, 32e9 - free, free)
        monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path, usage=usage: usage)
        assert verdicts(machine.disk(tmp_path, 2_000_000_000, 0)) == [verdict]


def test_an_adapter_that_is_not_there_or_no_device_or_slow(tmp_path: Path) -> None:
    def bus(port: Path) -> Bus:
        return Bus(id="line-1", kind="rtu", port=str(port))

    (gone,) = adapter(bus(tmp_path / "usb-FTDI-1"), "", tmp_path)
    assert (gone.verdict, "plug it in" in gone.remedy) == (Verdict.FAULT, True)
    (tmp_path / "plain").write_text("x", "utf-8")
    assert verdicts(adapter(bus(tmp_path / "plain"), "", tmp_path)) == ["fault"]
    ours, theirs = os.openpty()
    try:
        name = Path(os.ttyname(theirs))
        assert verdicts(adapter(bus(name), "", tmp_path)) == ["ok"]
        latency = tmp_path / "sys/bus/usb-serial/devices" / name.name / "latency_timer"
        latency.parent.mkdir(parents=True)
        latency.write_text("16\n", "utf-8")
        (slow,) = adapter(bus(name), "", tmp_path)
        assert (slow.verdict, "16 ms" in slow.text) == (Verdict.WARNING, True)
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_check_that_hangs_or_dies_costs_its_limit_and_no_other_check() -> None:
    def hangs() -> list:
        import signal

        signal.pause()
        return []

    def dies() -> list:
        os._exit(3)

    def raises() -> list:
        raise OSError("no such thing")

    began = time.monotonic()
    found = all_of({"a": hangs, "b": lambda: [ok("b", "fine")], "c": dies, "d": raises, "e": hangs}, 0.5)
    assert time.monotonic() - began < 5
    assert [(one.check, one.verdict.value) for one in found] == [
        ("a", "fault"), ("b", "ok"), ("c", "fault"), ("d", "fault"), ("e", "fault"),
    ]  # fmt: skip
    assert "did not end within 0.5 s" in found[0].text


def examine(file: Path, capsys) -> tuple[int, dict[str, tuple[str, str]]]:
    code = perform(["doctor", "-c", str(file), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] == (code == 0)
    return code, {one["check"]: (one["verdict"], one["text"]) for one in said["findings"]}


def gateway(folder: Path, more: str) -> Path:
    file = folder / "gateway.toml"
    head = f'[gateway]\nid = "gw-a"\nlatitude = 17.7\nlongitude = 106.4\ndata_dir = "{folder / "data"}"\n'
    file.write_text(f"{head}[http]\nport = 0\n{more}", "utf-8")
    return file


def test_servers_away_and_back(tmp_path: Path, capsys) -> None:
    broker, influx = Mosquitto(tmp_path / "broker"), Influxd(tmp_path / "influx")
    more = (
        f'[mqtt]\nurl = "mqtt://127.0.0.1:{broker.port}"\n'
        f'[[influx]]\nid = "centre"\nurl = "{influx.url}"\nversion = 1\ndatabase = "town"\n'
    )
    file = gateway(tmp_path, more)
    code, away = examine(file, capsys)
    assert code == 1
    assert (away["broker"][0], away["influx centre"][0]) == ("fault", "fault")
    assert "Connection refused" in away["broker"][1]
    with running(broker), running(influx):
        _, back = examine(file, capsys)
    assert (back["broker"][0], back["influx centre"][0]) == ("ok", "ok")


def test_a_server_that_takes_the_connection_and_keeps_silent_is_a_fault_in_time(
    tmp_path: Path, capsys
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        _, found = examine(gateway(tmp_path, f'[mqtt]\nurl = "mqtt://127.0.0.1:{port}"\n'), capsys)
        assert time.monotonic() - began < 20
    assert found["broker"][0] == "fault"


def test_a_broker_by_tls_with_the_wrong_authority(tmp_path: Path, capsys) -> None:
    import ssl
    import threading

    cert, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            import contextlib

            with contextlib.suppress(OSError):
                link, _ = server.accept()
                with contextlib.suppress(OSError), context.wrap_socket(link, server_side=True) as secured:
                    secured.recv(10)

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"mqtts://127.0.0.1:{server.getsockname()[1]}"
        _, found = examine(gateway(tmp_path, f'[mqtt]\nurl = "{url}"\n'), capsys)
        thread.join(10)
    assert found["broker"][0] == "fault"
    assert "not believed" in found["broker"][1]


def test_secrets_that_everybody_reads_and_a_port_that_is_taken(tmp_path: Path, capsys) -> None:
    secret = tmp_path / "password"
    secret.write_text("s3cret-canary\n", "utf-8")
    secret.chmod(0o644)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        file = gateway(
            tmp_path,
            f'[mqtt]\nurl = "mqtt://127.0.0.1:{free_port()}"\nusername = "a"\npassword_file = "password"\n',
        )
        text = file.read_text("utf-8").replace("port = 0", f"port = {taken.getsockname()[1]}")
        file.write_text(text, "utf-8")
        assert perform(["doctor", "-c", str(file)]) == 1
    said = capsys.readouterr()
    assert f"sudo chmod 600 {secret}" in said.out
    assert "cannot be had" in said.out
    assert "s3cret-canary" not in said.out + said.err


def test_without_a_configuration_the_machine_alone_is_looked_at(tmp_path: Path, capsys) -> None:
    code, found = examine(tmp_path / "nowhere.toml", capsys)
    assert (code, found["configuration"][0]) == (1, "fault")
    assert "temperature" in found or "power supply" in found
