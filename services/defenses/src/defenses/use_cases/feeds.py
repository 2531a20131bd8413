"""Calendar addresses given out, taken back and looked up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from contracts.base import Fact
from contracts.envelope import derived_id
from defenses.domain.defenses import Defense, school_year
from defenses.domain.feeds import PANELIST, Feed, NoFeedError
from defenses.domain.scheduling.season import SeasonPolicy
from defenses.use_cases.stores import Aggregates, Finder

#: Whether a secret is the one that a digest was made of, in constant time.
Matches = Callable[[str, str], bool]


def feed_id(kind: str, school_id: str, about_id: str) -> str:
    """Return the id of a calendar; there is one of each thing."""
    return derived_id("feed", kind, school_id, about_id)


def give_out(wanted: Feed, *, feeds: Aggregates[Feed]) -> Feed:
    """Give a calendar a new address; the one that it had is useless from now on."""
    return feeds.change(wanted.feed_id, lambda _: (wanted, ())) or wanted


def revoke(which: str, *, by: str, feeds: Aggregates[Feed], now: datetime) -> Feed:
    """Take a calendar's address back.

    Raises:
        NoFeedError: if there is no such calendar.
    """

    def decide(found: Feed | None) -> tuple[Feed, Sequence[Fact]] | None:
        if found is None:
            raise NoFeedError(f"there is no calendar {which}")
        return (found.revoked(by=by, now=now), ()) if found.digest else None

    revoked = feeds.change(which, decide)
    assert revoked is not None  # decide has raised if there is none
    return revoked


def read(
    which: str,
    secret: str,
    *,
    feeds: Finder[Feed],
    defenses: Finder[Defense],
    season: SeasonPolicy,
    matches: Matches,
    now: datetime,
) -> list[Defense]:
    """Return what a calendar shows of this school year, in the order of time; called-off defenses too.

    Raises:
        NoFeedError: if there is no such calendar, or its secret is another one.
    """
    feed = feeds.find(which)
    if feed is None or not feed.digest or not matches(secret, feed.digest):
        raise NoFeedError("there is no such calendar")
    year = school_year(now.date(), starts=season.year_starts)
    # Of a room the whole school is read, and of a panelist all years: it is a few hundred defenses, and with
    # a field more the embedded store would use no index.
    if feed.kind == PANELIST:
        known = defenses.select(panelist_ids=feed.about_id)
    else:
        known = defenses.select(school_id=feed.school_id, school_year=year)
    found = [each for each in known if each.school_year == year and feed.shows(each)]
    return sorted(found, key=lambda each: (each.starts_at, each.defense_id))
