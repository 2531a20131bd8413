"""The development issuer's keys and the tokens it gives."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from chassis.auth import Principal, Role, TokenVerifier, UnauthenticatedError, issue_token
from stack import keys


@pytest.fixture
def issuer(tmp_path: Path) -> keys.Keys:
    return keys.ensure(tmp_path)


@pytest.fixture
def verifier(issuer: keys.Keys) -> TokenVerifier:
    return TokenVerifier(jwks_file=str(issuer.jwks), jwks_url="", issuer=keys.ISSUER, audience=keys.AUDIENCE)


def test_makes_keys_once(issuer: keys.Keys, tmp_path: Path) -> None:
    before = issuer.jwks.read_text()

    assert keys.ensure(tmp_path) == issuer
    assert issuer.jwks.read_text() == before


def test_publishes_no_private_part(issuer: keys.Keys) -> None:
    published = json.loads(issuer.jwks.read_text())["keys"]

    assert [sorted(key) for key in published] == [
        ["alg", "crv", "kid", "kty", "use", "x"],
        ["alg", "e", "kid", "kty", "n", "use"],
    ]


def test_keeps_private_keys_from_other_users(issuer: keys.Keys) -> None:
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (issuer.signing, issuer.signing_rs256)}

    assert modes == {0o600}


def test_gives_tokens_that_services_take(issuer: keys.Keys, verifier: TokenVerifier) -> None:
    token = issuer.token("staff-1", "scorer")

    assert verifier.verify(f"Bearer {token}") == Principal("staff-1", "jcps", Role.SCORER)


def test_gives_tokens_signed_with_rsa_too(issuer: keys.Keys, verifier: TokenVerifier) -> None:
    portal = Principal("portal", "jcps", Role.PORTAL)
    token = issue_token(
        portal, signing_key_file=str(issuer.signing_rs256), issuer=keys.ISSUER, audience=keys.AUDIENCE
    )

    assert verifier.verify(f"Bearer {token}") == portal


def test_names_whom_a_guardian_may_see(issuer: keys.Keys, verifier: TokenVerifier) -> None:
    token = issuer.token("guardian-1", "guardian", ["student-1"], "other")

    assert verifier.verify(f"Bearer {token}") == Principal(
        "guardian-1", "other", Role.GUARDIAN, frozenset({"student-1"})
    )


def test_lets_a_student_see_itself_only(issuer: keys.Keys, verifier: TokenVerifier) -> None:
    assert verifier.verify(f"Bearer {issuer.token('s-1', 'student')}").students == frozenset({"s-1"})


def test_refuses_an_unknown_role(issuer: keys.Keys) -> None:
    with pytest.raises(ValueError, match="headmaster"):
        issuer.token("x", "headmaster")


def test_takes_no_tokens_of_another_machine(verifier: TokenVerifier, tmp_path: Path) -> None:
    foreign = keys.ensure(tmp_path / "foreign")

    with pytest.raises(UnauthenticatedError):
        verifier.verify(f"Bearer {foreign.token('x', 'portal')}")
