"""What a route does before anything of its service runs, and how it answers."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from marshmallow import Schema, fields, validate
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from chassis.auth import PUBLIC, ForbiddenError, Permission, Principal, Role, UnauthenticatedError
from chassis.errors import NotFoundError, TransientError
from chassis.extensions import bounded
from chassis.http import Call, PageQuerySchema, Route, RouteHandler
from chassis.mongo import Page
from chassis.problems import FieldError, InvalidRequestError

GUARDIAN = Principal("g-1", "jcps", Role.GUARDIAN, frozenset({"s-1"}))
TEACHER = Principal("t-1", "jcps", Role.TEACHER)
READ = Permission("notes.read", (Role.GUARDIAN,))


class LineSchema(Schema):
    """One line of a note."""

    text = fields.String(required=True, validate=validate.Length(1, 10))


class NoteSchema(Schema):
    """A note."""

    title = fields.String(required=True)
    lines = fields.List(fields.Nested(LineSchema), required=True)


class Tokens:
    """Knows callers by what they say."""

    def verify(self, authorization: str) -> Principal:
        try:
            return {"Bearer guardian": GUARDIAN, "Bearer teacher": TEACHER}[authorization]
        except KeyError as error:
            raise UnauthenticatedError("a bearer token is needed") from error


def _handler(method: str = "POST", permission: Permission = READ, **promises: Any) -> RouteHandler:
    handler = RouteHandler(Route(method, "/v1/notes/<note_id>", permission, **promises))
    handler.container = SimpleNamespace(
        config={"TOKENS": Tokens()}, service_cls=SimpleNamespace(problems={ZeroDivisionError: 409})
    )
    return handler


def _request(*, body: Any = None, headers: dict[str, str] | None = None, **options: Any) -> Request:
    given: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
    given |= {"method": "POST", "headers": {"Authorization": "Bearer guardian", **(headers or {})}, **options}
    builder = EnvironBuilder(path="/v1/notes/n-1", **given)
    request = Request(builder.get_environ())
    request.path_values = {"note_id": "n-1"}  # type: ignore[attr-defined]  # as nameko does
    return request


def _call(handler: RouteHandler, request: Request) -> Call:
    (call,), _ = handler.get_entrypoint_parameters(request)
    assert isinstance(call, Call)
    return call


def _errors(handler: RouteHandler, request: Request) -> list[FieldError]:
    with pytest.raises(InvalidRequestError) as caught:
        handler.get_entrypoint_parameters(request)
    return caught.value.errors


def test_a_call_carries_its_caller_and_the_work_is_limited_to_what_they_may_see() -> None:
    call = _call(_handler(), _request(headers={"Idempotency-Key": "k-1", "traceparent": "00-1-2-01"}))

    assert (call.principal, call.path, call.body, call.query) == (GUARDIAN, {"note_id": "n-1"}, None, {})
    assert (call.work.district, call.work.students) == ("jcps", frozenset({"s-1"}))
    assert call.work.cause == "g-1:POST:/v1/notes/n-1:k-1"
    assert call.work.traceparent == "00-1-2-01"
    assert call.work.relayed


def test_without_a_key_no_two_calls_have_the_same_cause() -> None:
    assert len({_call(_handler(), _request()).work.cause for _ in range(3)}) == 3


def test_the_work_knows_what_was_asked_for_however_it_was_written() -> None:
    def asked(body: str) -> str:
        return _call(_handler(body=LineSchema), _request(body=body)).work.asked

    assert asked('{"text": "a"}') == asked('{ "text":"a" }') != asked('{"text": "b"}')
    assert _call(_handler(), _request()).work.asked == ""


def test_a_key_without_measure_is_refused() -> None:
    found = _errors(_handler(), _request(headers={"Idempotency-Key": "k" * 201}))

    assert found == [FieldError("Idempotency-Key", "must be at most 200 characters")]


def test_an_unknown_caller_is_refused_before_the_body_is_read() -> None:
    request = _request(body="{", headers={"Authorization": "Bearer nobody"})

    with pytest.raises(UnauthenticatedError):
        _handler(body=NoteSchema).get_entrypoint_parameters(request)


def test_a_caller_without_the_permission_is_refused_before_the_body_is_read() -> None:
    request = _request(body="{", headers={"Authorization": "Bearer teacher"})

    with pytest.raises(ForbiddenError):
        _handler(body=NoteSchema).get_entrypoint_parameters(request)


def test_a_public_route_asks_nobody_and_finds_nothing_of_a_district() -> None:
    call = _call(_handler(permission=PUBLIC), _request(headers={"Authorization": "Bearer guardian"}))

    assert (call.principal, call.work.district) == (Principal("", "", None), "")


def test_a_good_body_is_what_its_schema_makes_of_it() -> None:
    body = {"title": "Creek", "lines": [{"text": "clear"}]}

    assert _call(_handler(body=NoteSchema), _request(body=json.dumps(body))).body == body


def test_each_wrong_field_of_a_body_is_named_by_its_path() -> None:
    body = {"lines": [{"text": "clear"}, {"text": "x" * 11}, "no line"], "color": "green"}

    found = _errors(_handler(body=NoteSchema), _request(body=json.dumps(body)))

    assert sorted(found, key=lambda error: error.field) == [
        FieldError("color", "Unknown field."),
        FieldError("lines.1.text", "Length must be between 1 and 10."),
        FieldError("lines.2", "Invalid input type."),
        FieldError("title", "Missing data for required field."),
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "is not JSON"),
        ("", "is not JSON"),
        (b"\xff", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"title": ' + "1" * 5_000 + "}", "is not JSON"),
        (r'{"title": "\ud83c"}', "is not JSON"),
        ("[]", "must be a JSON object"),
        ("null", "must be a JSON object"),
    ],
    ids=["cut off", "empty", "no UTF-8", "deep", "endless number", "half a character", "list", "null"],
)
def test_a_body_that_is_no_json_object_is_refused(body: str | bytes, reason: str) -> None:
    assert _errors(_handler(body=NoteSchema), _request(body=body)) == [FieldError("body", reason)]


def test_a_body_without_measure_is_refused_unread() -> None:
    request = _request(body=b"{}")
    request.environ["CONTENT_LENGTH"] = str(5 * 1024 * 1024 + 1)
    request.environ["wsgi.input"] = io.BytesIO(b"")

    assert _errors(_handler(body=NoteSchema), request) == [
        FieldError("body", "must be at most 5242880 bytes")
    ]


def test_a_body_of_another_kind_is_refused() -> None:
    request = _request(data="title=Creek", content_type="application/x-www-form-urlencoded")

    assert _errors(_handler(body=NoteSchema), request) == [
        FieldError("Content-Type", "must be application/json")
    ]


def test_a_query_is_validated_and_filled_up() -> None:
    handler = _handler("GET", query=PageQuerySchema)

    assert _call(handler, _request(method="GET", query_string="limit=7")).query == {
        "cursor": None,
        "limit": 7,
    }
    assert _errors(handler, _request(method="GET", query_string="limit=0&sort=name")) == [
        FieldError("limit", "Must be greater than or equal to 1 and less than or equal to 500."),
        FieldError("sort", "Unknown field."),
    ]


def test_an_answer_has_the_shape_that_the_route_promises() -> None:
    class PageSchema(Schema):
        items = fields.List(fields.String())
        next_cursor = fields.String(allow_none=True)

    answer = _handler(returns=PageSchema, status=201).response_from_result(Page(("a",), None))

    assert (answer.status_code, answer.content_type) == (201, "application/json")
    assert json.loads(answer.get_data()) == {"items": ["a"], "next_cursor": None}


def test_a_route_that_promises_nothing_answers_without_content() -> None:
    answer = _handler().response_from_result(None)

    assert (answer.status_code, answer.get_data()) == (204, b"")


def test_a_response_of_the_methods_own_is_sent_as_it_is() -> None:
    own = Response("bytes")

    assert _handler(returns=NoteSchema).response_from_result(own) is own


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("there is no note n-1"), 404),
        (ZeroDivisionError("mapped by the service"), 409),
        (TransientError("the store is away"), 503),
        (KeyError("Nayeli"), 500),
        (ValueError("Nayeli"), 500),
    ],
)
def test_an_error_is_answered_with_its_problem(error: Exception, status: int) -> None:
    answer = _handler().response_from_exception(error)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert b"Nayeli" not in answer.get_data()


def test_time_that_has_run_out_is_a_passing_trouble() -> None:
    import eventlet  # noqa: PLC0415 - only this test speaks of it

    @bounded
    def hang() -> None:
        raise eventlet.Timeout(None)

    with pytest.raises(TransientError, match="timed out after"):
        hang()
