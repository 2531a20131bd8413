"""A version is drafted, published from a later day on, recalled until then, and never edited in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.unit.scoring.rubrics.rubric_examples import (
    CRAFT,
    MESSAGE,
    MONDAY,
    NAMES,
    NEXT_SUMMER,
    TUESDAY,
    MemoryLibrary,
    crosswalk,
    filed,
    framework,
    link,
)

from chassis.testing import MemoryRepository
from scoring.domain.rubrics import (
    CriterionRef,
    InvalidFrameworkError,
    NoVersionError,
    RubricVersion,
    VersionIsFixedError,
    VersionState,
    WrongDayError,
    to_table,
)
from scoring.use_cases import rubrics as use_cases

WHOLE = framework("2027.1", crosswalk("2026.1", link(MESSAGE, CRAFT)))


class Desk:
    """A district's admin at work on Monday."""

    def __init__(self) -> None:
        self.versions: MemoryRepository[RubricVersion] = MemoryRepository()
        self.library = MemoryLibrary(self.versions, filed())
        self.writing = use_cases.Writing(
            district="jcps", at=MONDAY, by="admin", library=self.library, versions=self.versions
        )

    def draft(self, version: str = "2027.1") -> RubricVersion:
        return use_cases.draft_version(framework(version), self.writing)

    def publish(self, version: str = "2027.1", effective: date = NEXT_SUMMER) -> RubricVersion:
        return use_cases.publish_version(version, effective, self.writing)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_draft_may_be_written_anew(desk: Desk) -> None:
    desk.draft()

    again = use_cases.draft_version(WHOLE, replace(desk.writing, at=TUESDAY))

    assert (again.framework, again.state, again.effective) == (WHOLE, VersionState.DRAFT, None)
    assert [(each.at, each.by, each.what) for each in again.history] == [
        (MONDAY, "admin", "drafted"),
        (TUESDAY, "admin", "drafted"),
    ]


def test_a_published_version_is_in_force_from_its_day_on(desk: Desk) -> None:
    desk.draft()

    published = desk.publish()

    assert (published.state, published.effective) == (VersionState.PUBLISHED, NEXT_SUMMER)
    assert published.history[-1].what == "published from 2027-07-01"
    assert not published.in_force_by(date(2027, 6, 30))
    assert published.in_force_by(NEXT_SUMMER)


def test_a_published_version_is_not_edited_nor_published_again(desk: Desk) -> None:
    desk.draft()
    desk.publish()

    with pytest.raises(VersionIsFixedError, match="a change is a version of its own"):
        desk.draft()
    with pytest.raises(VersionIsFixedError, match="is published already"):
        desk.publish()


def test_a_version_that_is_not_in_force_may_be_recalled_and_one_that_is_may_not(desk: Desk) -> None:
    desk.draft()
    with pytest.raises(VersionIsFixedError, match="is not published"):
        use_cases.recall_version("2027.1", desk.writing)
    desk.publish(effective=TUESDAY.date())

    with pytest.raises(VersionIsFixedError, match="scores are bound to it"):
        use_cases.recall_version("2027.1", replace(desk.writing, at=TUESDAY))
    recalled = use_cases.recall_version("2027.1", desk.writing)

    assert (recalled.state, recalled.effective) == (VersionState.DRAFT, None)
    assert [each.what for each in recalled.history] == [
        "drafted",
        "published from 2026-11-24",
        "recalled",
    ]
    desk.draft()


def test_a_version_comes_into_force_on_a_later_day_that_no_other_one_has(desk: Desk) -> None:
    desk.draft("2027.1")
    desk.draft("2027.2")
    desk.publish("2027.1")

    with pytest.raises(WrongDayError, match="later day than today"):
        desk.publish("2027.2", MONDAY.date())
    with pytest.raises(WrongDayError, match="another version comes into force on 2027-07-01"):
        desk.publish("2027.2")


def test_a_version_in_the_districts_files_is_not_written_over(desk: Desk) -> None:
    with pytest.raises(VersionIsFixedError, match="stands in the district's files"):
        desk.draft("2026.1")
    with pytest.raises(NoVersionError, match=r"no version 2026\.1 was written over the API"):
        desk.publish("2026.1")


