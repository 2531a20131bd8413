from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Response

from chassis.auth import ForbiddenError, UnauthenticatedError
from chassis.errors import ConflictError, NotFoundError, TransientError
from chassis.problems import CONTENT_TYPE, FieldError, InvalidRequestError, of, response


class LevelsDoNotFitError(ValueError):
    """A domain error that names the field it is about."""

    def __init__(self, field: str) -> None:
        super().__init__("the level is not on the rubric's scale")
        self.field = field


class NotYoursError(PermissionError):
    """A domain error without a field."""


class StrictlyNotYoursError(NotYoursError):
    """A subclass, which a service may map by itself."""


class NoRunError(LookupError):
    """Something that is not there."""


STATUSES: Mapping[type[BaseException], int] = {LevelsDoNotFitError: 422, NotYoursError: 403}


def _document(answer: Response | None) -> dict[str, Any]:
    assert answer is not None
    assert answer.content_type == CONTENT_TYPE == "application/problem+json"
    document: dict[str, Any] = json.loads(answer.get_data())
    assert document["status"] == answer.status_code
    return document


def test_an_invalid_request_names_each_field() -> None:
    errors = [FieldError("levels.0.level", "Missing."), FieldError("title", "Too long.")]

    assert _document(of(InvalidRequestError(errors), {})) == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "The request is not valid.",
        "errors": [
            {"field": "levels.0.level", "reason": "Missing."},
            {"field": "title", "reason": "Too long."},
        ],
    }


def test_an_invalid_request_says_so_in_its_text_as_well() -> None:
    assert str(InvalidRequestError([FieldError("a", "b"), FieldError("c", "d")])) == "a: b; c: d"


def test_an_unknown_caller_is_asked_for_a_bearer_token() -> None:
    answer = of(UnauthenticatedError("a bearer token is needed"), {})

    assert _document(answer) == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "a bearer token is needed",
    }
    assert answer is not None
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "error", [TransientError("mongodb://store:27017 is away"), ConflictError("task t was changed by others")]
)
def test_a_passing_trouble_asks_to_try_again_and_tells_nothing(error: TransientError) -> None:
    answer = of(error, {})

    assert _document(answer)["status"] == 503
    assert _document(answer)["detail"] == "Try again in a moment."
    assert answer is not None
    assert answer.headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ForbiddenError("the role student lacks the permission scores.give"), 403),
        (NotFoundError("there is no task t-1"), 404),
        (NoRunError("there is no run r-1"), 404),
        (NotYoursError("a scorer sees their own tasks only"), 403),
        (StrictlyNotYoursError("nor does anybody else"), 403),
    ],
)
def test_an_error_becomes_its_status_and_its_text(error: Exception, status: int) -> None:
    document = _document(of(error, STATUSES))

    assert (document["status"], document["detail"]) == (status, str(error))
    assert "errors" not in document


def test_an_error_that_names_its_field_does_so_in_the_document() -> None:
    document = _document(of(LevelsDoNotFitError("levels.2.level"), STATUSES))

    assert document["errors"] == [
        {"field": "levels.2.level", "reason": "the level is not on the rubric's scale"}
    ]


def test_the_nearest_class_decides() -> None:
    statuses = {**STATUSES, StrictlyNotYoursError: 410, LookupError: 409}

    assert _document(of(StrictlyNotYoursError("gone"), statuses))["status"] == 410
    assert _document(of(NotYoursError("no"), statuses))["status"] == 403
    assert _document(of(NoRunError("no"), statuses))["status"] == 409


@pytest.mark.parametrize(
    "error",
    [
        KeyError("Nayeli"),
        IndexError("list index out of range"),
        ValueError("Nayeli"),
        PermissionError("/var/lib"),
        RuntimeError("boom"),
    ],
)
def test_a_fault_of_ours_is_no_problem_document_of_the_callers(error: Exception) -> None:
    assert of(error, STATUSES) is None


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound(), 404), (MethodNotAllowed(), 405), (RequestEntityTooLarge(), 413), (HTTPException("?"), 500)],
)
def test_werkzeugs_own_errors_are_problem_documents_too(error: HTTPException, status: int) -> None:
    assert _document(of(error, {}))["status"] == status


def test_headers_of_an_answer_are_kept() -> None:
    answer = response(429, "Slow down.", headers={"Retry-After": "60"})

    assert answer.headers["Retry-After"] == "60"
    assert _document(answer)["title"] == "Too Many Requests"
