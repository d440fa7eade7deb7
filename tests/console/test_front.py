"""The ways in as a gateway has them: TLS with a certificate of its own, the first code, `gianh user`."""

import asyncio
import datetime as dt
import json
import logging
import re
import ssl
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from edge.cli import main
from edge.cli.run import running
from edge.config.faults import ConfigErrors
from edge.config.load import load
from edge.console.access.gate import LoginDoor
from edge.console.access.roles import LOOPBACK
from edge.console.access.tls import FILE, Identity, own_certificate
from edge.console.api import Entrance, create_entrance
from edge.console.site import WEB
from edge.core.errors import PermanentError
from tests.console.asking import HOST, PASSWORD, Browser, Clock, console

GATEWAY = '[gateway]\nid = "gw-a"\nlatitude = 17\nlongitude = 106\ndata_dir = "data"\n[http]\nport = 0\n'


def written(folder: Path, more: str = "") -> Path:
    file = folder / "gateway.toml"
    file.write_text(GATEWAY + more, "utf-8")
    return file


async def gianh(capsys: pytest.CaptureFixture[str], file: Path, *arguments: str) -> tuple[int, str]:
    """Run a command beside the gateway that runs in this loop."""
    code = await asyncio.to_thread(main, [*arguments, "-c", str(file)])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out + err


def faults(folder: Path, more: str) -> list[str]:
    with pytest.raises(ConfigErrors) as errors:
        load(written(folder, more))
    return [f"{fault.key}: {fault.message}" for fault in errors.value.faults]


def test_beyond_loopback_neither_tls_nor_login_can_be_left_out(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "gw.example", ""):
        assert load(written(tmp_path, f'host = "{host}"')).config.http.speaks_tls  # type: ignore[union-attr]
        assert load(written(tmp_path, f'host = "{host}"')).config.http.asks_login  # type: ignore[union-attr]
        (tls,) = faults(tmp_path, f'host = "{host}"\ntls = false')
        assert tls == "http.tls: anything but loopback needs TLS: take tls = false out, or use 127.0.0.1"
        (login,) = faults(tmp_path, f'host = "{host}"\nlogin = false')
        assert login.startswith("http.login: anything but loopback needs a login")


def test_certificate_and_key_go_together_and_are_looked_for_beside_the_file(tmp_path: Path) -> None:
    assert "go together" in faults(tmp_path, 'cert_file = "a.pem"')[0]
    assert [fault.split(":")[0] for fault in faults(tmp_path, 'cert_file = "a.pem"\nkey_file = "b.pem"')] == [
        "http.cert_file",
        "http.key_file",
    ]
    for name in ("a.pem", "b.pem"):
        (tmp_path / name).write_text("x")
    loaded = load(written(tmp_path, 'cert_file = "a.pem"\nkey_file = "b.pem"'))
    assert loaded.config.http.cert_file == tmp_path / "a.pem"  # type: ignore[union-attr]
    assert [warning.key for warning in loaded.warnings] == ["http.key_file"]


async def test_loopback_without_login_is_as_it_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = written(tmp_path)
    async with running(load(file).config, file) as run, httpx.AsyncClient(base_url=run.http) as client:
        assert run.http.startswith("http://127.0.0.1:")
        assert (await client.get("/api/v1/status")).status_code == 200
        assert (await client.get("/api/v1/audit")).status_code == 200
        assert (await client.get("/metrics")).status_code == 200
        for path in ("reload", "light/gw-a", "users", "session", "first-code"):
            assert (await client.post(f"/api/v1/{path}")).status_code == 404
        assert (await client.get("/login")).status_code == 404
        assert "server" not in (await client.get("/healthz")).headers
    assert "first start" not in caplog.text
    assert not (tmp_path / "data" / FILE).exists()


async def test_a_first_start_over_tls_from_the_code_in_the_log_to_the_last_logout(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "login = true\ntls = true")
    async with running(load(file).config, file) as run:
        (found,) = re.findall(r"first start: set a password at (\S+)/login with the code (\S+);", caplog.text)
        assert found[0] == run.http
        pem = tmp_path / "data" / FILE
        assert stat.S_IMODE(pem.stat().st_mode) == 0o600
        trust = ssl.create_default_context(cafile=str(pem))
        origin = {"origin": run.http}
        async with httpx.AsyncClient(base_url=run.http, verify=trust, headers=origin) as client:
            assert (await client.get("/api/v1/status")).status_code == 401
            form = {"code": found[1], "user": "lan", "name": "Lan", "password": PASSWORD}
            entered = await client.post("/login/code", data=form)
            assert (entered.status_code, entered.headers["location"]) == (303, "/?lang=vi")
            assert list(client.cookies) == ["__Host-gianh"]
            assert (await client.get("/api/v1/status")).status_code == 200
            code, said = await gianh(capsys, file, "user", "list")
            assert (code, said.split()[-4:]) == (0, ["lan", "Lan", "administrator", "active"])
            assert (await gianh(capsys, file, "user", "code"))[0] == 1
            code, said = await gianh(capsys, file, "status")
            shown = shown_of(x509.load_pem_x509_certificate(pem.read_bytes()))
            assert shown in said
            assert (await client.post("/logout")).status_code == 303
            assert (await client.get("/api/v1/status")).status_code == 401


