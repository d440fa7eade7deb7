"""Who sent a packet: by the longest network, by the certificate, and with which secret."""

import logging
from pathlib import Path

import pytest

from drivers.radius.clients import Senders, clients_of
from edge.config.wifi import RadiusClient
from tests.drivers.radius_works import SECRET, client


def section(id: str, **keys: object) -> RadiusClient:
    return RadiusClient.model_validate({"id": id, "address": "10.0.0.1", **keys})


SENDERS = Senders(
    [
        client("all", address="0.0.0.0/0"),
        client("net", address="10.20.0.0/16"),
        client("one", address="10.20.0.9"),
        client("six", address="2001:db8::/32"),
        client("six-one", address="2001:db8::9"),
        client("moving", address=None, certificate_name="AP.beach.example"),
    ],
    [],
)


@pytest.mark.parametrize(
    ("host", "who"),
    [
        ("10.20.0.9", "one"),
        ("10.20.0.8", "net"),
        ("10.21.0.9", "all"),
        ("::ffff:10.20.0.9", "one"),
        ("2001:db8::9", "six-one"),
        ("2001:db8:0:0:0:0:0:8", "six"),
        ("2001:db9::9", None),
        ("fe80::1%eth0", None),
    ],
)
def test_the_longest_network_that_an_address_is_in_counts(host: str, who: str | None):
    for _ in range(2):
        found = SENDERS.at(host)
        assert (found and found.id) == who


def test_a_certificate_is_known_by_the_name_that_is_configured_or_the_id():
    assert SENDERS.named(["nobody", "ap.BEACH.example"]).id == "moving"  # type: ignore[union-attr]
    assert SENDERS.named(["net"]).id == "net"  # type: ignore[union-attr]
    assert SENDERS.named(["moving"]) is None
    assert SENDERS.named([]) is None


def test_the_addresses_kept_in_mind_are_bounded():
    for low in range(5000):
        assert SENDERS.at(f"10.20.{low >> 8}.{low & 255}") is not None
    assert len(SENDERS._known) <= 4096


def test_secrets_come_from_a_file_or_the_environment(tmp_path: Path):
    (tmp_path / "secret").write_text("from the file, long\n")
    sections = [section("ap-1", secret_file=tmp_path / "secret"), section("ap-2", address="10.0.0.2")]
    found = clients_of(sections, {"GIANH_RADIUS_AP_2_SECRET": "from the environment"})
    assert [each.secret for each in found] == [b"from the file, long", b"from the environment"]


def test_a_client_without_a_secret_is_told_of_and_not_believed(tmp_path: Path, caplog):
    sections = [
        section("ap-1"),
        section("ap-2", secret_file=tmp_path / "none"),
        section("ap-3", address=None),
        section("ap-4"),
    ]
    with caplog.at_level(logging.WARNING):
        found = clients_of(sections, {"GIANH_RADIUS_AP_4_SECRET": "short"})
    assert [each.secret for each in found] == [b"", b"", b"", b"short"]
    lines = [line.getMessage() for line in caplog.records]
    assert ["ap-1" in lines[0], "ap-2" in lines[1], "ap-4" in lines[2]] == [True] * 3
    assert "GIANH_RADIUS_AP_1_SECRET" in lines[0]
    assert "shorter than 16" in lines[2]
    assert len(lines) == 3


def test_no_repr_shows_a_secret():
    shown = repr(client()) + repr(Senders([client()], []).at("127.0.0.1"))
    assert SECRET.decode() not in shown
