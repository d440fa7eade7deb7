import base64
import datetime as dt
import re
import shutil
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from edge.core.errors import ConfigError
from edge.core.owned import write_new
from provisioning.ca import keys
from provisioning.ca.authority import Authority
from provisioning.ca.ceremony import init, renew
from provisioning.ca.keys import new_key, read_request, request_pem, unsealed
from provisioning.ca.place import Place, town_of
from provisioning.ca.profiles import Kind, Role, Signer, at_name, certificate_for, is_name
from tests.provisioning.conftest import SCRYPT_N
from tests.provisioning.killed import EVERY, deaths
from tests.provisioning.town import (
    PASSPHRASE,
    TOWN,
    Calendar,
    authority,
    gateway,
    judged,
    openssl,
    pem,
    settings,
)


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return authority(tmp_path / "ca")


def _refuse_to_ask(is_new: bool) -> str:
    raise AssertionError("nobody should be asked for the passphrase")


def test_openssl_trusts_a_gateway_for_what_it_is_and_for_nothing_else(ca: Authority, tmp_path: Path) -> None:
    _, issued = gateway(ca)
    assert judged(ca, issued, tmp_path, "-purpose", "sslclient") == "OK"
    assert "purpose" in judged(ca, issued, tmp_path, "-purpose", "sslserver")
    server = ca.sign(
        Kind.SERVER, at_name("localhost", Kind.SERVER), new_key().public_key(), ["localhost", "127.0.0.1"]
    )
    assert judged(ca, server, tmp_path, "-purpose", "sslserver", "-verify_hostname", "localhost") == "OK"
    assert judged(ca, server, tmp_path, "-purpose", "sslserver", "-verify_ip", "127.0.0.1") == "OK"
    assert "hostname mismatch" in judged(ca, server, tmp_path, "-verify_hostname", "elsewhere")
    assert "purpose" in judged(ca, server, tmp_path, "-purpose", "sslclient")


def test_a_gateway_cannot_sign_for_others_and_the_issuing_authority_makes_no_further_one(
    ca: Authority, tmp_path: Path
) -> None:
    key, issued = gateway(ca)
    below = certificate_for(
        Kind.GATEWAY, "gw-b", TOWN, new_key().public_key(), Signer(key, issued.certificate), ca.now()
    )
    chain = tmp_path / "chain"
    chain.write_bytes(ca.chain_of(issued))
    leaf = tmp_path / "below"
    leaf.write_bytes(below.public_bytes(serialization.Encoding.PEM))
    done = openssl("verify", "-CAfile", str(ca.place.root), "-untrusted", str(chain), str(leaf))
    assert b"invalid CA certificate" in done.stderr


def test_a_certificate_in_another_towns_name_is_not_believed(ca: Authority, tmp_path: Path) -> None:
    foreign = certificate_for(Kind.GATEWAY, "gw-a", "Hà Nội", new_key().public_key(), ca.signer, ca.now())
    assert judged(ca, ca.records.record(foreign), tmp_path) == "permitted subtree violation"


def test_a_revoked_gateway_is_revoked_to_openssl(ca: Authority, tmp_path: Path) -> None:
    mine, other = gateway(ca)[1], gateway(ca, "gw-b")[1]
    assert ca.revoke("gw-a", x509.ReasonFlags.key_compromise) == [mine]
    crl = ("-crl_check", "-CRLfile", str(ca.place.crl))
    assert judged(ca, mine, tmp_path, *crl) == "certificate revoked"
    assert judged(ca, other, tmp_path, *crl) == "OK"
    with pytest.raises(ConfigError, match="gw-a was revoked"):
        gateway(ca)


