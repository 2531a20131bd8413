from __future__ import annotations

import dataclasses
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields
from openapi_spec_validator import OpenAPIV31SpecValidator

from chassis.auth import PUBLIC, Permission, Role
from chassis.http import PageQuerySchema, Route, page_schema
from chassis.openapi import describe


class NoteSchema(Schema):
    """One note."""

    note_id = fields.String(required=True)
    written_at = fields.AwareDateTime(required=True)


class NewNoteSchema(Schema):
    """What a caller writes."""

    text = fields.String(required=True)


READ = Permission("notes.read", (Role.TEACHER,))
LIST_NOTES = Route(
    "GET", "/v1/notes", READ, query=PageQuerySchema, returns=page_schema(NoteSchema), summary="List notes."
)
SHOW_NOTE = Route("GET", "/v1/notes/<note_id>", READ, returns=NoteSchema, summary="Show a note.")
SHOW_PAGE = Route("GET", "/v1/notes/<note_id>/pages/<int:number>", READ, produces="text/plain")
WRITE_NOTE = Route(
    "POST", "/v1/notes", READ, body=NewNoteSchema, returns=NoteSchema, status=HTTPStatus.CREATED
)
DELETE_NOTE = Route("DELETE", "/v1/notes/<note_id>", READ, status=HTTPStatus.NO_CONTENT)
HOOK = Route("POST", "/webhooks/notes", PUBLIC, consumes="application/x-www-form-urlencoded")
ROUTES = [LIST_NOTES, SHOW_NOTE, SHOW_PAGE, WRITE_NOTE, DELETE_NOTE, HOOK]


def _operation(route: Route) -> dict[str, Any]:
    document = describe("notes", [route])
    [operations] = document["paths"].values()
    operation: dict[str, Any] = operations[route.method.lower()]
    return operation


def test_the_document_is_valid_openapi_3_1() -> None:
    document = describe("notes", ROUTES)

    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"] == "3.1.0"
    assert document["info"] == {"title": "Backpack notes", "version": "1"}


def test_a_path_holds_all_its_methods_and_its_variables_without_types() -> None:
    paths = describe("notes", ROUTES)["paths"]

    assert {path: sorted(operations) for path, operations in paths.items()} == {
        "/v1/notes": ["get", "post"],
        "/v1/notes/{note_id}": ["delete", "get"],
        "/v1/notes/{note_id}/pages/{number}": ["get"],
        "/webhooks/notes": ["post"],
    }
    assert [each["name"] for each in _operation(SHOW_PAGE)["parameters"]] == ["note_id", "number"]


def test_a_query_becomes_parameters_with_their_limits() -> None:
    parameters = {each["name"]: each for each in _operation(LIST_NOTES)["parameters"]}

    assert set(parameters) == {"cursor", "limit"}
    assert parameters["limit"]["schema"] == {"type": "integer", "default": 50, "minimum": 1, "maximum": 500}


def test_a_write_takes_an_idempotency_key_and_a_read_or_a_webhook_does_not() -> None:
    def takes_key(route: Route) -> bool:
        return "Idempotency-Key" in {each["name"] for each in _operation(route)["parameters"]}

    assert [takes_key(route) for route in (WRITE_NOTE, LIST_NOTES, HOOK)] == [True, False, False]


def test_a_route_says_what_its_caller_needs_and_a_public_one_needs_nothing() -> None:
    asked = _operation(SHOW_NOTE)

    assert asked["security"] == [{"bearer": []}]
    assert asked["description"] == "Needs the permission `notes.read`."
    assert "security" not in _operation(HOOK)


def test_a_page_and_a_body_are_described_by_their_schemas() -> None:
    document = describe("notes", ROUTES)

    page = document["components"]["schemas"]["NotePage"]
    assert page["required"] == ["items", "next_cursor"]
    assert page["properties"]["items"]["items"] == {"$ref": "#/components/schemas/Note"}
    assert document["paths"]["/v1/notes"]["post"]["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewNote"}}},
    }


def test_a_multipart_body_is_described_by_its_form_and_its_file() -> None:
    upload = dataclasses.replace(
        WRITE_NOTE, body=None, form=NewNoteSchema, consumes="multipart/form-data", path="/v1/scans"
    )

    document = describe("notes", [upload])

    OpenAPIV31SpecValidator(document).validate()
    [form, file] = document["paths"]["/v1/scans"]["post"]["requestBody"]["content"]["multipart/form-data"][
        "schema"
    ]["allOf"]
    assert form == {"$ref": "#/components/schemas/NewNote"}
    assert file == {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }


def test_every_answer_may_be_a_problem_document() -> None:
    for route in ROUTES:
        responses = _operation(route)["responses"]
        assert set(responses) == {str(int(route.status)), "default"}
        assert responses["default"]["content"] == {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }


def test_the_summary_is_the_routes_own() -> None:
    assert _operation(dataclasses.replace(SHOW_NOTE, summary="Show one."))["summary"] == "Show one."
