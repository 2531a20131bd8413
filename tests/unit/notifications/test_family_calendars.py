"""A guardian's own calendar: whose, behind which address, and what it shows today."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from tests.unit.notifications.notification_examples import RULES, Examples, World
from tests.unit.notifications.notification_letters import SENDER, rendered
from tests.unit.notifications.notification_service import Service

from chassis.testing import MemoryRepository
from notifications.clients.calendar_addresses import CalendarAddresses
from notifications.clients.rendering import JinjaRenderer
from notifications.domain.facts import Standing
from notifications.domain.feeds import CalendarRules, FamilyFeed, NoFeedError
from notifications.domain.messages import Purpose
from notifications.domain.news import News
from notifications.domain.planning import Letter
from notifications.domain.roster import Channel, Relation
from notifications.domain.tellings import Telling
from notifications.use_cases.drafting import Draft, compose, draft, look_up
from notifications.use_cases.family_calendars import Shelf, give_out, read, take_back
from notifications.use_cases.recalling import Recollection

OLD_KEY, NEW_KEY = "old" * 11, "new" * 11
ADDRESSES = CalendarAddresses([OLD_KEY], public_url="https://backpack.example/")
FIRST = ADDRESSES.url("jcps", "g-1", edition=1)


def secret_of(url: str | None) -> str:
    return (url or "").rpartition("/")[2].removesuffix(".ics")


@pytest.fixture
def shelf(world: World, make: Examples) -> Shelf:
    world.tellings.values["d-1"] = make.telling()
    return Shelf(
        feeds=MemoryRepository[FamilyFeed](),
        tellings=world.tellings,
        roster=world.roster,
        addresses=ADDRESSES,
        rules=replace(RULES, calendars=CalendarRules(link_in_emails=True)),
        now=make.now,
    )


def shown(shelf: Shelf, secret: str = secret_of(FIRST)) -> list[tuple[str, Purpose]]:
    return [(each.fact.fact_id, each.news.purpose) for each in read("g-1", secret, shelf=shelf)]


def test_a_guardian_who_never_asked_has_a_calendar_whose_address_nobody_can_guess(shelf: Shelf) -> None:
    assert shelf.urls(["g-1"]) == {"g-1": FIRST}
    assert FIRST.startswith("https://backpack.example/v1/family-calendars/jcps/g-1/")
    assert len(secret_of(FIRST)) == 43
    assert shown(shelf) == [("d-1", Purpose.DEFENSE_SCHEDULED)]


@pytest.mark.parametrize(
    "other",
    [
        ADDRESSES.url("jcps", "g-2", edition=1),
        ADDRESSES.url("fcps", "g-1", edition=1),
        ADDRESSES.url("jcps", "g-1", edition=2),
        CalendarAddresses([NEW_KEY], public_url="https://x").url("jcps", "g-1", edition=1),
        "/.ics",
        "/é.ics",
    ],
)
def test_the_secret_of_another_calendar_opens_nothing(shelf: Shelf, other: str) -> None:
    with pytest.raises(NoFeedError, match="there is no such calendar"):
        read("g-1", secret_of(other), shelf=shelf)


def test_a_new_address_replaces_the_old_and_one_that_was_taken_back_is_gone(shelf: Shelf) -> None:
    second = give_out("g-1", by="g-1", shelf=shelf)
    assert (second.edition, second.changed_by) == (2, "g-1")
    new = shelf.urls(["g-1"])["g-1"]
    assert shown(shelf, secret_of(new)) == [("d-1", Purpose.DEFENSE_SCHEDULED)]
    with pytest.raises(NoFeedError):
        shown(shelf)

    taken = take_back("g-1", by="c-1", shelf=shelf)
    again = take_back("g-1", by="c-2", shelf=shelf)
    assert taken.revoked
    assert again == taken
    assert shelf.urls(["g-1"]) == {}
    with pytest.raises(NoFeedError):
        shown(shelf, secret_of(new))

    third = give_out("g-1", by="g-1", shelf=shelf)
    assert (third.edition, third.revoked) == (3, False)


def test_the_first_address_can_be_taken_back_and_nobody_s_cannot(shelf: Shelf) -> None:
    assert take_back("g-1", by="c-1", shelf=shelf).revoked
    for change in (give_out, take_back):
        with pytest.raises(NoFeedError, match="there is no guardian g-9"):
            change("g-9", by="c-1", shelf=shelf)


def test_case_29_after_a_key_was_replaced_both_are_known_until_the_old_one_is_taken_out(shelf: Shelf) -> None:
    both = CalendarAddresses([NEW_KEY, OLD_KEY], public_url="https://backpack.example")
    new_only = CalendarAddresses([NEW_KEY], public_url="https://backpack.example")
    secret = secret_of(both.url("jcps", "g-1", edition=1))

    assert secret != secret_of(FIRST)
    for known in (secret, secret_of(FIRST)):
        assert shown(replace(shelf, addresses=both), known)
    assert shown(replace(shelf, addresses=new_only), secret)
    with pytest.raises(NoFeedError):
        shown(replace(shelf, addresses=new_only))


@pytest.mark.parametrize(
    "now",
    [
        {"relations": (Relation(student_id="s-1", may_be_told=False),)},
        {"relations": ()},
    ],
)
def test_case_23_rights_are_those_of_the_moment_in_which_the_calendar_is_read(
    make: Examples, world: World, shelf: Shelf, now: Mapping[str, Any]
) -> None:
    world.guardians.keep(make.guardian(**now), version=2)

    assert shown(shelf) == []


def test_case_23_a_guardian_sees_no_other_child_and_who_is_no_longer_on_record_sees_none(
    make: Examples, world: World, shelf: Shelf
) -> None:
    world.tellings.values["d-2"] = make.telling(fact=make.defense(fact_id="d-2", student_id="s-2"))
    both = tuple(Relation(student_id=each, may_be_told=True) for each in ("s-1", "s-2"))
    world.guardians.keep(make.guardian(relations=both), version=2)
    world.students.keep(make.student(student_id="s-2", guardian_ids=("g-9",)), version=1)

    assert shown(shelf) == [("d-1", Purpose.DEFENSE_SCHEDULED)]
    world.students.keep(make.student(student_id="s-2"), version=2)
    assert [fact_id for fact_id, _ in shown(shelf)] == ["d-1", "d-2"]
    world.students.keep(make.student(guardian_ids=()), version=2)
    assert [fact_id for fact_id, _ in shown(shelf)] == ["d-2"]


def test_a_guardian_who_has_left_has_no_calendar(make: Examples, world: World, shelf: Shelf) -> None:
    world.guardians.keep(make.guardian(active=False), version=2)
    with pytest.raises(NoFeedError):
        shown(shelf)
    world.guardians.values.clear()
    with pytest.raises(NoFeedError):
        shown(shelf)


def facts_of(make: Examples) -> Sequence[Telling]:
    early = make.place(starts_at=make.starts_at - timedelta(days=1))
    long_ago = make.place(ends_at=make.now - timedelta(days=31))
    facts = [
        make.cancelled(fact_id="off"),
        make.milestone(fact_id="early", place=early, deadline=early.starts_at),
        make.milestone(fact_id="missed", standing=Standing.MISSED),
        make.defense(fact_id="long ago", place=long_ago),
        make.defense(fact_id="nowhere", school_id="sch-9"),
        make.hearing(fact_id="hearing"),
    ]
    return [make.telling(fact=each) for each in facts]


def test_a_calendar_shows_appointments_in_the_order_of_time_and_what_was_called_off(
    make: Examples, world: World, shelf: Shelf
) -> None:
    world.tellings.values.update({each.fact_id: each for each in facts_of(make)})

    assert shown(shelf) == [
        ("early", Purpose.MILESTONE_SCHEDULED),
        ("d-1", Purpose.DEFENSE_SCHEDULED),
        ("missed", Purpose.MILESTONE_SCHEDULED),
        ("off", Purpose.DEFENSE_CANCELLED),
    ]


def test_a_calendar_shows_nothing_that_the_district_does_not_tell(shelf: Shelf) -> None:
    silent = replace(shelf.rules, notices=replace(shelf.rules.notices, told=frozenset()))

    assert shown(replace(shelf, rules=silent)) == []


def calendar_of(letters: Sequence[Letter]) -> Any:
    return icalendar.Calendar.from_ical(JinjaRenderer(SENDER).family_calendar(letters, rules=RULES))


def test_case_27_a_subscribed_entry_is_the_same_one_as_the_invited_one(make: Examples, shelf: Shelf) -> None:
    calendar = calendar_of(read("g-1", secret_of(FIRST), shelf=shelf))
    [invited] = icalendar.Calendar.from_ical(rendered(make.letter()).calendar).walk("VEVENT")
    [event] = calendar.walk("VEVENT")

    for name in ("uid", "sequence", "dtstart", "dtend", "summary", "location", "status"):
        assert event[name] == invited[name], name
    assert "method" not in calendar
    assert "attendee" not in event
    assert "organizer" not in event
    assert calendar["x-wr-calname"] == "Backpack of Success Skills"


def test_a_calendar_is_the_same_until_something_changes(make: Examples, world: World, shelf: Shelf) -> None:
    def written(shelf: Shelf) -> str:
        letters = read("g-1", secret_of(FIRST), shelf=shelf)
        return JinjaRenderer(SENDER).family_calendar(letters, rules=RULES)

    before = written(shelf)
    assert written(replace(shelf, now=make.after(60))) == before
    world.tellings.values["d-1"] = make.telling(fact=make.defense(revision=2))
    assert written(shelf) != before


def test_an_entry_that_cannot_be_written_is_left_out_and_the_others_are_not(
    make: Examples, world: World, shelf: Shelf
) -> None:
    lost = make.defense(fact_id="d-2", place=make.place(time_zone="Mars/Phobos"))
    nowhere = make.letter(news=News(purpose=Purpose.OUTCOME_RELEASED), fact=make.hearing())
    world.tellings.values["d-2"] = make.telling(fact=lost)

    letters = read("g-1", secret_of(FIRST), shelf=shelf)

    assert len(letters) == 2
    assert len(calendar_of([*letters, nowhere]).walk("VEVENT")) == 1


def test_emails_about_appointments_show_the_address_and_text_messages_do_not(
    make: Examples, world: World, shelf: Shelf
) -> None:
    asked: list[Collection[str]] = []

    def urls(guardian_ids: Collection[str]) -> Mapping[str, str]:
        asked.append(guardian_ids)
        return shelf.urls(guardian_ids)

    desk = replace(world.desk(renderer=JinjaRenderer(SENDER)), calendar_urls=urls)
    drafts: list[Draft] = []
    for fact in (make.defense(), make.hearing()):
        known = look_up([fact], world.roster, Recollection({}))
        drafts += draft(fact, known, patient=True, rules=RULES, now=make.now).ready
    messages = compose(drafts, desk)

    showing = [
        (each.channel, each.fact_id)
        for each in messages
        if each.content and FIRST in each.content.text + each.content.html
    ]
    assert showing == [(Channel.EMAIL, "d-1")]
    assert asked == [{"g-1"}]


def test_a_district_may_keep_the_address_out_of_emails(shelf: Shelf) -> None:
    quiet = replace(shelf, rules=replace(RULES, calendars=CalendarRules()))

    assert quiet.urls(["g-1"]) == {}
    assert shelf.urls([]) == {}
    assert shown(quiet) == [("d-1", Purpose.DEFENSE_SCHEDULED)]


def test_the_link_in_an_email_is_escaped_and_a_button_of_words(make: Examples) -> None:
    content = rendered(make.letter(calendar_url='https://x.example/a?b="c"&d'))

    assert 'href="https://x.example/a?b=&quot;c&quot;&amp;d"' in content.html
    assert ">See your family's calendar</a>" in content.html
    assert 'See your family\'s calendar\nhttps://x.example/a?b="c"&d\n' in content.text


def test_who_is_told_without_calendars_still_gets_an_email(make: Examples) -> None:
    service = Service(make)
    service.hear(make.event())
    service.round()

    assert service.sent() == [(1, Purpose.DEFENSE_SCHEDULED)]
