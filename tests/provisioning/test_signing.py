import datetime as dt
import json
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from edge.core.errors import ConfigError, PermanentError
from provisioning.ca import signing
from provisioning.ca.authority import Authority
from provisioning.ca.give import issue_role, issue_signing_key
from provisioning.ca.profiles import Role
from provisioning.ca.signing import Purpose, Signatory, verify
from tests.provisioning.town import authority, gateway

CONTENT = b'[gateway]\nid = "gw-a"\n'


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("town") / "ca")


@pytest.fixture(scope="module")
def signatory(ca: Authority, tmp_path_factory: pytest.TempPathFactory) -> Signatory:
    out = tmp_path_factory.mktemp("keys")
    issue_signing_key(ca, "fleet", out)
    return Signatory(out / "fleet.pem")


def judge(ca: Authority, content: bytes, signature: bytes, **more: object) -> str:
    options = {"at": ca.now(), "root": ca.root} | more
    return verify(content, signature, Purpose.CONFIGURATION, **options).by  # type: ignore[arg-type]


def test_what_was_signed_is_known_by_the_root_alone(ca: Authority, signatory: Signatory) -> None:
    assert judge(ca, CONTENT, signatory.sign(CONTENT, Purpose.CONFIGURATION)) == "fleet@signing"


@given(at=st.integers(0, len(CONTENT) - 1), bit=st.integers(0, 7))
def test_no_changed_bit_passes(ca: Authority, signatory: Signatory, at: int, bit: int) -> None:
    changed = bytearray(CONTENT)
    changed[at] ^= 1 << bit
    with pytest.raises(PermanentError, match="was changed"):
        judge(ca, bytes(changed), signatory.sign(CONTENT, Purpose.CONFIGURATION))


@given(st.binary(max_size=200))
def test_no_rubbish_breaks_the_judge(ca: Authority, content: bytes) -> None:
    with pytest.raises(PermanentError):
        judge(ca, CONTENT, content)


@pytest.mark.parametrize("field", ["signature", "chain"])
@pytest.mark.parametrize("wrong", ["", "AAAA", None, 5])
def test_a_signature_with_wrong_parts_is_refused(
    ca: Authority, signatory: Signatory, field: str, wrong: object
) -> None:
    said = json.loads(signatory.sign(CONTENT, Purpose.CONFIGURATION)) | {field: wrong}
    with pytest.raises(PermanentError):
        judge(ca, CONTENT, json.dumps(said).encode())


def test_another_purpose_is_another_signature(ca: Authority, signatory: Signatory) -> None:
    class Other:
        value = "firmware"

    said = json.loads(signatory.sign(CONTENT, Other()))  # type: ignore[arg-type]
    with pytest.raises(PermanentError, match="signed as 'firmware'"):
        judge(ca, CONTENT, json.dumps(said).encode())
    relabelled = json.dumps(said | {"purpose": "configuration"}).encode()
    with pytest.raises(PermanentError, match="was changed"):
        judge(ca, CONTENT, relabelled)


def test_another_towns_signature_is_refused(signatory: Signatory, tmp_path: Path) -> None:
    other = authority(tmp_path / "ca")
    with pytest.raises(PermanentError, match="not of this town"):
        judge(other, CONTENT, signatory.sign(CONTENT, Purpose.CONFIGURATION))


def test_a_certificate_that_is_not_for_signing_signs_nothing(
    ca: Authority, signatory: Signatory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue_role(ca, Role.OPERATOR, "hoa", tmp_path)
    both = tmp_path / "both.pem"
    both.write_bytes((tmp_path / "operator.key").read_bytes() + (tmp_path / "operator.crt").read_bytes())
    with pytest.raises(ConfigError, match="no signing key"):
        Signatory(both)
    monkeypatch.setattr(signing, "kind_of", lambda certificate: signing.Kind.SIGNING)
    thief = Signatory(both)
    monkeypatch.undo()
    with pytest.raises(PermanentError, match="not for signing"):
        judge(ca, CONTENT, thief.sign(CONTENT, Purpose.CONFIGURATION))


def test_a_gateway_that_poses_as_an_authority_is_refused(ca: Authority, signatory: Signatory) -> None:
    said = json.loads(signatory.sign(CONTENT, Purpose.CONFIGURATION))
    leaf = said["chain"].split("-----BEGIN")[1]
    stranger = ca.chain_of(gateway(ca)[1]).decode().split("-----BEGIN")[1]
    for chain in ([leaf], [leaf, stranger], [stranger, leaf], [leaf, leaf, leaf]):
        text = "".join(f"-----BEGIN{part}" for part in chain)
        with pytest.raises(PermanentError):
            judge(ca, CONTENT, json.dumps(said | {"chain": text}).encode())


def test_a_revoked_or_ended_key_signs_no_more(tmp_path: Path) -> None:
    ca = authority(tmp_path / "ca")
    issue_signing_key(ca, "old", tmp_path)
    signature = Signatory(tmp_path / "old.pem").sign(CONTENT, Purpose.CONFIGURATION)
    assert judge(ca, CONTENT, signature, crl=ca.write_crl()) == "old@signing"
    for days in (-1, 731):
        with pytest.raises(PermanentError, match="holds from"):
            judge(ca, CONTENT, signature, at=ca.now() + dt.timedelta(days=days))
    ca.revoke("old@signing", x509.ReasonFlags.key_compromise)
    with pytest.raises(PermanentError, match="was revoked"):
        judge(ca, CONTENT, signature, crl=ca.place.crl.read_bytes())


def test_a_foreign_list_of_revoked_ones_is_not_believed(
    ca: Authority, signatory: Signatory, tmp_path: Path
) -> None:
    foreign = authority(tmp_path / "ca").write_crl()
    with pytest.raises(PermanentError, match="not of this town"):
        judge(ca, CONTENT, signatory.sign(CONTENT, Purpose.CONFIGURATION), crl=foreign)
