"""The parts of the login by a provider: what waits, whom claims name, and what its section may say."""

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config.console_load import load_console
from edge.config.console_openid import OpenId, RoleName
from edge.config.faults import ConfigErrors
from edge.console.access.denied import Denied, Reason
from edge.console.access.roles import Role
from edge.console.centre.openid.begun import ADDRESS_MAX, BEGUN_MAX, Logins
from edge.console.centre.openid.person import claim_of, person_of
from tests.console.asking import Clock


def test_logins_under_way_are_bounded_and_nobody_pushes_out_another() -> None:
    logins = Logins(Clock())
    first = logins.begin("cookie", "192.0.2.1", "", "vi")
    for _ in range(10 * ADDRESS_MAX):
        logins.begin("other", "192.0.2.2", "", "vi")
    assert len(logins) == ADDRESS_MAX + 1
    assert logins.take(first.state, "cookie") == first
    for number in range(BEGUN_MAX + 10):
        logins.begin("other", f"192.0.2.{number}", "", "vi")
    assert len(logins) == BEGUN_MAX


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["roles", "a", "b"]), inner),
    max_leaves=8,
)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(["roles", "a", "a.b", "preferred_username", "name"]), JSON))
def test_claims_of_any_shape_give_a_person_with_a_mapped_role_or_nobody(claims: dict[str, Any]) -> None:
    try:
        person = person_of(openid(), {"sub": "x", **claims})
    except Denied as error:
        nobody = error.reason in (Reason.NAMELESS, Reason.UNMAPPED)
        assert nobody
    else:
        assert person.role is Role.VIEWER
        assert person.user.startswith("openid:")
        assert person.name.isprintable()


def openid(**more: Any) -> OpenId:
    given = {
        "issuer": "https://id.example",
        "client_id": "x",
        "redirect_url": "https://console.example/login/openid/back",
        "role_claim": "a.b",
        "roles": {"x": "viewer"},
    }
    return OpenId.model_validate({**given, **more})


def test_a_claim_is_found_by_its_name_or_by_the_way_of_its_dots() -> None:
    assert claim_of({"a.b": 1, "a": {"b": 2}}, "a.b") == 1
    assert claim_of({"a": {"b": 2}}, "a.b") == 2
    assert claim_of({"a": 1}, "a.b") is None


def test_of_several_roles_the_first_of_the_file_counts() -> None:
    settings = openid(roles={"admins": "administrator", "operators": "operator"}, role_claim="roles")
    both = {"sub": "x", "preferred_username": "hoa", "roles": ["operators", "admins"]}
    assert person_of(settings, both).role is Role.ADMINISTRATOR


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('issuer = "http://id.example"', "begin with https"),
        ('redirect_url = "https://console.example/back"', "has to end with /login/openid/back"),
        ('redirect_url = "https://console.example/login/openid/back"', "this console speaks http"),
        ("scopes = []", "openid"),
        ("recheck_s = 1", "recheck_s"),
        ("roles = {}", "roles"),
        ('roles = {x = "king"}', "roles"),
    ],
)
def test_a_wrong_section_is_told_in_words(tmp_path: Path, line: str, words: str) -> None:
    lines = {
        "issuer": '"https://id.example"',
        "client_id": '"x"',
        "redirect_url": '"http://127.0.0.1:8080/login/openid/back"',
        "roles": '{x = "viewer"}',
    }
    name, _, value = line.partition(" = ")
    body = "\n".join(f"{key} = {text}" for key, text in {**lines, name: value}.items())
    file = tmp_path / "console.toml"
    text = f'[mqtt]\nurl = "mqtt://127.0.0.1"\n[http]\nlogin = true\n[openid]\n{body}\n'
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigErrors, match=words):
        load_console(file)


def test_the_configuration_knows_the_roles_that_there_are() -> None:
    assert set(get_args(RoleName)) == {role.value for role in Role}
