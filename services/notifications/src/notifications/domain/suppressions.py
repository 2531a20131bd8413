"""Addresses to which nothing is sent any more, and the words by which people say so."""

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
class Keywords:
    """The words by which people ask, as policy data; all in lower case.

    Attributes:
        whole: a text that is nothing but this.
        opening: first words that mean a wish whatever follows them.
    """

    whole: Mapping[str, Wish]
    opening: Mapping[str, Wish]

    def wish(self, text: str) -> Wish | None:
        """Return what a text asks for, None when a person must read it."""
        words = "".join(c if c.isalnum() else " " for c in text.casefold()).split()
        whole = self.whole.get(" ".join(words))
        return whole or (self.opening.get(words[0]) if words else None)


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
