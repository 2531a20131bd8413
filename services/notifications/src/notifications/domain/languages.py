"""Which language a family is told in: their own if a text in it may go out, else the nearest that may."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from notifications.domain.messages import Purpose
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel


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
    """

    tag: str
    locale: str
    direction: str


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text: what is told, where and in which language; its digest changes with every edit."""

    purpose: Purpose
    channel: Channel
    language: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Review:
    """That a person who speaks the language has read a text, as it was then.

    Attributes:
        text: with the digest of what was read.
        by: a name or a role, as the district writes it.
        on: the day.
    """

    text: Text
    by: str
    on: date


class Reading(StrEnum):
    """Whether a text has been read by a person; CHANGED is one that was edited since."""

    REVIEWED = "reviewed"
    CHANGED = "changed"
    NOT_REVIEWED = "not_reviewed"


@dataclass(frozen=True, kw_only=True)
class Languages:
    """The languages of a district, as policy data.

    Attributes:
        texts_version: the version of the texts that new messages are made with.
        fallback: the tag of the language for everybody else.
        send_unreviewed: whether a text that nobody has reviewed may go out.
        known: by tag in lower case.
        near: by tag in lower case, which languages are read instead by those for whom there is no text.
        reviews: who has read which text.
    """

    texts_version: str
    fallback: str
    send_unreviewed: bool
    known: Mapping[str, Language]
    near: Mapping[str, Sequence[str]]
    reviews: Collection[Review] = ()

    def choose(self, wanted: str, text_in: Callable[[Language], Text]) -> Language:
        """Return the language in which to tell someone who wants this one.

        Args:
            wanted: a BCP 47 tag.
            text_in: the text that they would get in a language.

        Raises:
            TextRefusedError: if not even the fallback may go out.
        """
        for language in self.chain(wanted):
            if self.send_unreviewed or self.reading(text_in(language)) is Reading.REVIEWED:
                return language
        raise TextRefusedError(Reason.TEXT_NOT_REVIEWED)

    def chain(self, wanted: str) -> Sequence[Language]:
        """Return the languages for someone who wants this one: theirs, those near to it, the fallback."""
        tags = [tag for own in _ever_shorter(wanted.lower()) for tag in (own, *self.near.get(own, ()))]
        known = (self.known.get(tag.lower()) for tag in (*tags, self.fallback))
        return tuple(dict.fromkeys(language for language in known if language is not None))

    def reading(self, text: Text) -> Reading:
        """Return whether a text has been read as it is now."""
        known = self.review(text)
        if known is None:
            return Reading.NOT_REVIEWED
        return Reading.REVIEWED if known.text == text else Reading.CHANGED

    def review(self, text: Text) -> Review | None:
        """Return the review of a text as it is now, else the latest of what it was; None if there is none."""
        found = [each for each in self.reviews if _place(each.text) == _place(text)]
        return max(found, key=lambda each: (each.text == text, each.on), default=None)


def _ever_shorter(tag: str) -> Sequence[str]:
    """Return `zh-hant-tw`, `zh-hant`, `zh`."""
    subtags = tag.split("-")
    return ["-".join(subtags[:length]) for length in range(len(subtags), 0, -1)]


def _place(text: Text) -> tuple[Purpose, Channel, str]:
    return text.purpose, text.channel, text.language