async def test_gianh_user_does_all_that_there_is_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "login = true")

    async def told(*arguments: str) -> Any:
        code, said = await gianh(capsys, file, "user", *arguments, "--json")
        assert code == 0, said
        return json.loads(said)

    async with running(load(file).config, file) as run:
        first = await told("code")
        assert first["console"]["first_start"] is True
        assert "code for the first administrator" in (await gianh(capsys, file, "user", "code"))[1]
        made = await told("add", "hoa", "--role", "administrator", "--name", "Nguyễn Thị Hoa")
        origin = {"origin": run.http}
        async with httpx.AsyncClient(base_url=run.http, headers=origin) as client:
            body = {"code": made["code"], "user": "hoa", "password": PASSWORD}
            assert (await client.post("/api/v1/session/code", json=body)).status_code == 200
            assert list(client.cookies) == ["gianh-gw-a"]
            assert (await told("role", "hoa", "administrator"))["role"] == "administrator"
            code, said = await gianh(capsys, file, "user", "role", "hoa", "viewer")
            assert (code, "last administrator" in said) == (1, True)
            assert (await told("reset", "hoa"))["user"] == "hoa"
            assert (await client.get("/api/v1/status")).status_code == 401
            assert (await told("list"))[0]["state"] == "waiting"
        await told("add", "binh", "--role", "technician")
        assert await told("remove", "binh") == {"removed": "binh"}
        code, said = await gianh(capsys, file, "user", "remove", "binh")
        assert (code, "no user of this id" in said) == (1, True)
        assert (await gianh(capsys, file, "user", "remove", "../x"))[0] == 2
    async with running(load(file).config, file):
        assert [user["state"] for user in await told("list")] == ["locked"]


