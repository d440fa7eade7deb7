"""`gianh influx setup` on a real InfluxDB 1.6: what it makes, once, and what becomes of values."""

import json
import math
import stat
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from edge.cli.program import perform
from provisioning.grafana.town import derived_points, device_classes
from provisioning.influx.flux import tasks
from provisioning.influx.folds import POLICIES, Fold, folds
from provisioning.influx.influxql import continuous_queries, selected
from tests.servers import Influxd, running

HOUR_NS = 3600 * 10**9
BEGIN_NS = (time.time_ns() // HOUR_NS - 5) * HOUR_NS


@pytest.fixture
def influx(tmp_path: Path) -> Iterator[Influxd]:
    server = Influxd(tmp_path / "influx")
    with running(server):
        yield server


def setup(server: Influxd, folder: Path, *more: str) -> int:
    return perform(["influx", "setup", "--url", server.url, "--secrets", str(folder / "secrets"), *more])


def changes(server: Influxd, folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    capsys.readouterr()
    assert setup(server, folder, "--dry-run", "--json", *more) == 0
    found: list[str] = json.loads(capsys.readouterr().out)["changes"]
    return found


def test_it_says_what_it_would_do_does_it_once_and_then_finds_nothing_to_do(
    influx: Influxd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = changes(influx, tmp_path, capsys, "--gateway", "gw-a")
    assert said[0] == "create database town"
    assert "SHOW" not in influx.query("SHOW DATABASES")
    assert "town" not in influx.query("SHOW DATABASES")
    assert setup(influx, tmp_path, "--gateway", "gw-a", "--yes") == 0
    kept = influx.query("SHOW RETENTION POLICIES ON town")
    for name, duration in (("autogen", "1440h"), ("minute", "8784h"), ("hour", "43848h"), ("day", "0s")):
        assert f"{name},{duration}" in kept
    assert changes(influx, tmp_path, capsys, "--gateway", "gw-a") == []


def test_a_gateways_secret_is_in_a_file_for_its_owner_alone_and_is_never_printed(
    influx: Influxd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup(influx, tmp_path, "--gateway", "gw-a", "--yes") == 0
    file = tmp_path / "secrets" / "gw-a.token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().strip() not in capsys.readouterr().out
    assert "town,WRITE" in influx.query('SHOW GRANTS FOR "gw-a"')


def test_a_server_that_lost_its_users_gets_them_again_with_the_secrets_that_gateways_have(
    influx: Influxd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "it's a \\ secret"
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "gw-a.token").write_text(secret)
    said = changes(influx, tmp_path, capsys, "--gateway", "gw-a")
    assert said[-1].startswith("create user gw-a again, with the secret that is there")
    assert setup(influx, tmp_path, "--gateway", "gw-a", "--yes") == 0
    assert secret not in capsys.readouterr().out
    assert "gw-a,false" in influx.query("SHOW USERS")
    with httpx.Client(auth=("gw-a", secret)) as client:
        assert client.post(f"{influx.url}/write?db=town", content="meter v=1").status_code == 204


def test_older_data_is_never_deleted_without_saying_so(
    influx: Influxd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    influx.query("CREATE DATABASE town")
    said = changes(influx, tmp_path, capsys)
    assert (
        "alter retention policy autogen: kept 60 days, till now kept for ever: what is older IS DELETED"
        in said
    )
    assert setup(influx, tmp_path) == 2
    assert "nobody is there to be asked" in capsys.readouterr().err


def test_a_continuous_query_that_is_out_of_date_gives_way(
    influx: Influxd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup(influx, tmp_path, "--yes")
    old = 'SELECT mean(a) INTO "town"."minute"."x" FROM "town"."autogen"."x" GROUP BY time(1m)'
    for name in ("gianh_old", "theirs"):
        influx.query(f'CREATE CONTINUOUS QUERY "{name}" ON town BEGIN {old} END')
    assert changes(influx, tmp_path, capsys) == ["drop continuous query gianh_old, which is out of date"]


def test_continuous_queries_come_back_as_they_were_written(influx: Influxd, tmp_path: Path) -> None:
    """InfluxDB 1.6 cuts numbers to three decimals when it keeps a query."""
    setup(influx, tmp_path, "--yes")
    kept = influx.query("SHOW CONTINUOUS QUERIES")
    wanted = list(continuous_queries("town", device_classes() | derived_points(device_classes()), "17h"))
    plain = kept.replace('"', "").replace("''", "'")
    for one in wanted:
        assert one.text.replace('"', "") in plain


def folded(server: Influxd, measurement: str, fold: Fold, names: tuple[str, ...]) -> dict[str, float]:
    """What one hour of minutes becomes."""
    policy = next(one for one in POLICIES if one.name == "hour")
    where = f"time >= {BEGIN_NS} AND time < {BEGIN_NS + HOUR_NS}"
    server.query(selected("town", "autogen", policy, measurement, fold, names, "0m", where))
    answer = server.query(f'SELECT * FROM "town"."hour"."{measurement}"').strip().splitlines()
    head, row = answer[0].split(","), answer[-1].split(",")
    return {
        name: float(cell)
        for name, cell in zip(head, row, strict=True)
        if name not in ("name", "tags", "time", "device", "gateway")
    }


def write(server: Influxd, field: str, values: list[float]) -> None:
    lines = [
        f"weather,device=w,gateway=g {field}={value} {BEGIN_NS + at * 60 * 10**9}"
        for at, value in enumerate(values)
    ]
    request = urllib.request.Request(f"{server.url}/write?db=town", "\n".join(lines).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert reply.status == 204


def test_wind_around_north_is_north_sound_is_averaged_by_energy_and_a_counter_is_its_last(
    influx: Influxd, tmp_path: Path
) -> None:
    setup(influx, tmp_path, "--yes")
    write(influx, "wind_direction", [350.0, 10.0] * 10)
    write(influx, "noise_laeq", [50.0, 70.0] * 10)
    write(influx, "rainfall", [float(at) for at in range(20)])
    write(influx, "temperature", [20.0, 30.0] * 10)
    north = folded(influx, "weather", Fold.CIRCULAR, ("wind_direction",))["wind_direction"]
    assert min(north, 360 - north) == pytest.approx(0, abs=1e-3)
    loud = folded(influx, "weather", Fold.ENERGY, ("noise_laeq",))
    assert loud["noise_laeq"] == pytest.approx(10 * math.log10((1e5 + 1e7) / 2), abs=1e-6)
    assert folded(influx, "weather", Fold.LAST, ("rainfall",))["rainfall"] == 19
    warm = folded(influx, "weather", Fold.MEAN, ("temperature",))
    assert (warm["temperature"], warm["temperature_min"], warm["temperature_max"]) == (25, 20, 30)


def test_every_field_of_every_measurement_is_folded_once() -> None:
    fields = device_classes() | derived_points(device_classes())
    found = [(measurement, name) for (measurement, _), names in folds(fields).items() for name in names]
    assert len(found) == len(set(found))
    assert {(measurement, name) for measurement, names in fields.items() for name in names} <= set(found)


def test_flux_never_writes_a_step_that_was_cut() -> None:
    """A range that begins within a window would put a part of it in the place of the whole."""
    fields = device_classes()
    for task in tasks("town", fields, "17h"):
        (line,) = [line for line in task.flux.splitlines() if "range(" in line]
        assert line.count("date.truncate") == 2
        if "_day_" in task.name:
            assert line.count("date.add(d: 17h") == 2
            assert "offset: 17h" in task.flux


def test_a_silent_server_and_a_wrong_name_are_told_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert perform(["influx", "setup", "--url", "http://127.0.0.1:9", "--dry-run"]) == 1
    assert "gave no answer" in capsys.readouterr().err
    assert perform(["influx", "setup", "--database", 'x"; DROP', "--dry-run"]) == 2
    assert "is no id" in capsys.readouterr().err
