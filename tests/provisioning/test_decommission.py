import asyncio
import io
import os
import shutil
import socket
from pathlib import Path

import pytest

from edge.cli.program import perform
from edge.config.load import load
from edge.console.socket import socket_path
from edge.core.errors import ConfigError, TransientError
from provisioning.ca.authority import Authority
from provisioning.enrol.decommission import plan_of, tell_centre, wipe
from tests.provisioning.killed import deaths
from tests.provisioning.office import Machine, apart, served, ticket
from tests.provisioning.town import authority, settings
from tests.servers import free_port

SECRET = "tram-den-duong-12"


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return authority(tmp_path / "ca", settings(enrol_port=free_port()))


def furnish(machine: Machine, elsewhere: Path) -> None:
    """A gateway that has worked: a store, secrets beside its file and elsewhere, a link out of its folder."""
    data = machine.identity.folder.parent
    (data / "gianh.db").write_bytes(b"x" * 3_000_000)
    (data / "reports").mkdir(exist_ok=True)
    (data / "reports" / "2026-11.pdf").write_bytes(b"report")
    beside = machine.file.parent / "mqtt.password"
    for secret in (beside, elsewhere):
        secret.write_text(SECRET)
        secret.chmod(0o600)
    link = data / "archive"
    if not link.is_symlink():
        link.symlink_to(elsewhere.parent)
    text = machine.file.read_text()
    if "password_file" not in text:
        influx = '[[influx]]\nid = "c"\nurl = "http://127.0.0.1:1"\nversion = 1\ndatabase = "t"\n'
        text = text.replace("[mqtt] ", "[mqtt] ").replace(
            "renew_url", 'password_file = "mqtt.password"\nrenew_url'
        )
        machine.file.write_text(f"{text}\n{influx}password_file = '{elsewhere}'\n")


async def test_the_centre_is_told_and_nothing_secret_is_left(ca: Authority, tmp_path: Path) -> None:
    machine, elsewhere = Machine(tmp_path / "gw"), tmp_path / "shared" / "influx.password"
    elsewhere.parent.mkdir()
    async with served(ca):
        await machine.enrol(ticket(ca))
        furnish(machine, elsewhere)
        serial = machine.identity.in_use.certificate().serial_number
        config = load(machine.file).config
        plan = plan_of(config, machine.file)
        assert plan.outside == (elsewhere,)
        assert await tell_centre(config)
    assert wipe(plan) >= 6
    assert ca.records.is_revoked(serial)
    assert ca.records.is_barred("gw-a")
    left = sorted(path.name for path in (tmp_path / "gw").rglob("*"))
    assert left == ["data", "gateway.toml"]
    assert elsewhere.read_text() == SECRET


async def test_nothing_is_wiped_while_the_centre_cannot_be_told(ca: Authority, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "gw")
    async with served(ca):
        await machine.enrol(ticket(ca))
    with pytest.raises(TransientError, match="Nothing was wiped: try again, or wipe with --offline"):
        await tell_centre(load(machine.file).config)
    assert machine.identity.in_use.key_file.exists()


def test_what_was_cut_off_is_done_again_from_where_it_was(ca: Authority, tmp_path: Path) -> None:
    machine, elsewhere = Machine(tmp_path / "gw"), tmp_path / "shared" / "influx.password"
    elsewhere.parent.mkdir()
    with apart(ca, ca.town.enrol_address[1]):
        asyncio.run(machine.enrol(ticket(ca)))
        furnish(machine, elsewhere)
        config = load(machine.file).config
        shutil.copytree(tmp_path / "gw", tmp_path / "kept", symlinks=True)
        asyncio.run(tell_centre(config))
        asyncio.run(tell_centre(config))
        died = 0
        for died in deaths(lambda: wipe(plan_of(config, machine.file)), 2):
            assert not (tmp_path / "gw" / "mqtt.password").exists() or died < 4
            if any((tmp_path / "gw" / "data").iterdir()):
                wipe(plan_of(config, machine.file))
            assert not list((tmp_path / "gw" / "data").iterdir())
            shutil.rmtree(tmp_path / "gw")
            shutil.copytree(tmp_path / "kept", tmp_path / "gw", symlinks=True)
    assert died > 10
    assert elsewhere.read_text() == SECRET


def test_the_bytes_of_a_key_are_overwritten_before_the_name_goes(tmp_path: Path) -> None:
    from provisioning.enrol.wipe import wipe_file

    key = tmp_path / "key"
    key.write_text(SECRET)
    os.link(key, tmp_path / "seen")
    wipe_file(key)
    assert (tmp_path / "seen").read_bytes() == bytes(len(SECRET))


@pytest.mark.parametrize("data_dir", [".", "/", "empty"])
def test_a_folder_that_is_not_a_gateways_own_is_not_touched(tmp_path: Path, data_dir: str) -> None:
    machine = Machine(tmp_path / "gw")
    machine.file.write_text(machine.file.read_text().replace("[mqtt]", f'data_dir = "{data_dir}"\n[mqtt]'))
    (machine.file.parent / "gianh.db").write_text("x")
    (machine.file.parent / "empty").mkdir()
    with pytest.raises(ConfigError):
        plan_of(load(machine.file).config, machine.file)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_command_asks_twice_and_refuses_while_the_gateway_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(tmp_path / "gw")
    data = machine.identity.folder.parent
    data.mkdir()
    (data / "gianh.db").write_bytes(b"x")

    def said(stdin: io.StringIO, *options: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", stdin)
        code = perform(["decommission", "-c", str(machine.file), *options])
        output = capsys.readouterr()
        return code, output.out + output.err

    code, text = said(io.StringIO())
    assert (code, "give --yes" in text) == (2, True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(socket_path(data)))
        listener.listen()
        code, text = said(io.StringIO(), "--yes")
    assert (code, "stop it first" in text) == (1, True)
    for typed in ("gw-b\nyes\n", "gw-a\nno\n"):
        code, text = said(Terminal(typed))
        assert (code, "nothing was done" in text) == (2, True)
    assert (data / "gianh.db").exists()
    code, text = said(Terminal("gw-a\nyes\n"))
    assert code == 0
    assert "the centre was not told" in text
    assert "memory card" in text
    assert not list(data.iterdir())
