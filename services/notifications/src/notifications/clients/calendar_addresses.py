"""Addresses of families' calendars: a secret that is computed and not kept, so that emails can show it."""

import base64
import hmac
import json
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import quote


class CalendarAddresses:
    """Makes the addresses and knows them again; implements `use_cases.family_calendars.Addresses`.

    Args:
        keys: the first makes addresses; one of any of them is known, so that a key can be replaced: addresses
            that it has made hold until it is taken out.
        public_url: how families reach us.
    """

    def __init__(self, keys: Sequence[str], *, public_url: str) -> None:
        self._keys = [key.encode() for key in keys]
        self._public_url = public_url.rstrip("/")

    def url(self, district: str, guardian_id: str, *, edition: int) -> str:
        """Return the address of a calendar."""
        secret = _secret(self._keys[0], district, guardian_id, edition)
        path = "/".join(quote(part, safe="") for part in (district, guardian_id, secret))
        return f"{self._public_url}/v1/family-calendars/{path}.ics"

    def matches(self, secret: str, district: str, guardian_id: str, *, edition: int) -> bool:
        """Return whether a secret is that of a calendar; all keys are tried, in constant time."""
        known = [_secret(key, district, guardian_id, edition).encode() for key in self._keys]
        # A list, and not a generator: which of the keys it is must not be seen by the time.
        return any([hmac.compare_digest(secret.encode(), each) for each in known])  # noqa: C419


def _secret(key: bytes, district: str, guardian_id: str, edition: int) -> str:
    """Return 256 bits that nobody has without the key, of this guardian and edition only."""
    about = json.dumps(["family-calendar", district, guardian_id, edition])
    return base64.urlsafe_b64encode(hmac.digest(key, about.encode(), sha256)).decode().rstrip("=")
