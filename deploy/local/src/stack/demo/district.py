"""Generate a district's schools, staff, classes and households from a shape and a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stack.demo import names
from stack.demo.households import household
from stack.demo.people import Household, School, SchoolClass, Shape, Staff, class_id

DEMO_SEED = 2027
ADMINISTRATORS = ("principal", "siteAdministrator")


@dataclass(frozen=True, kw_only=True)
class District:
    """Everything but the households, which are drawn one by one so that a large district needs no memory."""

    shape: Shape
    seed: int
    staff: tuple[Staff, ...]
    classes: tuple[SchoolClass, ...]

    def households(self) -> Iterator[Household]:
        """Draw households until the district has its students; the last one may be cut short."""
        missing, number = self.shape.students, 0
        while missing > 0:
            drawn = household(self.shape, self.seed, number=number, at_most=missing)
            yield drawn
            missing, number = missing - len(drawn.students), number + 1


def demo_shape(*, school_year: int = 2027) -> Shape:
    """Return the demo's district: three schools, about fifty students a grade in grades 4, 5, 8 and 12."""
    return Shape(
        district="jcps",
        school_year=school_year,
        schools=(
            School(sourced_id="sch-101", name="Shelby Park Elementary", grades=("4", "5")),
            School(sourced_id="sch-202", name="Río Salado Middle", grades=("8",)),
            School(sourced_id="sch-303", name="Beargrass High", grades=("12",)),
        ),
        students=200,
        sections=2,
        teachers=8,
        with_bad_rows=True,
    )


def generate(shape: Shape, seed: int = DEMO_SEED) -> District:
    """Return the district of this shape; the same shape and seed always give the same one."""
    staff = tuple(_staff(shape, seed))
    return District(shape=shape, seed=seed, staff=staff, classes=tuple(_classes(shape, staff)))


def _staff(shape: Shape, seed: int) -> Iterator[Staff]:
    """Draw each school's administrators, counselor and teachers."""
    for index, school in enumerate(shape.schools):
        roles = (*ADMINISTRATORS, "counselor", *("teacher" for _ in range(shape.teachers)))
        for position, role in enumerate(roles):
            is_last = position == len(roles) - 1
            # A teacher whom two schools share has a row for each: the trap of rosters that Ed-Fi exports.
            shared = shape.schools[index + 1 : index + 2] if is_last and index % 2 == 0 else ()
            numbers = names.seeded(seed, "staff", school.sourced_id, position)
            people = names.culture(numbers)
            yield Staff(
                sourced_id=f"st-{school.sourced_id[4:]}-{position:02}",
                identifier=f"E{index:03}{position:02}",
                given_name=numbers.choice(people.given),
                family_name=numbers.choice(people.family),
                role=role,
                schools=(school, *shared),
            )


def _classes(shape: Shape, staff: tuple[Staff, ...]) -> Iterator[SchoolClass]:
    """Give each grade of each school its homerooms and one class that all sections share."""
    for school in shape.schools:
        teachers = [each for each in staff if each.role == "teacher" and each.schools[0] == school]
        kinds = [
            (grade, kind, title)
            for grade in school.grades
            for kind, title in (
                *(("homeroom", f"Homeroom {grade}-{section}") for section in range(shape.sections)),
                ("scheduled", f"Project studio {grade}"),
            )
        ]
        for index, (grade, kind, title) in enumerate(kinds):
            section = index % (shape.sections + 1)
            yield SchoolClass(
                sourced_id=class_id(school, grade, section),
                title=title,
                kind=kind,
                grade=grade,
                school=school,
                teacher_sourced_id=teachers[index % len(teachers)].sourced_id,
            )