def test_what_does_not_exist_is_said_to_be_missing(desk: Desk) -> None:
    with pytest.raises(NoVersionError, match="no version 2099"):
        use_cases.show_version("2099", library=desk.library)
    with pytest.raises(NoVersionError):
        desk.publish("2099")
    with pytest.raises(NoVersionError):
        use_cases.set_crosswalks("2099", (), desk.writing)


def test_nothing_of_a_wrong_framework_is_kept(desk: Desk) -> None:
    nobody = CriterionRef("communicator-k-5", "nobody")
    wrong = framework("2027.1", crosswalk("2026.1", link(nobody, MESSAGE)), crosswalk("1999"))

    with pytest.raises(InvalidFrameworkError) as refused:
        use_cases.draft_version(wrong, desk.writing)

    assert [each.field for each in refused.value.faults] == [
        "crosswalks.0.links.0.old",
        "crosswalks.1.from_version",
    ]
    assert desk.versions.values == {}


def test_a_skill_without_a_rubric_in_some_grade_may_be_drafted_and_not_published(desk: Desk) -> None:
    whole = framework()
    part = type(whole)(**{**vars(whole), "rubrics": whole.rubrics[:1]})
    use_cases.draft_version(part, desk.writing)

    with pytest.raises(InvalidFrameworkError, match="has no rubric in grade 6"):
        desk.publish()


def test_drafts_that_lead_to_one_another_are_refused(desk: Desk) -> None:
    desk.draft("2027.1")
    same = link(MESSAGE, MESSAGE)
    use_cases.draft_version(framework("2027.2", crosswalk("2027.1", same)), desk.writing)

    with pytest.raises(InvalidFrameworkError, match="round in a circle") as refused:
        use_cases.set_crosswalks("2027.1", [crosswalk("2027.2", same)], desk.writing)

    assert [each.field for each in refused.value.faults] == ["crosswalks"]
    assert desk.library.find("2027.1").framework.crosswalks == ()  # type: ignore[union-attr]


def test_a_crosswalk_that_came_to_dangle_stops_the_publication(desk: Desk) -> None:
    desk.draft("2027.1")
    use_cases.draft_version(framework("2027.2", crosswalk("2027.1", link(CRAFT, MESSAGE))), desk.writing)
    lower, upper = framework("2027.1").rubrics
    without = type(lower)(**{**vars(lower), "criteria": lower.criteria[:1]})
    shorter = framework("2027.1")
    shorter = type(shorter)(**{**vars(shorter), "rubrics": (without, upper)})
    use_cases.draft_version(shorter, desk.writing)

    with pytest.raises(InvalidFrameworkError, match="has no criterion craft"):
        desk.publish("2027.2")


def test_old_levels_are_said_in_the_terms_of_a_later_version(desk: Desk) -> None:
    use_cases.draft_version(WHOLE, desk.writing)
    further = framework("2028.1", crosswalk("2027.1", link(CRAFT, MESSAGE)))
    use_cases.draft_version(further, desk.writing)

    found = use_cases.carry_over({MESSAGE: 3, CRAFT: 1}, old="2026.1", new="2028.1", library=desk.library)

    assert found.levels == {MESSAGE: ((MESSAGE, 3),)}
    assert found.left == (CRAFT,)


def test_a_case_package_is_drafted_with_crosswalks_from_any_version_of_the_district(desk: Desk) -> None:
    desk.draft("2026.9")
    links = (crosswalk("2026.1", link(MESSAGE, CRAFT)), crosswalk("2026.9", link(CRAFT, CRAFT)))
    use_cases.draft_version(framework("2027.1", *links), desk.writing)
    package = use_cases.case_package("2027.1", district="jcps", at=MONDAY, library=desk.library)

    drafted = use_cases.draft_from_case(package, "2027.1", desk.writing)

    assert drafted.framework == framework("2027.1", *links)
    assert package["CFDocument"]["identifier"] == NAMES.of("2027.1", "document")


def test_a_table_is_drafted_without_crosswalks(desk: Desk) -> None:
    table = to_table(WHOLE)

    drafted = use_cases.draft_from_table(table, "2027.3", "Backpack", desk.writing)

    assert drafted.framework.crosswalks == ()
    assert drafted.framework.rubrics == framework("2027.3").rubrics
    assert (drafted.version, drafted.framework.title) == ("2027.3", "Backpack")