def test_the_list_grows_in_number_and_forgets_only_what_ended_long_ago(tmp_path: Path) -> None:
    calendar = Calendar()
    ca = authority(tmp_path / "ca", calendar=calendar)
    gateway(ca)
    ca.revoke("gw-a", x509.ReasonFlags.superseded)
    first = x509.load_pem_x509_crl(ca.write_crl())
    calendar.ahead = dt.timedelta(days=91)
    ca.records.forget(ca.now())
    second = x509.load_pem_x509_crl(ca.write_crl())
    number = x509.CRLNumber
    assert second.extensions.get_extension_for_class(number).value.crl_number > (
        first.extensions.get_extension_for_class(number).value.crl_number
    )
    assert len(second) == 1
    calendar.ahead = dt.timedelta(days=181)
    ca.records.forget(ca.now())
    assert len(x509.load_pem_x509_crl(ca.write_crl())) == 0
    assert ca.records.issued("gw-a") == []


def test_a_certificate_never_outlives_its_authority(tmp_path: Path) -> None:
    calendar = Calendar()
    ca = authority(tmp_path / "ca", calendar=calendar)
    calendar.ahead = dt.timedelta(days=3640)
    _, issued = gateway(ca)
    assert issued.ends == ca.signer.certificate.not_valid_after_utc  # type: ignore[union-attr]
    renew(ca.place, lambda is_new: PASSPHRASE, calendar.now)
    again = Authority(ca.place, calendar.now)
    assert gateway(again, "gw-b")[1].ends > issued.ends
    calendar.ahead = dt.timedelta(days=3651)
    assert judged(again, gateway(again, "gw-c")[1], tmp_path, "-no_check_time") == "OK"


def test_nothing_secret_can_be_read_by_others_and_serials_do_not_repeat(ca: Authority) -> None:
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in ca.place.folder.rglob("*")}
    public = {ca.place.root, ca.place.issuing}
    assert {path for path, mode in modes.items() if mode & 0o077} == public
    assert stat.S_IMODE(ca.place.folder.stat().st_mode) == 0o700
    serials = {gateway(ca, f"gw-{n}")[1].serial for n in range(20)}
    assert len(serials) == 20
    assert min(serials) > 2**64


def test_init_never_asks_or_writes_twice(ca: Authority) -> None:
    before = {path: path.read_bytes() for path in ca.place.folder.rglob("*") if path.is_file()}
    ca.place.root_key.rename(ca.place.folder.with_name("stick"))
    made = init(ca.place, settings(), _refuse_to_ask, ca.now)
    assert made.files == ()
    after = {path: path.read_bytes() for path in ca.place.folder.rglob("*") if path.is_file()}
    assert after == {path: content for path, content in before.items() if path != ca.place.root_key}


def test_init_refuses_to_become_another_towns(ca: Authority) -> None:
    with pytest.raises(ConfigError, match="Ba Đồn"):
        init(ca.place, settings().model_copy(update={"town": "Hà Nội"}), _refuse_to_ask, ca.now)


@EVERY
def test_init_that_was_killed_anywhere_goes_on_with_the_keys_that_were_made(
    tmp_path: Path, every: int
) -> None:
    made = 0
    for step in deaths(lambda: authority(tmp_path / "ca" / "town"), every):
        folder = tmp_path / "ca" / "town"
        place = Place.at(folder)
        before = {p: p.read_bytes() for p in (place.root_key, place.issuing_key) if p.exists()}
        ca = authority(folder)
        assert {path: path.read_bytes() for path in before} == before
        assert judged(ca, gateway(ca)[1], tmp_path, "-crl_check", "-CRLfile", str(place.crl)) == "OK"
        shutil.rmtree(tmp_path / "ca")
        made = step
    assert made > 20


