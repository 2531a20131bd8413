"""What the SMS provider posts to us: signed forms, answered in TwiML."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from http import HTTPStatus
from xml.sax.saxutils import escape

from werkzeug.wrappers import Request, Response

from chassis.auth import ForbiddenError
from notifications.entrypoints import metrics

_SIGNATURE = "X-Twilio-Signature"


class SignatureCheck:
    """Knows a form that the provider has signed.

    Args:
        auth_token: the account's secret.
        public_url: how the provider sees us; behind a proxy the request itself says something else.
        others: the secrets of further accounts, by account; a form names its account.
    """

    def __init__(self, *, auth_token: str, public_url: str, others: Mapping[str, str] | None = None) -> None:
        self._key = auth_token.encode()
        self._public_url = public_url.rstrip("/")
        self._others = {account: secret.encode() for account, secret in (others or {}).items()}

    def form(self, request: Request) -> Mapping[str, str]:
        """Return the form of a request that the provider has signed.

        Raises:
            ForbiddenError: if somebody else did, or nobody.

        Source: twilio.com/docs/usage/security, "Validating requests are coming from Twilio".
        """
        form: dict[str, str] = request.form.to_dict()
        query = request.query_string.decode("latin-1")
        url = f"{self._public_url}{request.path}{'?' if query else ''}{query}"
        given = request.headers.get(_SIGNATURE, "")
        key = self._others.get(form.get("AccountSid", ""), self._key)
        if not hmac.compare_digest(given.encode(), self.sign(url, form, key).encode()):
            metrics.WEBHOOKS_REFUSED.inc()
            raise ForbiddenError("the signature is not the provider's")
        return form

    def sign(self, url: str, form: Mapping[str, str], key: bytes = b"") -> str:
        """Return the signature of a form that is posted to an address; without a key, the first account's."""
        text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
        # SHA-1 is what the provider documents; as an HMAC it still holds.
        return base64.b64encode(hmac.new(key or self._key, text.encode(), hashlib.sha1).digest()).decode()


def twiml(answer: str = "") -> Response:
    """Return the provider's kind of answer, with a text to send back or without."""
    inner = f"<Message>{escape(answer)}</Message>" if answer else ""
    return Response(
        f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}</Response>',
        status=HTTPStatus.OK,
        content_type="text/xml",
    )
