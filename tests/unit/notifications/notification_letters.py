"""A letter for each purpose, and how it is written."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tests.unit.notifications.notification_examples import RULES, Examples

from notifications.clients.rendering import JinjaRenderer
from notifications.domain.facts import Fact
from notifications.domain.messages import Content, Purpose
from notifications.domain.news import News
from notifications.domain.planning import DistrictRules, Letter

LANGUAGE_TAGS = ("en", "es", "ar", "so", "sw", "rw", "ne")
SENDER = "Backpack of Success Skills <backpack@district.example>"


def moved(make: Examples, **fields: Any) -> Letter:
    """Return a letter about a move: a day later, and from the library into the usual room."""
    place = make.place()
    day = timedelta(days=1)
    before = replace(place, starts_at=place.starts_at - day, ends_at=place.ends_at - day, room="Library")
    news = News(purpose=Purpose.DEFENSE_MOVED, place=place, before=before)
    return make.letter(fact=make.defense(revision=2), news=news, **fields)


def called_off(make: Examples, *, to_be_rescheduled: bool = False, **fields: Any) -> Letter:
    news = News(purpose=Purpose.DEFENSE_CANCELLED, place=make.place())
    defense = make.cancelled(to_be_rescheduled=to_be_rescheduled)
    return make.letter(fact=defense, news=news, **fields)


def of_every_purpose(make: Examples, **fields: Any) -> list[Letter]:
    """Return a letter for each purpose; those of milestones and hearings are about facts of their kind."""

    def about(purpose: Purpose, fact: Fact, **news: Any) -> Letter:
        said = News(purpose=purpose, place=fact.place, **news)
        return make.letter(fact=fact, news=said, **fields)

    library = make.place(room="Library")
    milestone = make.milestone()
    days = {"plan_due_on": date(2026, 12, 10), "defend_by": date(2027, 1, 15)}
    return [
        make.letter(**fields),
        moved(make, **fields),
        called_off(make, **fields),
        about(Purpose.MILESTONE_SCHEDULED, milestone),
        about(Purpose.MILESTONE_MOVED, milestone, before=library),
        about(Purpose.MILESTONE_CANCELLED, milestone),
        about(Purpose.DEFENSE_REMINDER, make.defense()),
        about(Purpose.MILESTONE_REMINDER, milestone),
        about(Purpose.MILESTONE_MISSED, milestone),
        about(Purpose.HEARING_ADJOURNED, make.hearing()),
        about(Purpose.HEARING_ANNULLED, make.hearing()),
        about(Purpose.OUTCOME_RELEASED, make.hearing(), again=True),
        about(Purpose.REDEFENSE_REQUESTED, make.hearing(**days)),
    ]


def rendered(about: Letter, rules: DistrictRules = RULES) -> Content:
    return JinjaRenderer(SENDER).render(about, rules=rules)


def letter_of(make: Examples, purpose: Purpose, **fields: Any) -> Letter:
    [found] = [each for each in of_every_purpose(make, **fields) if each.news.purpose is purpose]
    return found
