"""A text is shown as its reader would get it, and its cost is counted, before anything is sent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import icalendar
import pytest
from tests.unit.notifications.notification_examples import RULES, Examples, World
from tests.unit.notifications.notification_letters import SENDER

from notifications.clients.rendering import JinjaRenderer
from notifications.domain.facts import Kind, Standing
from notifications.domain.languages import TextRefusedError
from notifications.domain.messages import Purpose
from notifications.domain.preferences import Frequency, Preferences
from notifications.domain.pricing import LanguageCost, Sizes, Tally, total
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.segments import Encoding, Segments
from notifications.domain.specimens import kind_of, specimen
from notifications.domain.suppressions import Suppression
from notifications.repository import DistrictPolicies
from notifications.use_cases.identities import suppression_id
from notifications.use_cases.previewing import (
    Asked,
    Estimate,
    NotInTextsError,
    Preview,
    UnknownHereError,
    preview,
)

RENDERER = JinjaRenderer(SENDER)


@pytest.fixture
def asked() -> Asked:
    return Asked(
        purpose=Purpose.DEFENSE_SCHEDULED, channel=Channel.EMAIL, student_id="s-1", guardian_id="g-1"
    )


def seen(asked: Asked, world: World, now: Any = Examples.now, **rules: Any) -> Preview:
    return preview(
        asked,
        roster=world.roster,
        tellings=world.tellings,
        suppressions=world.suppressions,
        specimens=RENDERER,
        rules=replace(RULES, **rules),
        now=now,
    )


def suppressed(make: Examples, world: World, channel: Channel, address: str) -> None:
    world.suppressions.values[suppression_id(channel, address)] = Suppression(
        channel=channel, reason=Reason.OPTED_OUT, since=make.now, active=True
    )


def switched_off(world: World, channel: Channel) -> None:
    world.wishes.values["g-1"] = Preferences(
        guardian_id="g-1", choices={("milestones", channel): Frequency.OFF}
    )


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("channel", list(Channel))
def test_every_text_can_be_seen_for_a_student_of_whom_there_is_nothing_to_tell(
    world: World, purpose: Purpose, channel: Channel
) -> None:
    found = seen(Asked(purpose=purpose, channel=channel, student_id="s-1"), world)

    assert "Maya" in found.content.text
    assert (found.text.purpose, found.text.channel, found.text.language) == (purpose, channel, "en")
    assert not found.is_real
    assert found.refused is None
    assert not world.messages.values


def test_an_example_is_in_two_weeks_by_the_school_s_clocks_and_a_move_is_from_the_day_before(
    world: World,
) -> None:
    found = seen(Asked(purpose=Purpose.DEFENSE_MOVED, channel=Channel.EMAIL, student_id="s-1"), world)

    assert "Friday, December 4, 2026, 10:30 AM to 11:00 AM" in found.content.text
    assert "No longer: Thursday, December 3, 2026, 10:30 AM" in found.content.text
    [event] = icalendar.Calendar.from_ical(found.content.calendar).walk("VEVENT")
    assert event["attendee"] == "mailto:family@example.org"


def test_the_student_s_next_appointment_is_shown_where_there_is_one(
    make: Examples, world: World, asked: Asked
) -> None:
    week = timedelta(days=7)
    later = make.defense(fact_id="d-2", deadline=make.starts_at + week)
    for fact in (later, make.defense(), make.milestone(), make.cancelled(fact_id="d-3")):
        world.tellings.values[fact.fact_id] = make.telling(fact=fact)

    found = seen(asked, world)
    called_off = seen(replace(asked, purpose=Purpose.DEFENSE_CANCELLED), world)

    assert found.is_real
    assert "UID:defense-d-1@district.example" in found.content.calendar
    assert "mailto:ana@example.org" in found.content.calendar
    assert "STATUS:CANCELLED" in called_off.content.calendar
    assert seen(replace(asked, purpose=Purpose.OUTCOME_RELEASED), world).is_real is False


def test_a_guardian_s_own_language_is_shown_and_why_they_would_not_get_it(
    make: Examples, world: World, asked: Asked
) -> None:
    world.guardians.keep(make.guardian(language="es-MX", relations=()), version=2)

    found = seen(asked, world)

    assert found.content.language == "es"
    assert found.refused is Reason.MAY_NOT_BE_TOLD
    assert seen(asked, world, channels={}).refused is Reason.CHANNEL_UNUSED
    silent = replace(RULES.notices, told=())
    assert seen(asked, world, notices=silent).refused is Reason.DISTRICT_SILENT


@pytest.mark.parametrize("purpose", [Purpose.MILESTONE_SCHEDULED, Purpose.DIGEST])
def test_who_has_switched_it_off_or_whose_address_is_suppressed_would_not_get_it(
    make: Examples, world: World, asked: Asked, purpose: Purpose
) -> None:
    asked = replace(asked, purpose=purpose)
    assert seen(asked, world).refused is None

    suppressed(make, world, Channel.EMAIL, "ana@example.org")
    assert seen(asked, world).refused is Reason.OPTED_OUT
    switched_off(world, Channel.EMAIL)
    assert seen(asked, world).refused is Reason.SWITCHED_OFF


def test_a_language_that_is_asked_for_is_shown_for_its_reviewer_although_it_may_not_go_out(
    world: World, asked: Asked
) -> None:
    careful = replace(RULES.languages, send_unreviewed=False)

    found = seen(replace(asked, language="ES"), world, languages=careful)

    assert found.content.subject.startswith("Defensa de Maya")
    assert found.content.language == "es"
    with pytest.raises(TextRefusedError):
        seen(asked, world, languages=careful)


def test_a_language_or_a_version_without_texts_is_refused(world: World, asked: Asked) -> None:
    with pytest.raises(NotInTextsError, match="there are no texts in tlh") as language:
        seen(replace(asked, language="tlh"), world)
    with pytest.raises(NotInTextsError, match="there are no texts in 1999-01") as version:
        seen(replace(asked, version="1999-01"), world)

    assert (language.value.field, version.value.field) == ("language", "version")
    assert seen(replace(asked, version="2026-11"), world).content.template_version == "2026-11"


@pytest.mark.parametrize("gone", ["students", "schools", "guardians"])
def test_nobody_is_shown_about_whom_nothing_is_known(world: World, asked: Asked, gone: str) -> None:
    getattr(world, gone).values.clear()

    with pytest.raises(UnknownHereError):
        seen(asked, world)


@pytest.mark.parametrize(
    ("purpose", "kind", "standing"),
    [
        (Purpose.MILESTONE_REMINDER, Kind.MILESTONE, Standing.SET),
        (Purpose.MILESTONE_MISSED, Kind.MILESTONE, Standing.MISSED),
        (Purpose.DEFENSE_REMINDER, Kind.DEFENSE, Standing.SET),
        (Purpose.HEARING_ANNULLED, Kind.HEARING, Standing.ANNULLED),
        (Purpose.REDEFENSE_REQUESTED, Kind.HEARING, Standing.RELEASED),
    ],
)
def test_an_example_is_a_fact_of_the_kind_that_is_told(
    make: Examples, purpose: Purpose, kind: Kind, standing: Standing
) -> None:
    fact = specimen(purpose, "s-1", make.school(), now=make.now)

    assert (kind_of(purpose), fact.kind, fact.standing) == (kind, kind, standing)
    assert (fact.place is None) == (kind is Kind.HEARING)
    assert (fact.plan_due_on is not None) == (purpose is Purpose.REDEFENSE_REQUESTED)
    assert fact.deadline > make.now


ONE, THREE = Segments(1, Encoding.GSM_7), Segments(3, Encoding.UCS_2)


def test_case_21_the_cost_is_what_goes_out_under_the_cap() -> None:
    tally = Tally(most_parts=2)
    tally.add("es", Sizes("es", long=ONE, short=ONE))
    tally.add("ar", Sizes("ar", long=THREE, short=Segments(2, Encoding.UCS_2)))
    tally.add("ar", Sizes("ar", long=THREE, short=THREE))
    tally.add("hmn", Sizes("en", long=Segments(2, Encoding.GSM_7), short=ONE))
    tally.add("hmn", Sizes("en", long=ONE, short=Segments(2, Encoding.GSM_7)))

    rows = tally.rows()

    assert [(row.wanted, row.told_in) for row in rows] == [("hmn", "en"), ("ar", "ar"), ("es", "es")]
    assert rows[0] == LanguageCost(
        wanted="hmn", told_in="en", recipients=2, parts=3, parts_saved=1, in_unicode=0, shortened=0
    )
    assert rows[1].sums == {
        "recipients": 1,
        "parts": 2,
        "parts_saved": 0,
        "in_unicode": 1,
        "shortened": 1,
    }
    assert tally.unreached == {Reason.TEXT_TOO_LONG: 1}
    assert total(rows) == {
        "recipients": 4,
        "parts": 6,
        "parts_saved": 1,
        "in_unicode": 1,
        "shortened": 1,
    }
    assert Sizes("ar", long=THREE, short=ONE).sent(0) is THREE


def counted(
    make: Examples, world: World, purpose: Purpose = Purpose.DEFENSE_SCHEDULED, **rules: Any
) -> Tally:
    tally = Tally(most_parts=3)
    Estimate(
        purpose=purpose,
        roster=world.roster,
        suppressions=world.suppressions,
        specimens=RENDERER,
        rules=replace(RULES, **rules),
        now=make.now,
        tally=tally,
    ).count(list(world.students.values.values()))
    return tally


def test_the_cost_of_one_rare_letter_is_seen_before_anything_is_sent(make: Examples, world: World) -> None:
    world.students.keep(make.student(guardian_ids=("g-1", "g-2", "g-3")), version=2)
    world.students.keep(make.student(student_id="s-2", given_name="Łucja"), version=1)
    world.guardians.keep(
        make.guardian(
            relations=tuple(replace(make.guardian().relations[0], student_id=each) for each in ("s-1", "s-2"))
        ),
        version=2,
    )
    world.guardians.keep(make.guardian(guardian_id="g-2", language="es"), version=1)

    tally = counted(make, world)

    assert tally.rows() == [
        LanguageCost(
            wanted="en", told_in="en", recipients=2, parts=3, parts_saved=0, in_unicode=1, shortened=0
        ),
        LanguageCost(
            wanted="es", told_in="es", recipients=1, parts=1, parts_saved=0, in_unicode=0, shortened=0
        ),
    ]
    assert not tally.unreached


@pytest.mark.parametrize(
    ("change", "rules", "reason"),
    [
        ({"phone": None}, {}, Reason.NO_ADDRESS),
        ({"consents": ()}, {}, Reason.CONSENT_MISSING),
        ({}, {"languages": replace(RULES.languages, send_unreviewed=False)}, Reason.TEXT_NOT_REVIEWED),
    ],
)
def test_who_gets_no_text_message_is_counted_by_the_reason(
    make: Examples, world: World, change: Mapping[str, Any], rules: Mapping[str, Any], reason: Reason
) -> None:
    world.guardians.keep(make.guardian(**change), version=2)

    tally = counted(make, world, **rules)

    assert tally.rows() == []
    assert tally.unreached == {reason: 1}


def test_case_22_a_school_in_no_time_zone_makes_no_estimate_fail(make: Examples, world: World) -> None:
    world.schools.keep(make.school(time_zone="Mars/Phobos"), version=2)

    assert counted(make, world).unreached == {Reason.ZONE_UNKNOWN: 1}


def test_a_suppressed_number_costs_nothing_and_of_an_unknown_school_nothing_is_known(
    make: Examples, world: World
) -> None:
    suppressed(make, world, Channel.SMS, "+15025550101")
    world.students.keep(make.student(student_id="s-2", school_id="sch-9"), version=1)

    assert counted(make, world).unreached == {Reason.OPTED_OUT: 1}


def test_who_has_switched_a_purpose_off_costs_nothing(make: Examples, world: World) -> None:
    switched_off(world, Channel.SMS)

    assert counted(make, world, purpose=Purpose.MILESTONE_SCHEDULED).unreached == {Reason.SWITCHED_OFF: 1}
    assert not counted(make, world).unreached


def test_a_district_s_price_is_data() -> None:
    price = DistrictPolicies("").rules("jcps", on=date(2026, 11, 22)).channels[Channel.SMS].price

    assert price is not None
    assert (price.per_part, price.currency) == (Decimal("0.0083"), "USD")
