"""The district's rules of equity: which groups there are, and what is too little to be published."""

from __future__ import annotations

from dataclasses import dataclass

#: Students of whom the roster does not say what a group asks for.
UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Students of some grades or home languages.

    Attributes:
        grades: which; empty for every one that is known.
        languages: primary language subtags, such as `en`; empty for every one that is known.
    """

    group_id: str
    grades: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """One way to group students: everybody is in the first group that fits.

    Attributes:
        by: `grade` or `home_language`.
    """

    grouping_id: str
    by: str
    groups: tuple[Group, ...]

    def group_of(self, grade: str | None, home_language: str | None) -> str:
        """Return the group of a student, UNKNOWN if the roster does not say or no group fits."""
        known = grade if self.by == "grade" else home_language
        if not known:
            return UNKNOWN
        said = known if self.by == "grade" else known.partition("-")[0].lower()
        for group in self.groups:
            wanted = group.grades if self.by == "grade" else group.languages
            if not wanted or said in wanted:
                return group.group_id
        return UNKNOWN


@dataclass(frozen=True, kw_only=True)
class EquityRule:
    """One version of the rules.

    Attributes:
        students_least: the smallest number of students that may be published.
        edge: shares below it and above 1 - edge are only said to be so.
        risk_students_least, risk_cases_least: of a group and of all others, for a risk ratio.
        artifacts_due: that each student owes in each skill.
        cut: the mean level from which an artifact is proficient.
        missing_level: what an artifact that did not come in counts as in a gap.
    """

    version: str
    students_least: int
    edge: float
    risk_students_least: int
    risk_cases_least: int
    artifacts_due: int
    cut: float
    missing_level: float
    groupings: tuple[Grouping, ...]
