"""Which language a family is told in: their own when there is a text in it, else the district's fallback."""

from collections.abc import Mapping
from dataclasses import dataclass

from notifications.domain.reasons import Reason


class TextRefusedError(ValueError):
    """A text cannot be made or may not go out; says why and holds nobody's words."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the text cannot be sent: {reason}")
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language in which there are texts.

    Attributes:
        tag: BCP 47, as in the texts' folder.
        locale: whose dates and times are written, such as `es_US`.
        direction: ltr or rtl; our own, because not every library knows every language.
        reviewed: whether a person who speaks it has read the texts.
    """

    tag: str
    locale: str
    direction: str
    reviewed: bool


@dataclass(frozen=True, kw_only=True)
class Languages:
    """The languages of a district, as policy data.

    Attributes:
        texts_version: the version of the texts that new messages are made with.
        fallback: the tag of the language for everybody else.
        send_unreviewed: whether a text that nobody has reviewed may go out.
        known: by tag in lower case.
    """

    texts_version: str
    fallback: str
    send_unreviewed: bool
    known: Mapping[str, Language]

    def choose(self, wanted: str) -> Language:
        """Return the language in which to tell someone who wants this one.

        Raises:
            TextRefusedError: if not even the fallback may go out.
        """
        primary, _, _ = wanted.partition("-")
        for tag in (wanted, primary, self.fallback):
            found = self.known.get(tag.lower())
            if found is not None and (found.reviewed or self.send_unreviewed):
                return found
        raise TextRefusedError(Reason.TEXT_NOT_REVIEWED)
