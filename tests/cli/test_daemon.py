import json
import re
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from edge.cli import main
from edge.config.schema import Influx
from simulators.gatewayfile import gateway_config, gateway_toml
from simulators.town import build_town
from tests.servers import Influxd, Mosquitto, free_port, running
from tests.world.processes import daemon, simulated_town
from tests.world.waiting import until

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True, slots=True)
class Scene:
    """A gateway that runs with real servers; InfluxDB refuses the samples of `air`."""

    file: Path
    log: Path
    http: str
    influx: Influxd


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    with ExitStack() as stack:
        broker, influx = Mosquitto(folder / "mosquitto"), Influxd(folder / "influx")
        stack.enter_context(running(broker))
        stack.enter_context(running(influx))
        influx.query("CREATE DATABASE town")
        write(influx, 'air,device=old pm2_5="many"')
        ends = stack.enter_context(simulated_town(folder))
        port = free_port()
        centre = Influx(id="centre", url=influx.url, version=1, database="town")
        (town,) = build_town(1, folder).gateways
        config = gateway_config(town, ends, folder / "data", broker.url, port, (centre,))
        file = folder / "gateway.toml"
        file.write_text(gateway_toml(config), "utf-8")
        stack.enter_context(daemon(file, folder / "log"))
        made = Scene(file, folder / "log", f"http://127.0.0.1:{port}", influx)
        until(lambda: ready(made))
        yield made


def write(influx: Influxd, lines: str) -> None:
    urllib.request.urlopen(f"{influx.url}/write?db=town", lines.encode(), timeout=10).close()


def ready(scene: Scene) -> bool:
    try:
        with urllib.request.urlopen(f"{scene.http}/api/v1/status", timeout=5) as reply:
            return all(device["online"] for device in json.load(reply)["devices"])
    except OSError:
        return False


def ran(capsys: pytest.CaptureFixture[str], scene: Scene, *arguments: str) -> tuple[int, str, str]:
    code = main([*arguments, "-c", str(scene.file)])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


