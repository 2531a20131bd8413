"""Make sure that a notification comes from Amazon SNS: its signature, and where the certificate is from.

Source: Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages": the certificate is got
over HTTPS from an address of SNS. Signed are certain fields, each as its name and its value, a line each.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_TIMEOUT_S = (5.0, 10.0)
_LARGEST_CERTIFICATE_BYTES = 20_000
_MOST_CERTIFICATES = 8
#: SNS repeats a notification that was not taken for an hour; one that is older was kept by somebody.
_OLDEST = timedelta(hours=2)
_CLOCK_SLACK = timedelta(minutes=10)

#: Which fields are signed, in this order; those that are not there are left out.
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
    "UnsubscribeConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}
#: Version 1 is what a topic has that nobody has set to 2.
_HASHES: Mapping[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - AWS's


class ForgedError(ValueError):
    """The notification is not one that SNS has sent us; says why and nothing of what is in it."""


class SnsCheck:
    """Knows the notifications of one topic.

    Args:
        topic_arn: the topic that is ours.
        origin: scheme and host, as a regular expression, where certificates and confirmations may be.
    """

    def __init__(self, *, topic_arn: str, origin: str) -> None:
        self._topic_arn = topic_arn
        self._origin = re.compile(origin)
        self._keys: dict[str, rsa.RSAPublicKey] = {}
        self._http = requests.Session()
        # What this process talks to is in its settings, and not in a proxy variable.
        self._http.trust_env = False

    def verify(self, notification: Mapping[str, str], *, now: datetime) -> None:
        """Make sure that a notification is from our topic, of now, and unchanged.

        Raises:
            ForgedError: if it is not.
            requests.RequestException: if the certificate cannot be got now.
        """
        if not self._topic_arn or notification.get("TopicArn") != self._topic_arn:
            raise ForgedError("the topic is not ours")
        self._check_age(notification, now)
        names = _SIGNED.get(notification.get("Type", ""))
        algorithm = _HASHES.get(notification.get("SignatureVersion", ""))
        if names is None or algorithm is None:
            raise ForgedError("the type or the version of the signature is none of SNS's")
        text = "".join(f"{name}\n{notification[name]}\n" for name in names if name in notification)
        try:
            signature = base64.b64decode(notification.get("Signature", ""), validate=True)
            key = self._key(notification.get("SigningCertURL", ""), now)
            key.verify(signature, text.encode(), padding.PKCS1v15(), algorithm)
        except (binascii.Error, InvalidSignature) as error:
            raise ForgedError("the signature is not SNS's") from error

    def confirm(self, notification: Mapping[str, str]) -> None:
        """Confirm the subscription that a verified notification asks us to confirm.

        Raises:
            ForgedError: if it is to be confirmed elsewhere than at SNS.
            requests.RequestException: if SNS cannot be told now.
        """
        url = notification.get("SubscribeURL", "")
        self._check_origin(url)
        self._http.get(url, timeout=_TIMEOUT_S, allow_redirects=False).raise_for_status()

    def _check_age(self, notification: Mapping[str, str], now: datetime) -> None:
        try:
            sent_at = datetime.fromisoformat(notification.get("Timestamp", ""))
        except ValueError as error:
            raise ForgedError("there is no time") from error
        sent_at = sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)
        if not now - _OLDEST <= sent_at <= now + _CLOCK_SLACK:
            raise ForgedError("it is not of now")

    def _check_origin(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.username is not None or not self._origin.fullmatch(f"{parts.scheme}://{parts.netloc}"):
            raise ForgedError("the address is not SNS's")

    def _key(self, url: str, now: datetime) -> rsa.RSAPublicKey:
        self._check_origin(url)
        known = self._keys.get(url)
        if known is not None:
            return known
        answer = self._http.get(url, timeout=_TIMEOUT_S, allow_redirects=False)
        answer.raise_for_status()
        if len(answer.content) > _LARGEST_CERTIFICATE_BYTES:
            raise ForgedError("the certificate is none")
        try:
            certificate = x509.load_pem_x509_certificate(answer.content)
        except ValueError as error:
            raise ForgedError("the certificate is none") from error
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise ForgedError("the certificate's key is not RSA")
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise ForgedError("the certificate is not valid now")
        if len(self._keys) >= _MOST_CERTIFICATES:
            self._keys.clear()
        self._keys[url] = key
        return key