def test_openssl_opens_the_roots_key_with_what_the_documentation_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "SCRYPT_N", SCRYPT_N)
    ca = authority(tmp_path / "ca")
    content = ca.place.root_key.read_bytes()
    salt = re.search(rb"scrypt-salt: (\w+)", content)
    assert salt is not None
    stretched = openssl(
        "kdf", "-keylen", "32", "-kdfopt", f"pass:{PASSPHRASE}", "-kdfopt", f"hexsalt:{salt[1].decode()}",
        "-kdfopt", "n:131072", "-kdfopt", "r:8", "-kdfopt", "p:1", "-kdfopt", "maxmem_bytes:300000000",
        "SCRYPT",
    )  # fmt: skip
    password = stretched.stdout.decode().strip().replace(":", "").lower()
    opened = openssl("pkey", "-passin", f"pass:{password}", stdin=content)
    assert opened.returncode == 0
    key = keys.read_key(opened.stdout, "openssl")
    assert key.public_key() == ca.root.public_key()
    with pytest.raises(ConfigError, match="does not open"):
        unsealed(content, PASSPHRASE + "x", "root.key")


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(ConfigError, match="12 characters"):
        keys.sealed(new_key(), "short")


@pytest.mark.parametrize("curve", [ec.SECP384R1(), None])
def test_only_requests_for_keys_on_p256_are_taken(curve: ec.EllipticCurve | None) -> None:
    key = ec.generate_private_key(curve) if curve else rsa.generate_private_key(65537, 2048)
    with pytest.raises(ConfigError, match="P-256"):
        read_request(request_pem(key, "gw-a"))  # type: ignore[arg-type]


def test_a_request_whose_key_is_not_the_signers_is_refused() -> None:
    request = x509.load_pem_x509_csr(request_pem(new_key(), "gw-a"))
    der = request.public_bytes(serialization.Encoding.DER)
    mine, other = keys.public_bytes(request.public_key()), keys.public_bytes(new_key().public_key())  # type: ignore[arg-type]
    body = base64.encodebytes(der.replace(mine, other))
    text = b"-----BEGIN CERTIFICATE REQUEST-----\n" + body + b"-----END CERTIFICATE REQUEST-----\n"
    with pytest.raises(ConfigError, match="not signed by a key of its own"):
        read_request(text)


@given(st.binary(max_size=300))
def test_no_request_breaks_the_reader(content: bytes) -> None:
    with pytest.raises(ConfigError):
        read_request(content)


@given(st.text(max_size=40))
def test_a_role_is_never_a_gateways_name(text: str) -> None:
    try:
        name = at_name(text, Role.CONSOLE)
    except ConfigError:
        return
    assert is_name(name)
    assert "@" in name
    assert "/" not in name


def test_of_many_who_make_a_file_one_succeeds(tmp_path: Path) -> None:
    wins: list[int] = []
    together = threading.Barrier(20)

    def make(number: int) -> None:
        together.wait()
        try:
            write_new(tmp_path / "fact", str(number).encode())
        except FileExistsError:
            return
        wins.append(number)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wins) == 1
    assert (tmp_path / "fact").read_text() == str(wins[0])
    assert list(tmp_path.iterdir()) == [tmp_path / "fact"]


@pytest.mark.parametrize(
    ("enrol", "mqtt", "named"),
    [
        ("http://h:1", "mqtts://h", "enrol_url"),
        ("https://h/path", "mqtts://h", "enrol_url"),
        ("https://h", "mqtt://h", "mqtt_url"),
        ("https://h", "mqtts://u:p@h", "mqtt_url"),
    ],
)
def test_addresses_without_tls_are_refused(enrol: str, mqtt: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        town_of("t", enrol, mqtt)


def test_a_key_that_is_not_the_certificates_is_said(ca: Authority) -> None:
    ca.place.issuing_key.write_bytes(keys.key_pem(new_key()))
    with pytest.raises(ConfigError, match=r"issuing\.key is not the key of"):
        Authority(ca.place, ca.now)


def test_what_was_issued_is_written_before_anybody_has_it(ca: Authority) -> None:
    _, issued = gateway(ca)
    kept = ca.records.find(issued.serial, "gw-a")
    assert kept is not None
    assert pem(kept) == pem(issued)
