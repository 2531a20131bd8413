"""Bearer tokens: who is let in, and what a forged one must not achieve."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from jwt import PyJWKClient
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWKClientConnectionError, PyJWKClientError

from chassis.auth import (
    PUBLIC,
    ForbiddenError,
    Permission,
    Principal,
    Role,
    TokenVerifier,
    UnauthenticatedError,
    issue_token,
)
from chassis.errors import TransientError

ISSUER = "https://id.example.org"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED_KEY = ed25519.Ed25519PrivateKey.generate()
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SIGNING: dict[str, tuple[Any, str]] = {"RS256": (RSA_KEY, "rsa-1"), "EdDSA": (ED_KEY, "ed-1")}

each_algorithm = pytest.mark.parametrize("algorithm", ["RS256", "EdDSA"])


@pytest.fixture
def verifier(tmp_path: Path) -> TokenVerifier:
    keys = [
        {**RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True), "kid": "rsa-1", "alg": "RS256"},
        {**OKPAlgorithm.to_jwk(ED_KEY.public_key(), as_dict=True), "kid": "ed-1", "alg": "EdDSA"},
    ]
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": keys}))
    return TokenVerifier(jwks_file=str(path), jwks_url="", issuer=ISSUER, audience="backpack")


def _claims(**changes: Any) -> dict[str, Any]:
    claims = {
        "iss": ISSUER,
        "aud": "backpack",
        "exp": datetime.now(UTC) + timedelta(minutes=5),
        "sub": "staff-7",
        "district": "jcps",
        "role": "teacher",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def _bearer(algorithm: str = "RS256", **changes: Any) -> str:
    key, kid = SIGNING[algorithm]
    return f"Bearer {jwt.encode(_claims(**changes), key, algorithm=algorithm, headers={'kid': kid})}"


def _forged(header: dict[str, Any], secret: bytes | None) -> str:
    """Write a token by hand, as an attacker does; a library would refuse to."""

    def encoded(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    claims = _claims(exp=int(datetime.now(UTC).timestamp()) + 300, role="district_admin")
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    signature = b"" if secret is None else hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"Bearer {signed}.{encoded(signature)}"


@each_algorithm
def test_a_good_token_gives_its_caller(verifier: TokenVerifier, algorithm: str) -> None:
    assert verifier.verify(_bearer(algorithm)) == Principal("staff-7", "jcps", Role.TEACHER)


def test_the_scheme_is_read_in_any_case(verifier: TokenVerifier) -> None:
    assert verifier.verify(_bearer().replace("Bearer", "bEARER")).subject == "staff-7"


@pytest.mark.parametrize("role", ["student", "guardian"])
def test_students_and_guardians_see_whom_their_token_names(verifier: TokenVerifier, role: str) -> None:
    principal = verifier.verify(_bearer(role=role, sub="g-1", students=["s-1", "s-2"]))

    assert principal == Principal("g-1", "jcps", Role(role), frozenset({"s-1", "s-2"}))


@pytest.mark.parametrize("role", ["student", "guardian"])
def test_a_student_or_guardian_whose_token_names_nobody_sees_nobody(
    verifier: TokenVerifier, role: str
) -> None:
    assert verifier.verify(_bearer(role=role)).students == frozenset()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.STUDENT, Role.GUARDIAN}))
def test_staff_see_their_district_whomever_their_token_names(verifier: TokenVerifier, role: str) -> None:
    assert verifier.verify(_bearer(role=role, students=["s-1"])).students is None


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "token"])
def test_a_call_without_a_bearer_token_is_refused(verifier: TokenVerifier, authorization: str) -> None:
    with pytest.raises(UnauthenticatedError, match="a bearer token is needed"):
        verifier.verify(authorization)


@pytest.mark.parametrize("token", ["x", "a.b.c", "é.é.é", "eyJhbGciOiJSUzI1NiJ9.e30.", "." * 2000])
def test_what_is_no_token_is_refused(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(UnauthenticatedError):
        verifier.verify(f"Bearer {token}")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"exp": datetime.now(UTC) - timedelta(minutes=5)}, "ExpiredSignatureError"),
        ({"nbf": datetime.now(UTC) + timedelta(days=1)}, "ImmatureSignatureError"),
        ({"aud": "another-product"}, "InvalidAudienceError"),
        ({"iss": "https://id.evil.example"}, "InvalidIssuerError"),
        ({"exp": None}, "MissingRequiredClaimError"),
        ({"sub": None}, "MissingRequiredClaimError"),
        ({"district": None}, "MissingRequiredClaimError"),
        ({"role": None}, "MissingRequiredClaimError"),
        ({"aud": None}, "MissingRequiredClaimError"),
        ({"iss": None}, "MissingRequiredClaimError"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_token_with_a_wrong_claim_is_refused_and_not_repeated(
    verifier: TokenVerifier, changes: dict[str, Any], error: str
) -> None:
    with pytest.raises(UnauthenticatedError) as caught:
        verifier.verify(_bearer(**changes))

    assert str(caught.value) == f"the token is not valid: {error}"


def test_a_clock_that_is_off_by_seconds_does_no_harm(verifier: TokenVerifier) -> None:
    late = _bearer(exp=datetime.now(UTC) - timedelta(seconds=10))

    assert verifier.verify(late).subject == "staff-7"


def test_a_role_that_is_not_ours_is_refused(verifier: TokenVerifier) -> None:
    with pytest.raises(UnauthenticatedError, match="the token's role is not one of ours"):
        verifier.verify(_bearer(role="superintendent"))


def test_a_key_that_the_issuer_does_not_have_is_refused(verifier: TokenVerifier) -> None:
    for headers in ({"kid": "rsa-2"}, {}):
        token = jwt.encode(_claims(), RSA_KEY, algorithm="RS256", headers=headers)
        with pytest.raises(UnauthenticatedError, match="a key that the issuer does not have"):
            verifier.verify(f"Bearer {token}")


def test_a_strangers_signature_under_a_known_key_id_is_refused(verifier: TokenVerifier) -> None:
    token = jwt.encode(_claims(), STRANGER, algorithm="RS256", headers={"kid": "rsa-1"})

    with pytest.raises(UnauthenticatedError, match="InvalidSignatureError"):
        verifier.verify(f"Bearer {token}")


@pytest.mark.parametrize("name", ["none", "None", "nOnE"])
def test_an_unsigned_token_is_refused(verifier: TokenVerifier, name: str) -> None:
    with pytest.raises(UnauthenticatedError, match="the token is not valid"):
        verifier.verify(_forged({"alg": name, "typ": "JWT", "kid": "rsa-1"}, None))


def test_the_public_key_is_no_shared_secret(verifier: TokenVerifier) -> None:
    pem = RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    with pytest.raises(UnauthenticatedError, match="InvalidAlgorithmError"):
        verifier.verify(_forged({"alg": "HS256", "typ": "JWT", "kid": "rsa-1"}, pem))


@each_algorithm
def test_a_key_of_one_kind_does_not_verify_the_other(verifier: TokenVerifier, algorithm: str) -> None:
    key, _ = SIGNING[algorithm]
    other = "ed-1" if algorithm == "RS256" else "rsa-1"
    token = jwt.encode(_claims(), key, algorithm=algorithm, headers={"kid": other})

    with pytest.raises(UnauthenticatedError, match="the token is not valid"):
        verifier.verify(f"Bearer {token}")


def _from_url(monkeypatch: pytest.MonkeyPatch, fetch: Callable[..., Any]) -> TokenVerifier:
    monkeypatch.setattr(PyJWKClient, "fetch_data", fetch)
    return TokenVerifier(
        jwks_file="", jwks_url="https://id.example.org/jwks", issuer=ISSUER, audience="backpack"
    )


def test_keys_may_come_from_the_issuers_address(monkeypatch: pytest.MonkeyPatch) -> None:
    jwk = {**RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True), "kid": "rsa-1", "use": "sig"}
    verifier = _from_url(monkeypatch, lambda _client: {"keys": [jwk]})

    assert verifier.verify(_bearer()) == Principal("staff-7", "jcps", Role.TEACHER)


def test_an_issuer_out_of_reach_is_a_passing_trouble_and_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_client: PyJWKClient) -> Any:
        raise PyJWKClientConnectionError("refused")

    with pytest.raises(TransientError, match="the issuer's keys cannot be fetched"):
        _from_url(monkeypatch, fail).verify(_bearer())


def test_a_key_that_a_reachable_issuer_does_not_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    jwk = {**RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True), "kid": "rsa-9", "use": "sig"}
    verifier = _from_url(monkeypatch, lambda _client: {"keys": [jwk]})

    with pytest.raises(UnauthenticatedError):
        verifier.verify(_bearer())
    assert issubclass(PyJWKClientConnectionError, PyJWKClientError)


@each_algorithm
@pytest.mark.parametrize(
    "principal",
    [
        Principal("staff-7", "jcps", Role.COORDINATOR),
        Principal("g-1", "jcps", Role.GUARDIAN, frozenset({"s-2", "s-1"})),
    ],
    ids=["staff", "guardian"],
)
def test_what_the_development_key_issues_is_taken(
    verifier: TokenVerifier, tmp_path: Path, algorithm: str, principal: Principal
) -> None:
    key, kid = SIGNING[algorithm]
    written = (OKPAlgorithm if algorithm == "EdDSA" else RSAAlgorithm).to_jwk(key, as_dict=True)
    path = tmp_path / "signing.json"
    path.write_text(json.dumps({**written, "kid": kid, "alg": algorithm}))

    token = issue_token(principal, signing_key_file=str(path), issuer=ISSUER, audience="backpack")

    assert verifier.verify(f"Bearer {token}") == principal


def test_a_permission_lets_its_roles_in_and_nobody_else() -> None:
    read_scores = Permission("scores.read", (Role.TEACHER, Role.GUARDIAN))

    for role in Role:
        principal = Principal("someone", "jcps", role)
        if role in {Role.TEACHER, Role.GUARDIAN}:
            read_scores.check(principal)
        else:
            with pytest.raises(ForbiddenError, match=f"the role {role} lacks the permission scores.read"):
                read_scores.check(principal)


def test_the_public_permission_is_of_no_role() -> None:
    assert frozenset() == PUBLIC.roles
    with pytest.raises(ForbiddenError):
        PUBLIC.check(Principal("", "", None))