async def test_a_certificate_that_cannot_be_used_leaves_the_gateway_running(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.pem", "b.pem"):
        (tmp_path / name).write_text("x")
    file = written(tmp_path, 'host = "0.0.0.0"\ncert_file = "a.pem"\nkey_file = "b.pem"')
    async with running(load(file).config, file) as run:
        assert run.http == ""
        code, said = await gianh(capsys, file, "status")
        assert (code, "console: not reachable now" in said) == (0, True)
    assert "no console until this is mended" in caplog.text
    assert "give a pair in PEM form" in caplog.text


@pytest.mark.parametrize(
    "tiles",
    [
        "tiles.example",
        "https://t.example/{z}/{x}.png",
        "https://t.example/{z}/{x}/{y}; script-src *",
        "/{z}/{x}/{y}",
    ],
)
def test_only_an_address_of_tiles_is_one(tmp_path: Path, tiles: str) -> None:
    assert faults(tmp_path, f'tiles = "{tiles}"')[0].startswith("http.tiles: ")


async def test_images_come_from_elsewhere_only_where_tiles_are_configured(tmp_path: Path) -> None:
    for more, allowed in (
        ("", "data:;"),
        ('tiles = "https://t.example:8443/{z}/{x}/{y}.png"', "data: https://t.example:8443;"),
    ):
        file = written(tmp_path, more)
        async with running(load(file).config, file) as run, httpx.AsyncClient(base_url=run.http) as client:
            answer = await client.get("/")
            assert f"img-src 'self' {allowed}" in answer.headers["content-security-policy"]
            assert "default-src 'self';" in answer.headers["content-security-policy"]
            about = (await client.get("/api/v1/console")).json()
            assert about["tiles"] == ("https://t.example:8443/{z}/{x}/{y}.png" if more else "")


async def test_files_of_the_pages_are_compressed_known_again_and_no_others_are_given(tmp_path: Path) -> None:
    file = written(tmp_path)
    async with running(load(file).config, file) as run, httpx.AsyncClient(base_url=run.http) as client:
        page = await client.get("/lighting")
        assert (page.status_code, page.headers["content-encoding"]) == (200, "gzip")
        again = await client.get("/lighting", headers={"if-none-match": page.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        plain = await client.get("/web/js/main.js", headers={"accept-encoding": "identity"})
        assert plain.content == (WEB / "js" / "main.js").read_bytes()
        for path in ("/web/..%2Fsite.py", "/web/js/", "/web/lib/leaflet/../../x.js", "/nothing"):
            assert (await client.get(path)).status_code == 404


async def test_a_page_names_its_scripts_by_addresses_that_a_browser_may_keep_for_good(tmp_path: Path) -> None:
    file = written(tmp_path)
    async with running(load(file).config, file) as run, httpx.AsyncClient(base_url=run.http) as client:
        page = await client.get("/lighting")
        assert page.headers["cache-control"] == "no-cache"
        addresses = re.findall(r'(?:href|src)="(/web/[^"]+)"', page.text)
        names = {address.split("/", 3)[3] for address in addresses}
        assert {"js/main.js", "js/live.js", "js/words/shell.js", "js/pages/lighting/outcomes.js"} <= names
        assert "js/pages/town.js" not in names
        for address in addresses:
            answer = await client.get(address)
            assert answer.status_code == 200, address
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (await client.get("/web/v-000000000000/js/main.js")).status_code == 404
        assert (await client.get("/web/js/main.js")).headers["cache-control"] == "no-cache"


async def aside(work: Any) -> None:
    work()


def made(folder: Path, clock: Clock, *names: str) -> Identity:
    return Identity(clock, aside, folder / FILE, ("gw-a", "localhost", *names))


def shown_of(certificate: x509.Certificate) -> str:
    """As browsers show it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def certificate(folder: Path) -> x509.Certificate:
    content = (folder / FILE).read_bytes()
    return x509.load_pem_x509_certificate(content[content.index(b"-----BEGIN CERT") :])


def test_its_own_certificate_names_the_gateway_and_stays_until_it_must_change(tmp_path: Path) -> None:
    first = made(tmp_path, Clock())
    names = certificate(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"gw-a", "localhost"} <= set(names.get_values_for_type(x509.DNSName))
    assert "127.0.0.1" in {str(one) for one in names.get_values_for_type(x509.IPAddress)}
    assert certificate(tmp_path).not_valid_after_utc - dt.datetime.now(dt.UTC) > dt.timedelta(days=390)
    assert made(tmp_path, Clock()).fingerprint == first.fingerprint
    assert made(tmp_path, Clock(), "console.example").fingerprint != first.fingerprint


@pytest.mark.parametrize(
    "content", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"]
)
def test_a_torn_certificate_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert made(tmp_path, Clock()).fingerprint == shown_of(certificate(tmp_path))


def test_a_clock_that_was_never_set_makes_none_of_1970(tmp_path: Path) -> None:
    class Unset(Clock):
        def is_set(self) -> bool:
            return False

        def utc_ns(self) -> int:
            return 60 * 1_000_000_000

    made(tmp_path, Unset())
    assert certificate(tmp_path).not_valid_before_utc.year >= 2024
    made(tmp_path, Clock())
    assert certificate(tmp_path).not_valid_after_utc > dt.datetime.now(dt.UTC)


async def test_it_is_renewed_before_its_end_while_the_server_runs(tmp_path: Path) -> None:
    class Later(Clock):
        """An hour passes at once, and then never again."""

        days = 0

        def utc_ns(self) -> int:
            return super().utc_ns() + self.days * 86_400 * 1_000_000_000

        async def sleep(self, seconds: float) -> None:
            if self.days:
                looked.set()
                await asyncio.Event().wait()
            self.days = 380

    looked, clock = asyncio.Event(), Later()
    identity = made(tmp_path, clock)
    before = identity.fingerprint
    keeping = asyncio.ensure_future(identity.run())
    await asyncio.wait_for(looked.wait(), 5)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert identity.fingerprint != before
    assert identity.fingerprint == shown_of(certificate(tmp_path))


def test_a_pair_that_does_not_belong_together_is_refused_in_words(tmp_path: Path) -> None:
    for name in ("a.pem", "b.pem"):
        (tmp_path / name).write_bytes(own_certificate(["gw-a"], dt.datetime.now(dt.UTC)))
    given = (tmp_path / "a.pem", tmp_path / "b.pem")
    with pytest.raises(PermanentError, match="give a pair in PEM form"):
        Identity(Clock(), aside, tmp_path / FILE, ("gw-a",), given)


async def test_old_tls_is_not_spoken(tmp_path: Path) -> None:
    assert made(tmp_path, Clock()).context.minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "edge.console")


async def test_where_only_acting_asks_for_a_login_reading_is_open_and_acting_is_not(tmp_path: Path) -> None:
    async with console(tmp_path, secure=False) as here:
        open_door = LoginDoor(here.accounts, "gw-a", False, LOOPBACK)
        app = create_entrance(
            here.gateway, here.clock, Entrance(open_door, True, (HOST,), True, here.accounts)
        )
        browser = Browser(app, "127.0.0.1", "http")
        assert (await browser.ask("GET", "/api/v1/town")).status == 200
        refused = await browser.ask("POST", "/api/v1/town/light", {"targets": ["gw-a/gw-a"], "level": 4})
        assert (refused.status, refused.json["reason"]) == (401, "login")
        assert (await browser.ask("GET", "/api/v1/users")).status == 401


def test_beyond_loopback_reading_asks_for_a_login_too(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, 'host = "0.0.0.0"\nlogin = "act"')
    assert fault.startswith("http.login: anything but loopback needs a login")
