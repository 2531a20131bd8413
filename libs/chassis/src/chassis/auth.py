"""Who calls: bearer tokens, roles, and the permissions that routes declare."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import jwt
from jwt import PyJWK, PyJWKClient
from jwt.exceptions import PyJWKClientConnectionError, PyJWKClientError

from chassis.errors import TransientError

_ALGORITHMS = ["RS256", "EdDSA"]
_JWKS_TIMEOUT_S = 5
_UNKNOWN_KEY = "the token is signed with a key that the issuer does not have"


class Role(StrEnum):
    """What a caller is to the district; a token carries exactly one."""

    DISTRICT_ADMIN = "district_admin"
    COORDINATOR = "coordinator"
    TEACHER = "teacher"
    SCORER = "scorer"
    PANELIST = "panelist"
    STUDENT = "student"
    GUARDIAN = "guardian"
    #: The district's own portal server, which acts for anybody in its district.
    PORTAL = "portal"


#: Roles that see only the students whom their token names.
SCOPED_ROLES = frozenset({Role.STUDENT, Role.GUARDIAN})


class UnauthenticatedError(Exception):
    """The token is missing, expired or not ours; the text says which, never what was in it."""


class ForbiddenError(Exception):
    """The caller is known but may not do this."""


@dataclass(frozen=True)
class Principal:
    """The caller.

    Attributes:
        subject: a staff, student or guardian id, or the portal's name.
        district: the tenant; nothing of another one is ever visible.
        students: whom a student or guardian may see; None for everybody else.
    """

    subject: str
    district: str
    role: Role | None
    students: frozenset[str] | None = None


@dataclass(frozen=True)
class Permission:
    """What a route asks of its caller, with the roles that have it."""

    name: str
    roles: frozenset[Role]

    def __init__(self, name: str, roles: Iterable[Role]) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "roles", frozenset(roles))

    def check(self, principal: Principal) -> None:
        """Raise ForbiddenError unless the caller's role has the permission."""
        if principal.role not in self.roles:
            raise ForbiddenError(f"the role {principal.role} lacks the permission {self.name}")


#: For routes that carry no token and no student's data, or that prove their caller by a signature of its own.
PUBLIC = Permission("public", ())


class TokenVerifier:
    """Checks bearer tokens against the issuer's public keys."""

    def __init__(self, *, jwks_file: str, jwks_url: str, issuer: str, audience: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._client = PyJWKClient(jwks_url, timeout=_JWKS_TIMEOUT_S) if jwks_url else None
        self._keys = {} if jwks_url else _read_keys(Path(jwks_file))

    def verify(self, authorization: str) -> Principal:
        """Return the caller that an Authorization header stands for.

        Raises:
            UnauthenticatedError: if the token is missing, wrong, expired or lacks a claim.
            TransientError: if the issuer's keys cannot be fetched now.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise UnauthenticatedError("a bearer token is needed")
        try:
            key = self._key(token)
            claims = jwt.decode(
                token,
                key,
                # A key verifies what it is for, whatever the token says.
                algorithms=[name for name in _ALGORITHMS if name == key.algorithm_name],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": ["exp", "sub", "district", "role"]},
                leeway=30,
            )
        except jwt.InvalidTokenError as error:
            raise UnauthenticatedError(f"the token is not valid: {type(error).__name__}") from error
        return _principal(claims)

    def _key(self, token: str) -> PyJWK:
        if self._client is not None:
            try:
                return self._client.get_signing_key_from_jwt(token)
            except PyJWKClientConnectionError as error:
                raise TransientError("the issuer's keys cannot be fetched") from error
            except PyJWKClientError as error:
                raise UnauthenticatedError(_UNKNOWN_KEY) from error
        key_id = jwt.get_unverified_header(token).get("kid")
        if key_id not in self._keys:
            raise UnauthenticatedError(_UNKNOWN_KEY)
        return self._keys[key_id]


def _principal(claims: dict[str, Any]) -> Principal:
    try:
        role = Role(claims["role"])
    except ValueError as error:
        raise UnauthenticatedError("the token's role is not one of ours") from error
    students = frozenset(map(str, claims.get("students", ()))) if role in SCOPED_ROLES else None
    return Principal(str(claims["sub"]), str(claims["district"]), role, students)


def _read_keys(path: Path) -> dict[str, PyJWK]:
    keys = json.loads(path.read_text())["keys"]
    return {key["kid"]: PyJWK.from_dict(key) for key in keys}


def issue_token(
    principal: Principal,
    *,
    signing_key_file: str,
    issuer: str,
    audience: str,
    lifetime: timedelta = timedelta(hours=8),
) -> str:
    """Issue a token with the development key; a district's identity provider does this in production.

    Args:
        principal: who the token is for.
        signing_key_file: a private JWK in JSON, with `kid` and `alg`.
        issuer: what the services expect as `iss`.
        audience: what they expect as `aud`.
        lifetime: until it expires.
    """
    key = json.loads(Path(signing_key_file).read_text())
    now = datetime.now(UTC)
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": audience,
        "iat": now,
        "exp": now + lifetime,
        "sub": principal.subject,
        "district": principal.district,
        "role": str(principal.role),
    }
    if principal.students is not None:
        claims["students"] = sorted(principal.students)
    return jwt.encode(claims, PyJWK.from_dict(key).key, algorithm=key["alg"], headers={"kid": key["kid"]})
