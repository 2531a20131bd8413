"""Families' own calendars: their addresses given out, replaced and taken back, and what they show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.envelope import derived_id
from notifications.domain.facts import Fact
from notifications.domain.feeds import FIRST_EDITION, FamilyFeed, NoFeedError, may_see, shown_as
from notifications.domain.news import News
from notifications.domain.planning import DistrictRules, Letter
from notifications.domain.roster import Channel
from notifications.domain.tellings import Telling
from notifications.use_cases.ports import Aggregates, Roster, silently

Feeds = Aggregates[FamilyFeed]


class Addresses(Protocol):
    """Makes addresses that nobody can guess, and knows them again."""

    def url(self, district: str, guardian_id: str, *, edition: int) -> str: ...

    def matches(self, secret: str, district: str, guardian_id: str, *, edition: int) -> bool: ...


class StudentTellings(Protocol):
    """Where facts are found by the students whom they are about."""

    def of_students(self, student_ids: Collection[str], /) -> Sequence[Telling]: ...


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Where families' calendars come from, for one district at one time."""

    feeds: Feeds
    tellings: StudentTellings
    roster: Roster
    addresses: Addresses
    rules: DistrictRules
    now: datetime

    def urls(self, guardian_ids: Collection[str]) -> Mapping[str, str]:
        """Return the addresses that emails show, by guardian; none of a calendar that was taken back."""
        district = self.rules.district
        if not guardian_ids or not self.rules.calendars.link_in_emails:
            return {}
        known = self.feeds.existing({feed_id(district, each) for each in guardian_ids})
        editions = {each: _edition(known.get(feed_id(district, each))) for each in guardian_ids}
        return {
            guardian_id: self.addresses.url(district, guardian_id, edition=edition)
            for guardian_id, edition in editions.items()
            if edition is not None
        }


def feed_id(district: str, guardian_id: str) -> str:
    """Return the id of a guardian's calendar; there is one of each."""
    return derived_id("family_calendar", district, guardian_id)


def give_out(guardian_id: str, *, by: str, shelf: Shelf) -> FamilyFeed:
    """Give a calendar a new address; the one that it had is useless from now on.

    Raises:
        NoFeedError: if there is no such guardian.
    """
    which = feed_id(shelf.rules.district, guardian_id)
    if shelf.roster.guardians.find(guardian_id) is None:
        raise NoFeedError(f"there is no guardian {guardian_id}")

    def renew(known: FamilyFeed | None) -> FamilyFeed:
        return (known or _first(which, guardian_id, shelf)).given_out(by=by, now=shelf.now)

    given = shelf.feeds.change(which, silently(renew))
    assert given is not None  # renew always returns one
    return given


def take_back(guardian_id: str, *, by: str, shelf: Shelf) -> FamilyFeed:
    """Make the address of a calendar useless, and give it no other.

    Raises:
        NoFeedError: if there is no such guardian.
    """
    which = feed_id(shelf.rules.district, guardian_id)
    if shelf.roster.guardians.find(guardian_id) is None:
        raise NoFeedError(f"there is no guardian {guardian_id}")

    def revoke(known: FamilyFeed | None) -> FamilyFeed | None:
        feed = known or _first(which, guardian_id, shelf)
        return None if feed.revoked else feed.taken_back(by=by, now=shelf.now)

    taken = shelf.feeds.change(which, silently(revoke))
    assert taken is not None  # there was one, or there is one now
    return taken


def read(guardian_id: str, secret: str, *, shelf: Shelf) -> list[Letter]:
    """Return what a calendar shows, in the order of time, by the rights that the guardian has now.

    Raises:
        NoFeedError: if there is no such calendar, or this is not its address.
    """
    rules, district = shelf.rules, shelf.rules.district
    edition = _edition(shelf.feeds.find(feed_id(district, guardian_id)))
    if edition is None or not shelf.addresses.matches(secret, district, guardian_id, edition=edition):
        raise NoFeedError("there is no such calendar")
    guardian = shelf.roster.guardians.find(guardian_id)
    if guardian is None or not guardian.active:
        raise NoFeedError("there is no such calendar")
    students = shelf.roster.students.existing({each.student_id for each in guardian.relations})
    shown = [
        telling
        for telling in shelf.tellings.of_students(tuple(students))
        if shown_as(telling.fact) in rules.notices.told
        and _is_recent(telling.fact, since=shelf.now - rules.calendars.past)
        and may_see(telling.fact, students[telling.fact.student_id], guardian)
    ]
    schools = shelf.roster.schools.existing({each.fact.school_id for each in shown})
    return [
        Letter(
            news=News(purpose=purpose, place=telling.fact.place),
            channel=Channel.EMAIL,
            fact=telling.fact,
            student=students[telling.fact.student_id],
            school=schools[telling.fact.school_id],
            address="",
            wanted_language=guardian.language,
            written_at=telling.since,
        )
        for telling in sorted(shown, key=lambda each: (each.fact.deadline, each.fact_id))
        if (purpose := shown_as(telling.fact)) and telling.fact.school_id in schools
    ]


def _is_recent(fact: Fact, *, since: datetime) -> bool:
    return fact.place is not None and fact.place.ends_at >= since


def _edition(feed: FamilyFeed | None) -> int | None:
    """Return which address a calendar has; None if it has none."""
    if feed is None:
        return FIRST_EDITION
    return None if feed.revoked else feed.edition


def _first(which: str, guardian_id: str, shelf: Shelf) -> FamilyFeed:
    return FamilyFeed(
        feed_id=which,
        guardian_id=guardian_id,
        edition=FIRST_EDITION,
        revoked=False,
        changed_at=shelf.now,
        changed_by="",
    )
