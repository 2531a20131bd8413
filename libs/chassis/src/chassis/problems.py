"""Problem documents (RFC 9457): every error over HTTP says which field is wrong and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from chassis.auth import ForbiddenError, UnauthenticatedError
from chassis.errors import KeyReusedError, TransientError

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True)
class FieldError:
    """One wrong field, as a dotted path, and the reason."""

    field: str
    reason: str


class InvalidRequestError(ValueError):
    """The request's body, query or headers are wrong."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.reason}" for error in errors))
        self.errors = errors


def response(
    status: int,
    detail: str,
    errors: list[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        document["errors"] = [{"field": error.field, "reason": error.reason} for error in errors]
    return Response(
        json.dumps(document), status=status, content_type=CONTENT_TYPE, headers=dict(headers or {})
    )


#: What the chassis raises itself, and what means the same everywhere.
_OURS: Mapping[type[BaseException], int] = {
    ForbiddenError: HTTPStatus.FORBIDDEN,
    # As draft-ietf-httpapi-idempotency-key has it.
    KeyReusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    LookupError: HTTPStatus.NOT_FOUND,
}


def of(error: BaseException, statuses: Mapping[type[BaseException], int]) -> Response | None:
    """Return the problem document of an error that a caller may hear of, else None.

    Args:
        error: what a use case or the chassis raised.
        statuses: the service's domain errors with their HTTP status; the nearest class counts.
    """
    if isinstance(error, InvalidRequestError):
        return response(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not valid.", error.errors)
    if isinstance(error, UnauthenticatedError):
        return response(HTTPStatus.UNAUTHORIZED, str(error), headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, HTTPException):
        return response(error.code or HTTPStatus.INTERNAL_SERVER_ERROR, error.description or "")
    if isinstance(error, TransientError):
        return response(
            HTTPStatus.SERVICE_UNAVAILABLE, "Try again in a moment.", headers={"Retry-After": "2"}
        )
    known: dict[type, int] = {**_OURS, **statuses}
    for kind in type(error).__mro__:
        status = known.get(kind)
        # A KeyError is a LookupError, but it is a fault of ours and not a missing thing.
        if status is not None and not isinstance(error, (KeyError, IndexError)):
            field = getattr(error, "field", "")
            return response(status, str(error), [FieldError(field, str(error))] if field else None)
    return None
