"""What the SMS provider posts to us: signed forms, answered in TwiML."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from xml.sax.saxutils import escape

from werkzeug.wrappers import Request, Response

from chassis.auth import ForbiddenError
from notifications.entrypoints import metrics
from notifications.settings import NotificationsSettings

_SIGNATURE = "X-Twilio-Signature"


class SignatureCheck:
    """Knows a form that the provider has signed.

    Args:
        auth_token: the account's secret.
        public_url: how the provider sees us; behind a proxy the request itself says something else.
        auth_token_before: the secret that it had until now; empty for none.
        others: the secrets of further accounts, by account; a form names its account.
    """

    def __init__(
        self,
        *,
        auth_token: str,
        public_url: str,
        auth_token_before: str = "",
        others: Mapping[str, str] | None = None,
    ) -> None:
        self._key = auth_token.encode()
        self._key_before = auth_token_before.encode()
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
        keys = self._known(form.get("AccountSid", ""))
        if not any(hmac.compare_digest(given.encode(), _sign(key, url, form)) for key in keys):
            metrics.WEBHOOKS_REFUSED.inc()
            raise ForbiddenError("the signature is not the provider's")
        return form

    def sign(self, url: str, form: Mapping[str, str]) -> str:
        """Return the first account's signature of a form that is posted to an address, as it is made now."""
        return _sign(self._key, url, form).decode()

    def _known(self, account: str) -> Sequence[bytes]:
        if account in self._others:
            return (self._others[account],)
        return (self._key, self._key_before) if self._key_before else (self._key,)


def signature_check(settings: NotificationsSettings) -> SignatureCheck:
    """Return the check of the accounts' signatures; while the first one's token is changed, both are good."""
    second = {settings.sms_second_account_sid: settings.sms_second_auth_token}
    return SignatureCheck(
        auth_token=settings.sms_auth_token,
        public_url=settings.public_url,
        auth_token_before=settings.sms_auth_token_before,
        others=second if settings.sms_second_url else {},
    )


def _sign(key: bytes, url: str, form: Mapping[str, str]) -> bytes:
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    # SHA-1 is what the provider documents; as an HMAC it still holds.
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha1).digest())


def twiml(answer: str = "") -> Response:
    """Return the provider's kind of answer, with a text to send back or without."""
    inner = f"<Message>{escape(answer)}</Message>" if answer else ""
    return Response(
        f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}</Response>',
        status=HTTPStatus.OK,
        content_type="text/xml",
    )
