"""Passphrases are stretched little here: a guess costs 128 MiB and most of a second where it matters."""

from collections.abc import Iterator

import pytest

from provisioning.ca import keys

SCRYPT_N = keys.SCRYPT_N


@pytest.fixture(scope="session", autouse=True)
def quick_passphrases() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "SCRYPT_N", 2**10)
        yield
