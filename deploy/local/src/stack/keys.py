"""The development issuer: a key pair of this machine, and tokens signed with it."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from chassis.auth import SCOPED_ROLES, Principal, Role, issue_token

ISSUER = "https://issuer.backpack.localhost"
AUDIENCE = "backpack"

#: What a private JWK has beyond its public one: RFC 7518 section 6.3.2 and RFC 8037 section 2.
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})
_RSA_BITS = 2048


@dataclass(frozen=True)
class Keys:
    """The files of the development issuer.

    Attributes:
        jwks: the public keys, which services check tokens against.
        signing: the private EdDSA key as a JWK, which tokens are signed with.
        signing_rs256: the private RSA key, for those who want to see that it is accepted too.
    """

    jwks: Path
    signing: Path
    signing_rs256: Path

    def token(
        self, subject: str, role: str, students: Collection[str] | None = None, district: str = "jcps"
    ) -> str:
        """Return a bearer token.

        Args:
            subject: a staff, student or guardian id, or the portal's name.
            role: one of chassis.auth.Role.
            students: whom a student or guardian may see; a student sees itself when nothing is said.
            district: the tenant.

        Raises:
            ValueError: if there is no such role.
        """
        known = Role(role)
        seen: frozenset[str] | None = None
        if known in SCOPED_ROLES:
            own = {subject} if known is Role.STUDENT else set()
            seen = frozenset(own if students is None else students)
        principal = Principal(subject, district, known, seen)
        return issue_token(principal, signing_key_file=str(self.signing), issuer=ISSUER, audience=AUDIENCE)


def ensure(directory: Path) -> Keys:
    """Make the keys once; a later call finds those that are there, so issued tokens stay good."""
    keys = Keys(directory / "jwks.json", directory / "signing.json", directory / "signing-rs256.json")
    # The public file comes last: when it is there, all are.
    if keys.jwks.exists():
        return keys
    directory.mkdir(parents=True, exist_ok=True)
    edwards = OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate(), as_dict=True)
    classic = RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, _RSA_BITS), as_dict=True)
    private = {
        keys.signing: {**edwards, "kid": "development-eddsa", "alg": "EdDSA", "use": "sig"},
        keys.signing_rs256: {**classic, "kid": "development-rs256", "alg": "RS256", "use": "sig"},
    }
    for path, key in private.items():
        _write_private(path, json.dumps({name: value for name, value in key.items() if name != "key_ops"}))
    public = [
        {name: value for name, value in key.items() if name not in _PRIVATE and name != "key_ops"}
        for key in private.values()
    ]
    unfinished = keys.jwks.with_suffix(".part")
    unfinished.write_text(json.dumps({"keys": public}, indent=2))
    unfinished.rename(keys.jwks)
    return keys


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123 - born private
        file.write(text)