def as_json(capsys: pytest.CaptureFixture[str], scene: Scene, *arguments: str) -> Any:
    code, out, err = ran(capsys, scene, *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_status_as_json_has_what_the_contract_names(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    status = as_json(capsys, scene, "status")
    assert status["gateway"] == "gw-ba-don"
    assert status["uptime_s"] > 0
    assert len(status["devices"]) == 44
    for device in status["devices"]:
        assert {"id", "online", "last_at"} <= device.keys()
        assert device["online"] is True
        assert RFC3339.fullmatch(device["last_at"])
    assert [bus["id"] for bus in status["buses"]] == [
        "cabinet",
        "lamps",
        "centre",
        "air",
        "weather",
        "analysers",
    ]
    for bus in status["buses"]:
        assert {"id", "utilisation", "requests", "errors", "timeouts"} <= bus.keys()
        assert 0 < bus["utilisation"] <= 1
        assert bus["requests"] > 0
        assert bus["errors"] == bus["timeouts"] == 0
    outbox = status["outbox"]
    assert {"stored", "pending", "dropped", "bytes"} <= outbox.keys()
    assert outbox["pending"].keys() == {"mqtt", "influx"}
    assert outbox["stored"] > 0
    assert outbox["bytes"] > 0
    assert outbox["dropped"] == 0


def test_status_in_words_names_every_bus_and_target(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = ran(capsys, scene, "status")
    assert (code, err) == (0, "")
    assert out.startswith("gw-ba-don: Gianh ")
    assert "devices: 44 of 44 answer" in out
    assert re.search(r"^alarms: none$|^alarm since ", out, re.MULTILINE)
    for word in ("cabinet", "lamps", "centre", "air", "mqtt"):
        assert re.search(rf"^{word} ", out, re.MULTILINE)


def test_devices_show_values_with_units(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    devices = as_json(capsys, scene, "devices")
    (meter,) = [device for device in devices if device["id"] == "meter-main"]
    (power,) = [value for value in meter["values"] if value["point"] == "active_power"]
    assert power["unit"] == "W"
    assert power["value"] > 0
    assert power["quality"] == "good"
    code, out, _ = ran(capsys, scene, "devices")
    assert code == 0
    assert re.search(
        r"^meter-main +answers +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\w+ [0-9.e+]+ ", out, re.MULTILINE
    )


def test_read_asks_the_device_now(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = as_json(capsys, scene, "read", "meter-main", "active_power", "phase1_supply_voltage")
    assert outcome["state"] == "verified"
    assert [value["point"] for value in outcome["values"]] == ["active_power", "phase1_supply_voltage"]
    code, out, _ = ran(capsys, scene, "read", "lamp-11")
    assert code == 0
    assert re.search(r"^level +\d", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["read", "lamp-99"], "no device 'lamp-99'"),
        (["read", "meter-main", "colour"], "no point 'colour'"),
    ],
)
def test_what_there_is_not_is_said_in_one_sentence(
    scene: Scene, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    code, out, err = ran(capsys, scene, *arguments)
    assert (code, out) == (1, "")
    assert err.startswith("gianh: ")
    assert len(err.splitlines()) == 1
    assert words in err


@pytest.mark.parametrize("device", ["../reload", "Đèn 1?x=#", ""])
def test_a_device_that_cannot_be_is_wrong_use(
    scene: Scene, capsys: pytest.CaptureFixture[str], device: str
) -> None:
    code, out, err = ran(capsys, scene, "read", device)
    assert (code, out) == (2, "")
    assert "is no device id" in err


def test_sync_status_counts_what_each_target_took(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    sync = as_json(capsys, scene, "sync", "status")
    assert [target["id"] for target in sync["targets"]] == ["mqtt", "centre"]
    assert sync["targets"][0]["delivered"] > 0
    code, out, _ = ran(capsys, scene, "sync", "status")
    assert code == 0
    assert "dropped by the disk cap: 0" in out


def test_refused_rows_are_shown_with_the_servers_words_and_go_through_once_it_takes_them(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    until(lambda: as_json(capsys, scene, "sync", "quarantine"))
    rows = as_json(capsys, scene, "sync", "quarantine", "--limit", "1")
    (row,) = rows
    assert row["target"] == "centre"
    assert row["line"].startswith("air,")
    assert "type conflict" in row["reason"]
    assert RFC3339.fullmatch(row["at"])
    code, out, _ = ran(capsys, scene, "sync", "quarantine")
    assert code == 0
    assert "field type conflict" in out

    scene.influx.query("DROP MEASUREMENT air", db="town")
    assert as_json(capsys, scene, "sync", "quarantine", "--retry")["rows"] > 0
    until(lambda: as_json(capsys, scene, "sync", "quarantine") == [])
    at_ns = row["line"].rsplit(" ", 1)[1]
    assert f",{at_ns}," in scene.influx.query("SELECT pm2_5 FROM air", db="town")
    code, out, _ = ran(capsys, scene, "sync", "quarantine")
    assert (code, out) == (0, "nothing was refused\n")


def test_reload_says_what_changed(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    before = scene.file.read_text("utf-8")
    code, out, _ = ran(capsys, scene, "reload")
    assert (code, out) == (0, "nothing changed\n")
    try:
        scene.file.write_text(before.replace("Công tơ chợ", "Công tơ chợ mới"), "utf-8")
        assert as_json(capsys, scene, "reload")["reason"] == "bus cabinet: meter-market changed"
    finally:
        scene.file.write_text(before, "utf-8")
        assert ran(capsys, scene, "reload")[0] == 0


def test_reloading_a_wrong_file_lists_its_faults_and_changes_nothing(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    before = scene.file.read_text("utf-8")
    try:
        scene.file.write_text(before.replace('"eastron-sdm630"', '"eastron-sdm631"'), "utf-8")
        code, out, err = ran(capsys, scene, "reload")
    finally:
        scene.file.write_text(before, "utf-8")
    assert (code, out) == (2, "")
    assert re.match(rf"{scene.file}:\d+: device\[0\]\.profile: there is no profile 'eastron-sdm631'", err)
    assert as_json(capsys, scene, "read", "meter-main")["state"] == "verified"


def test_a_change_that_needs_a_restart_is_refused_with_that_word(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    before = scene.file.read_text("utf-8")
    try:
        scene.file.write_text(f"{before}\n[store]\ncommit_s = 1.0\n", "utf-8")
        code, _, err = ran(capsys, scene, "reload")
    finally:
        scene.file.write_text(before, "utf-8")
    assert code == 2
    assert "needs a restart" in err


def test_only_the_own_user_and_group_may_use_the_socket(scene: Scene) -> None:
    socket = scene.file.parent / "data" / "gianh.sock"
    assert stat.S_IMODE(socket.stat().st_mode) & 0o007 == 0


@pytest.mark.parametrize(("says_where", "code"), [(False, 403), (True, 401)])
def test_what_acts_is_refused_on_the_tcp_port_to_who_is_not_logged_in(
    scene: Scene, says_where: bool, code: int
) -> None:
    headers = {"Origin": scene.http} if says_where else {}
    request = urllib.request.Request(f"{scene.http}/api/v1/reload", b"", headers, method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    refused.value.close()
    assert refused.value.code == code


def test_the_audit_log_is_compared_with_what_the_running_gateway_keeps(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    until(lambda: as_json(capsys, scene, "audit", "verify")["compared"])
    (kept,) = as_json(capsys, scene, "audit", "verify")["compared"]
    log = scene.file.parent / "data" / "audit.log"
    whole = log.read_bytes()
    count = int(kept.split(":")[0])
    log.write_bytes(b"".join(whole.splitlines(keepends=True)[: count - 1]))
    try:
        code, out, _ = ran(capsys, scene, "audit", "verify")
    finally:
        log.write_bytes(whole)
    assert code == 1
    assert "missing at the end" in out
    assert as_json(capsys, scene, "audit", "verify", "--checkpoint", kept)["ok"]


def test_check_as_json_has_what_the_contract_names(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = as_json(capsys, scene, "check")
    assert plan.keys() == {"ok", "errors", "buses"}
    assert (plan["ok"], plan["errors"]) == (True, [])
    for bus in plan["buses"]:
        assert {"id", "requests_per_sweep", "wire_s_per_sweep", "utilisation"} <= bus.keys()
        assert bus["requests_per_sweep"] > 0
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[gateway]\nid = "G"\n')
    assert main(["check", "--json", "-c", str(wrong)]) == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["buses"]) == (False, [])
    for fault in found["errors"]:
        assert fault.keys() == {"file", "line", "key", "message"}
    assert {fault["key"] for fault in found["errors"]} >= {"gateway.id", "gateway.latitude"}


def test_the_log_tells_of_changes_and_of_nothing_else(scene: Scene) -> None:
    lines = scene.log.read_text("utf-8").splitlines()
    assert not [line for line in lines if "Traceback" in line or "ERROR" in line]
    assert len(lines) < 60
