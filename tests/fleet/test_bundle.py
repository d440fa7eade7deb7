import base64
import datetime as dt
import json
import zlib
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.errors import PermanentError
from provisioning.ca.place import certificate_in
from provisioning.ca.signing import Purpose, Signatory
from provisioning.fleet.bundle import Bundle, Sealed, digest_of
from provisioning.fleet.sealing import seal, unseal
from tests.fleet.authority import TownAuthority, authority

NOW = dt.datetime.now(dt.UTC)
BUNDLE = Bundle("gw-a", 7, "2026-11-28T02:00:00Z", 120.0, "[gateway]\nid = 'gw-a'\n")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> TownAuthority:
    return authority(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> TownAuthority:
    return authority(tmp_path_factory.mktemp("stranger"))


def opened(sealed: Sealed, town: TownAuthority, at: dt.datetime = NOW) -> tuple[Bundle, str]:
    return unseal(sealed, certificate_in(town.root.read_bytes(), town.root), at)


@given(config=st.text(max_size=2000), version=st.integers(1, 2**31), trial_s=st.floats(5, 3600))
@settings(max_examples=30)
def test_a_bundle_arrives_as_it_was_sealed(
    town: TownAuthority, config: str, version: int, trial_s: float
) -> None:
    bundle = Bundle("gw-a", version, "2026-11-28T02:00:00Z", trial_s, config)
    found, by = opened(seal(bundle, Signatory(town.key)), town)
    assert found == bundle
    assert by == "fleet@signing"


def test_another_towns_signature_is_refused(town: TownAuthority, stranger: TownAuthority) -> None:
    with pytest.raises(PermanentError, match="not of this town"):
        opened(seal(BUNDLE, Signatory(stranger.key)), town)


def test_a_changed_bundle_is_refused(town: TownAuthority) -> None:
    sealed = seal(BUNDLE, Signatory(town.key))
    other = zlib.compress(json.dumps(asdict(replace(BUNDLE, gateway="gw-b"))).encode(), 9)
    with pytest.raises(PermanentError, match="something in it was changed"):
        opened(replace(sealed, bundle=base64.b64encode(other).decode()), town)


def test_a_signing_key_that_is_over_is_refused(town: TownAuthority) -> None:
    with pytest.raises(PermanentError, match="holds from"):
        opened(seal(BUNDLE, Signatory(town.key)), town, NOW + dt.timedelta(days=800))


def test_a_bundle_that_unpacks_to_very_much_is_refused(town: TownAuthority) -> None:
    content = zlib.compress(b"0" * 10_000_000, 9)
    signature = Signatory(town.key).sign(content, Purpose.CONFIGURATION).decode()
    with pytest.raises(PermanentError, match="bundle"):
        opened(Sealed(base64.b64encode(content).decode(), signature), town)


@given(bundle=st.text(max_size=200), signature=st.text(max_size=200))
@settings(max_examples=50)
def test_rubbish_is_refused_in_words(town: TownAuthority, bundle: str, signature: str) -> None:
    with pytest.raises(PermanentError):
        opened(Sealed(bundle, signature), town)


def test_a_configuration_that_is_too_large_says_so_before_it_travels(town: TownAuthority) -> None:
    words = " ".join(digest_of(str(number)) for number in range(6000))
    with pytest.raises(PermanentError, match="too large to travel"):
        seal(replace(BUNDLE, config=words), Signatory(town.key))
