"""All versions of a district's rubrics: those in its files and those that it has written over the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chassis.outbox import UnitOfWork
from chassis.policy import Policies, PolicyError
from scoring.domain.rubrics import NoRubricError, Rubric, RubricVersion
from scoring.repository import RubricShelf, RubricVersions
from scoring.use_cases.rubrics import version_id_of


class DistrictRubrics:
    """The rubrics of one district."""

    def __init__(self, policies: Policies, shelf: RubricShelf, district: str) -> None:
        self._policies = policies
        self._shelf = shelf
        self._district = district
        # Rubrics are about no student: everybody who may ask at all sees all of them.
        self._versions = RubricVersions(UnitOfWork(district=district, cause="rubrics", repeats=False))

    def current(self, at: datetime) -> Sequence[Rubric]:
        """Return the rubrics in force at a time, one for each skill and band."""
        return self.in_force(at).framework.rubrics

    def of_version(self, version: str) -> Sequence[Rubric]:
        """Return the rubrics of one published version.

        Raises:
            NoRubricError: if there is no such version.
        """
        found = self._filed(version) or self._published(version, anew=False) or self._published(version)
        if found is None:
            raise NoRubricError(f"there is no version {version} of the rubrics")
        return found.framework.rubrics

    def in_force(self, at: datetime) -> RubricVersion:
        """Return the version in force at a time: the one whose first day was last."""
        day = at.date()
        started = [each for each in self._shelf.published(self._versions) if each.in_force_by(day)]
        filed: RubricVersion = self._policies.current("rubrics", district=self._district, on=day)
        return max((filed, *started), key=lambda each: (each.effective, each.version))

    def find(self, version: str) -> RubricVersion | None:
        """Return a version, be it a draft."""
        return self._filed(version) or self._versions.find(version_id_of(self._district, version))

    def is_filed(self, version: str) -> bool:
        """Whether a version stands in a file, where the API cannot change it."""
        return self._filed(version) is not None

    def _filed(self, version: str) -> RubricVersion | None:
        try:
            filed: RubricVersion = self._policies.version("rubrics", district=self._district, version=version)
        except PolicyError:
            return None
        return filed

    def _published(self, version: str, *, anew: bool = True) -> RubricVersion | None:
        known = self._shelf.published(self._versions, anew=anew)
        return next((each for each in known if each.version == version), None)
