"""Signed links by which a guardian ends emails of a kind with one click (RFC 8058)."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from itsdangerous import BadData, URLSafeTimedSerializer

from notifications.domain.messages import Message
from notifications.domain.planning import DistrictRules
from notifications.domain.preferences import Link
from notifications.domain.roster import Channel

UNSUBSCRIBE_PATH = "/webhooks/unsubscribe"
#: A token of another purpose is no token here, whichever key has signed it.
_SALT = "unsubscribe-v1"


class UnsubscribeLinks:
    """Writes and reads the links.

    Args:
        keys: secrets; the first one signs, and all of them are read.
        public_url: how families reach us, without a slash at the end.
    """

    def __init__(self, keys: Sequence[str], *, public_url: str) -> None:
        # The library signs with the last one.
        self._serializer = URLSafeTimedSerializer(list(reversed(keys)), salt=_SALT)
        self._public_url = public_url.rstrip("/")

    def url(self, message: Message, rules: DistrictRules) -> str:
        """Return the link of an email; empty for one that its reader must get."""
        topics = rules.preferences.unsubscribable(message)
        if message.channel is not Channel.EMAIL or not topics:
            return ""
        token = self._serializer.dumps([rules.district, message.guardian_id, *topics])
        return f"{self._public_url}{UNSUBSCRIBE_PATH}?{urlencode({'token': token})}"

    def read(self, token: str) -> tuple[Link, datetime] | None:
        """Return what a token stands for and when it was signed; None if it is not ours, or not whole."""
        try:
            (district, guardian_id, *topics), signed_at = self._serializer.loads(token, return_timestamp=True)
        except (BadData, ValueError):
            return None
        return Link(district=district, guardian_id=guardian_id, topics=topics), signed_at
