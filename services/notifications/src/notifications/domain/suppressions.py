"""Addresses to which nothing is sent any more, and the words by which people say so."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """One address of one channel that must not be used; its id is derived from both, it holds neither.

    Attributes:
        reason: OPTED_OUT, ADDRESS_REFUSED or COMPLAINED.
        since: when it last came into force.
        active: False once a person has lifted it.
    """

    channel: Channel
    reason: Reason
    since: datetime
    active: bool


class Wish(StrEnum):
    """What an incoming text asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


@dataclass(frozen=True)
class Word:
    """What a word asks for, and the tag of the language in which it does."""

    wish: Wish
    language: str


@dataclass(frozen=True)
class Keywords:
    """The words by which people ask, as policy data; all as `plain_words` writes them.

    Attributes:
        whole: a text that is nothing but this.
        opening: first words that mean a wish whatever follows them.
        answers: what a wish is answered with, by language; in `fallback` where a language has no answer.
    """

    whole: Mapping[str, Word]
    opening: Mapping[str, Word]
    answers: Mapping[Wish, Mapping[str, str]]
    fallback: str

    def asked(self, text: str) -> Word | None:
        """Return what a text asks for, None when a person must read it."""
        words = plain_words(text)
        whole = self.whole.get(words)
        return whole or self.opening.get(words.partition(" ")[0])

    def answer(self, word: Word) -> str:
        """Return what a word is answered with; empty where a wish needs no answer."""
        by_language = self.answers.get(word.wish, {})
        return by_language.get(word.language) or by_language.get(self.fallback, "")


def plain_words(text: str) -> str:
    """Return the words of a text in lower case with one space between them.

    Marks stay with their letters: without them words of several scripts fall apart.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in plain).split())


def suppress(
    known: Suppression | None, channel: Channel, reason: Reason, *, now: datetime
) -> Suppression | None:
    """Return the suppression to keep; None when it is in force already."""
    if known is None:
        return Suppression(channel=channel, reason=reason, since=now, active=True)
    if not known.active or (known.reason is not reason and reason is Reason.OPTED_OUT):
        return replace(known, reason=reason, since=now, active=True)
    return None


def lift(known: Suppression | None, *, now: datetime) -> Suppression | None:
    """Return an opt-out as lifted by its owner; None when there is none to lift.

    An address that a provider refused is not mended by a wish.
    """
    if known is None or not known.active or known.reason is not Reason.OPTED_OUT:
        return None
    return replace(known, active=False, since=now)
