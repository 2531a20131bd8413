"""Draw one household: its guardians, its students, and what is unusual about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from random import Random

from stack.demo import names
from stack.demo.people import Consent, Guardian, Household, School, Shape, Student, class_id


class Quirk(Enum):
    """What is unusual about a household; most have none."""

    NONE = auto()
    #: A court order: the second guardian may not be told about the first student.
    NO_CONTACT = auto()
    #: The first guardian said no to text messages.
    SMS_REFUSED = auto()
    #: The first guardian said no to email.
    EMAIL_REFUSED = auto()
    #: The first guardian was never asked.
    NEVER_ASKED = auto()
    UNUSABLE_PHONE = auto()
    UNUSABLE_EMAIL = auto()
    #: Two schools have the first student on their books, each with a row of its own.
    TWO_SCHOOLS = auto()


#: By household number modulo CYCLE, so that even the smallest district has each of them.
CYCLE = 24
_QUIRKS = {
    2: Quirk.NO_CONTACT,
    5: Quirk.SMS_REFUSED,
    8: Quirk.EMAIL_REFUSED,
    11: Quirk.NEVER_ASKED,
    14: Quirk.UNUSABLE_PHONE,
    17: Quirk.UNUSABLE_EMAIL,
    20: Quirk.TWO_SCHOOLS,
}
UNUSABLE_PHONE = "+1 502 555"  # too short for any country
UNUSABLE_EMAIL = "ask the office"
CHANNELS = ("email", "sms")
MOST_CHILDREN = 3


@dataclass(frozen=True, kw_only=True)
class _Draw:
    """What the members of one household have in common while it is drawn."""

    shape: Shape
    number: int
    quirk: Quirk
    numbers: Random
    culture: names.Culture
    family_name: str


def household(shape: Shape, seed: int, *, number: int, at_most: int) -> Household:
    """Draw the household of this number, with at most so many students.

    Args:
        shape: the district.
        seed: the same seed gives the same household.
        number: counts from 0.
        at_most: students that the district still lacks, at least 1.
    """
    numbers = names.seeded(seed, "household", number)
    culture = names.culture(numbers)
    draw = _Draw(
        shape=shape,
        number=number,
        quirk=_QUIRKS.get(number % CYCLE, Quirk.NONE),
        numbers=numbers,
        culture=culture,
        family_name=numbers.choice(culture.family),
    )
    adults = 2 if draw.quirk is Quirk.NO_CONTACT else numbers.choice((1, 2, 2))
    guardians = tuple(_guardian(draw, position) for position in range(adults))
    children = min(at_most, numbers.choice((1, 1, 2, 2, MOST_CHILDREN)))
    first_grade = numbers.randrange(len(shape.schools_by_grade))
    students = tuple(
        _student(draw, position, grade_index=first_grade + position, guardians=guardians)
        for position in range(children)
    )
    return Household(number=number, guardians=guardians, students=students)


def _guardian(draw: _Draw, position: int) -> Guardian:
    """Draw one adult; only the first one is unusual."""
    quirk = draw.quirk if position == 0 else Quirk.NONE
    given_name = draw.numbers.choice(draw.culture.given)
    index = draw.number * 2 + position
    consents = _consents(quirk)
    usable = {
        "email": quirk is not Quirk.UNUSABLE_EMAIL,
        "sms": quirk is not Quirk.UNUSABLE_PHONE,
    }
    return Guardian(
        sourced_id=f"g-{index:06}",
        given_name=given_name,
        family_name=draw.family_name,
        kind=draw.numbers.choice(("parent", "parent", "parent", "guardian", "relative")),
        language=_spoken(draw),
        email=names.email(given_name, draw.family_name, index) if usable["email"] else UNUSABLE_EMAIL,
        phone=names.phone(index) if usable["sms"] else UNUSABLE_PHONE,
        consents=consents,
        reachable=frozenset(each.channel for each in consents if each.granted and usable[each.channel]),
    )


def _consents(quirk: Quirk) -> tuple[Consent, ...]:
    if quirk is Quirk.NEVER_ASKED:
        return ()
    refused = {Quirk.EMAIL_REFUSED: "email", Quirk.SMS_REFUSED: "sms"}.get(quirk)
    return tuple(Consent(channel=channel, granted=channel != refused) for channel in CHANNELS)


def _spoken(draw: _Draw) -> str:
    """Return the language that an adult wants to be told in; some adults chose English at enrollment."""
    return draw.numbers.choice((*(draw.culture.language,) * 3, "en"))


def _student(draw: _Draw, position: int, *, grade_index: int, guardians: tuple[Guardian, ...]) -> Student:
    """Draw one child; only the first one is unusual."""
    quirk = draw.quirk if position == 0 else Quirk.NONE
    grades = tuple(draw.shape.schools_by_grade)
    grade = grades[grade_index % len(grades)]
    nearby = draw.shape.schools_by_grade[grade]
    school = nearby[draw.number % len(nearby)]
    second = _next_school(draw.shape, school) if quirk is Quirk.TWO_SCHOOLS else None
    told = guardians[:1] if quirk is Quirk.NO_CONTACT else guardians
    sections = draw.shape.sections
    index = draw.number * MOST_CHILDREN + position
    return Student(
        sourced_id=f"s-{index:06}",
        identifier=f"{9_000_000 + index}",
        given_name=draw.numbers.choice(draw.culture.given),
        family_name=draw.family_name,
        grade=grade,
        home_language=draw.culture.language,
        school=school,
        second_school=second,
        second_class_id=class_id(second, second.grades[0], sections) if second else None,
        told=tuple(each.sourced_id for each in told),
        untold=tuple(each.sourced_id for each in guardians if each not in told),
        class_ids=(class_id(school, grade, draw.number % sections), class_id(school, grade, sections)),
    )


def _next_school(shape: Shape, school: School) -> School:
    return shape.schools[(shape.schools.index(school) + 1) % len(shape.schools)]
