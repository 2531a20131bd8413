"""A district whose defenses are all announced at once: schools of all sizes, families of many languages."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from contracts.defenses import DefenseScheduled, Seat
from notifications.domain.roster import Channel, Consent, Guardian, Relation, School, Student

DISTRICT = "jcps"
_ZONE = "America/Kentucky/Louisville"
#: How common each language is; Pashto has no texts yet and falls back.
_LANGUAGES = {"en": 70, "es": 14, "ar": 4, "so": 4, "sw": 3, "rw": 2, "ne": 2, "ps": 1}


@dataclass(frozen=True, kw_only=True)
class Family:
    """One student with one guardian, whom one channel reaches, and the defense that they must hear of."""

    student: Student
    guardian: Guardian
    defense: DefenseScheduled
    channel: Channel

    @property
    def address(self) -> str:
        """Where they are told."""
        return (self.guardian.email if self.channel is Channel.EMAIL else self.guardian.phone) or ""


@dataclass(frozen=True)
class Season:
    """All of them; the families of the largest school come first, so that it is in the way of all others."""

    schools: tuple[School, ...]
    families: tuple[Family, ...]


def season(*, defenses: int, schools: int, seed: int) -> Season:
    """Return a season of so many defenses at so many schools."""
    drawn = random.Random(seed)  # noqa: S311 - an example
    sizes = _sizes(defenses, schools, drawn)
    numbers = iter(range(defenses))
    made = tuple(
        School(school_id=f"sch-{place:03}", name=f"School {place}", time_zone=_ZONE, active=True)
        for place in range(schools)
    )
    families = tuple(
        _family(next(numbers), school, drawn)
        for school, size in zip(made, sizes, strict=True)
        for _ in range(size)
    )
    return Season(made, families)


def _sizes(defenses: int, schools: int, drawn: random.Random) -> list[int]:
    """Return how many defenses each school has, the most first: a few have many times what most have."""
    weights = sorted((drawn.lognormvariate(0, 0.8) for _ in range(schools)), reverse=True)
    sizes = [max(1, int(defenses * weight / sum(weights))) for weight in weights]
    sizes[0] += defenses - sum(sizes)
    return sizes


def _family(number: int, school: School, drawn: random.Random) -> Family:
    mark = f"{number:05}"
    channel = Channel.EMAIL if number % 2 == 0 else Channel.SMS
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30, minutes=20 * (number % 400))
    student_id, guardian_id = f"s-{mark}", f"g-{mark}"
    guardian = Guardian(
        guardian_id=guardian_id,
        language=drawn.choices(list(_LANGUAGES), list(_LANGUAGES.values()))[0],
        email=f"family.{mark}@example.org" if channel is Channel.EMAIL else None,
        # The simulator fails for numbers that end in 9995 to 9999.
        phone=f"+1502{2_000_000 + number * 11 // 10 * 10:07}" if channel is Channel.SMS else None,
        relations=(Relation(student_id=student_id, may_be_told=True),),
        consents=tuple(Consent(channel=each, granted=True, recorded_on=date(2026, 8, 1)) for each in Channel),
        active=True,
    )
    return Family(
        student=Student(
            student_id=student_id,
            school_id=school.school_id,
            given_name=drawn.choice(("Maya", "José", "عمر", "Ifrah", "Neza", "Anisha")),
            family_name="García",
            guardian_ids=(guardian_id,),
            active=True,
        ),
        guardian=guardian,
        defense=DefenseScheduled(
            defense_id=f"d-{mark}",
            revision=1,
            student_id=student_id,
            school_id=school.school_id,
            transition="12",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
            time_zone=_ZONE,
            room=f"Room {number % 40}",
            panel=(Seat(panelist_id="p-1", role="teacher"),),
        ),
        channel=channel,
    )


def sizes_by_school(families: tuple[Family, ...]) -> Iterator[tuple[str, int]]:
    """Yield each school with the number of its families."""
    counted: dict[str, int] = {}
    for each in families:
        counted[each.student.school_id] = counted.get(each.student.school_id, 0) + 1
    yield from counted.items()
