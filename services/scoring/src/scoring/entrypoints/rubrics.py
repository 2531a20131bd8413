"""Rubrics over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Response

from chassis.http import Call, PageQuerySchema, page_schema, route
from chassis.mongo import Page
from chassis.problems import FieldError, InvalidRequestError
from scoring.domain.rubrics import (
    InvalidFrameworkError,
    Rubric,
    VersionIsFixedError,
    WrongDayError,
    to_table,
)
from scoring.entrypoints.permissions import EDIT_RUBRICS, READ_RUBRIC_VERSIONS, READ_RUBRICS
from scoring.entrypoints.policies import PolicyReader
from scoring.entrypoints.policy_schemas.rubrics import built
from scoring.entrypoints.schemas import rubrics as schemas
from scoring.repository import RubricVersions
from scoring.use_cases import rubrics as use_cases
from scoring.use_cases.rubrics import Writing

PROBLEMS: Mapping[type[BaseException], int] = {
    VersionIsFixedError: HTTPStatus.CONFLICT,
    WrongDayError: HTTPStatus.UNPROCESSABLE_ENTITY,
}

#: As much as a spreadsheet of 20,000 levels takes.
_MOST_TABLE_BYTES = 5 * 1024 * 1024
#: Somebody who mends as many sends the rest again.
_MOST_FAULTS = 200


class RubricRoutes(PolicyReader):
    """Shows the district's rubrics, and takes new versions of them."""

    @route(
        "GET",
        "/v1/rubrics",
        permission=READ_RUBRICS,
        query=schemas.RubricsQuerySchema,
        returns=page_schema(schemas.RubricViewSchema),
    )
    def list_rubrics(self, call: Call) -> Page[Rubric]:
        """List the rubrics in force, or those of one version."""
        rubrics = use_cases.list_rubrics(
            at=call.work.now,
            version=call.query["version"],
            skill_id=call.query["skill_id"],
            grade=call.query["grade"],
            rubrics=self.rubrics_for(call.work),
        )
        return _page(rubrics, cursor=call.query["cursor"], limit=call.query["limit"])

    @route(
        "GET",
        "/v1/rubrics/versions",
        permission=READ_RUBRIC_VERSIONS,
        query=PageQuerySchema,
        returns=page_schema(schemas.VersionSummarySchema),
    )
    def list_rubric_versions(self, call: Call) -> Page[dict[str, Any]]:
        """List the versions that the district has written over the API, drafts too."""
        return RubricVersions(call.work).page(**call.query).map(schemas.summary)

    @route(
        "GET",
        "/v1/rubrics/versions/<version>",
        permission=READ_RUBRIC_VERSIONS,
        returns=schemas.VersionViewSchema,
    )
    def show_rubric_version(self, call: Call) -> dict[str, Any]:
        """Show a version, be it a draft."""
        found = use_cases.show_version(call.path["version"], library=self.rubrics_for(call.work))
        return schemas.whole(found)

    @route(
        "PUT",
        "/v1/rubrics/versions/<version>",
        permission=EDIT_RUBRICS,
        body=schemas.FrameworkBodySchema,
        returns=schemas.VersionSummarySchema,
    )
    def draft_rubric_version(self, call: Call) -> dict[str, Any]:
        """Write a draft, or write it anew; a published version is never edited."""
        framework = replace(
            built(call.body, version=call.path["version"]), crosswalks=tuple(call.body["crosswalks"])
        )
        with _faults_named():
            return schemas.summary(use_cases.draft_version(framework, self._writing(call)))

    @route(
        "PUT",
        "/v1/rubrics/versions/<version>/crosswalks",
        permission=EDIT_RUBRICS,
        body=schemas.CrosswalksSchema,
        returns=schemas.VersionSummarySchema,
    )
    def set_rubric_crosswalks(self, call: Call) -> dict[str, Any]:
        """Say what the criteria of earlier versions have become in a draft."""
        with _faults_named():
            drafted = use_cases.set_crosswalks(
                call.path["version"], call.body["crosswalks"], self._writing(call)
            )
        return schemas.summary(drafted)

    @route(
        "GET",
        "/v1/rubrics/versions/<version>/case",
        permission=READ_RUBRIC_VERSIONS,
        returns=schemas.CasePackageSchema,
    )
    def export_rubrics_as_case(self, call: Call) -> dict[str, Any]:
        """Show a version as a CASE 1.1 package."""
        work = call.work
        return use_cases.case_package(
            call.path["version"], district=work.district, at=work.now, library=self.rubrics_for(work)
        )

    @route(
        "PUT",
        "/v1/rubrics/versions/<version>/case",
        permission=EDIT_RUBRICS,
        body=schemas.CasePackageSchema,
        returns=schemas.VersionSummarySchema,
    )
    def import_rubrics_from_case(self, call: Call) -> dict[str, Any]:
        """Read a CASE 1.1 package as a draft: all of it or nothing."""
        with _faults_named():
            drafted = use_cases.draft_from_case(call.body, call.path["version"], self._writing(call))
        return schemas.summary(drafted)

    @route(
        "GET",
        "/v1/rubrics/versions/<version>/csv",
        permission=READ_RUBRIC_VERSIONS,
        produces="text/csv",
    )
    def export_rubrics_as_csv(self, call: Call) -> Response:
        """Show a version as a table, a row for each level."""
        found = use_cases.show_version(call.path["version"], library=self.rubrics_for(call.work))
        return Response(to_table(found.framework), content_type="text/csv; charset=utf-8")

    @route(
        "PUT",
        "/v1/rubrics/versions/<version>/csv",
        permission=EDIT_RUBRICS,
        query=schemas.TableQuerySchema,
        returns=schemas.VersionSummarySchema,
        consumes="text/csv",
    )
    def import_rubrics_from_csv(self, call: Call) -> dict[str, Any]:
        """Read a table as a draft: all of it or nothing."""
        text = _table(call)
        with _faults_named():
            drafted = use_cases.draft_from_table(
                text, call.path["version"], call.query["title"], self._writing(call)
            )
        return schemas.summary(drafted)

    @route(
        "PUT",
        "/v1/rubrics/versions/<version>/publication",
        permission=EDIT_RUBRICS,
        body=schemas.PublicationSchema,
        returns=schemas.VersionSummarySchema,
    )
    def publish_rubric_version(self, call: Call) -> dict[str, Any]:
        """Put a draft in force from a later day on."""
        with _faults_named():
            published = use_cases.publish_version(
                call.path["version"], call.body["effective"], self._writing(call)
            )
        return schemas.summary(published)

    @route(
        "DELETE",
        "/v1/rubrics/versions/<version>/publication",
        permission=EDIT_RUBRICS,
        returns=schemas.VersionSummarySchema,
    )
    def recall_rubric_version(self, call: Call) -> dict[str, Any]:
        """Make a published version a draft again, while it is not in force."""
        recalled = use_cases.recall_version(call.path["version"], self._writing(call))
        return schemas.summary(recalled)

    @route(
        "POST",
        "/v1/rubrics/crosswalk",
        permission=READ_RUBRIC_VERSIONS,
        query=schemas.CarriedQuerySchema,
        body=schemas.OldLevelsSchema,
        returns=schemas.CarriedSchema,
    )
    def carry_levels_over(self, call: Call) -> dict[str, Any]:
        """Say levels of an earlier version in the terms of a later one; no score is changed."""
        found = use_cases.carry_over(
            {each["old"]: each["level"] for each in call.body["levels"]},
            old=call.query["from_version"],
            new=call.query["to_version"],
            library=self.rubrics_for(call.work),
        )
        return schemas.carried(found)

    def _writing(self, call: Call) -> Writing:
        """Return who writes a version, when and where."""
        return Writing(
            district=call.work.district,
            at=call.work.now,
            by=call.principal.subject,
            library=self.rubrics_for(call.work),
            versions=RubricVersions(call.work),
        )


@contextmanager
def _faults_named() -> Iterator[None]:
    """Name the faults of a framework in the problem document, the first _MOST_FAULTS of them."""
    try:
        yield
    except InvalidFrameworkError as error:
        shown = [FieldError(each.field, each.reason) for each in error.faults[:_MOST_FAULTS]]
        raise InvalidRequestError(shown) from error


def _table(call: Call) -> str:
    """Return the request's body as text.

    Raises:
        InvalidRequestError: if it is too long, no CSV by its own word, or no UTF-8.
    """
    request = call.request
    if request.mimetype != "text/csv":
        raise InvalidRequestError([FieldError("Content-Type", "must be text/csv")])
    if request.content_length is None or request.content_length > _MOST_TABLE_BYTES:
        raise InvalidRequestError(
            [FieldError("Content-Length", f"must be there, and at most {_MOST_TABLE_BYTES}")]
        )
    try:
        return request.get_data(cache=False).decode()
    except UnicodeDecodeError as error:
        raise InvalidRequestError([FieldError("body", f"is no UTF-8 at byte {error.start}")]) from error


def _page(rubrics: Sequence[Rubric], *, cursor: str | None, limit: int) -> Page[Rubric]:
    """Return the next rubrics by id."""
    ordered = sorted(rubrics, key=lambda each: each.rubric_id)
    left = [each for each in ordered if cursor is None or each.rubric_id > cursor]
    shown = left[:limit]
    return Page(tuple(shown), shown[-1].rubric_id if len(left) > limit else None)
