"""The OpenAPI 3.1 document of a service, written from its routes' marshmallow schemas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from chassis import problems
from chassis.auth import PUBLIC
from chassis.http import Route

_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}
_FILE = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "The same key never does a thing twice; with another body it is refused (422).",
}


def describe(title: str, routes: Sequence[Route]) -> dict[str, Any]:
    """Return the document."""
    spec = APISpec(
        title=f"Backpack {title}", version="1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()]
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    spec.components.schema("Problem", _PROBLEM)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(_VARIABLE.sub(r"{\1}", route.path), {})[route.method.lower()] = _operation(route)
    for path, operations in sorted(paths.items()):
        spec.path(path, operations=operations)
    document: dict[str, Any] = spec.to_dict()
    return document


def _operation(route: Route) -> dict[str, Any]:
    parameters: list[Any] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _VARIABLE.findall(route.path)
    ]
    if route.query is not None:
        parameters.append({"in": "query", "schema": route.query})
    if route.method != "GET" and route.permission is not PUBLIC:
        parameters.append(_IDEMPOTENCY_KEY)
    operation: dict[str, Any] = {
        "summary": route.summary,
        "parameters": parameters,
        "responses": {str(int(route.status)): _answer(route), "default": _problem_answer()},
    }
    if route.permission is not PUBLIC:
        operation["security"] = [{"bearer": []}]
        operation["description"] = f"Needs the permission `{route.permission.name}`."
    content = _content(route)
    if content:
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _content(route: Route) -> dict[str, Any]:
    if route.body is not None:
        return {route.consumes: {"schema": route.body}}
    if route.form is None:
        return {}
    if route.consumes == "multipart/form-data":
        return {route.consumes: {"schema": {"allOf": [route.form, _FILE]}}}
    return {route.consumes: {"schema": route.form}}


def _answer(route: Route) -> dict[str, Any]:
    if route.returns is None:
        return {"description": "Done.", "content": {route.produces: {}}}
    return {"description": "The answer.", "content": {route.produces: {"schema": route.returns}}}


def _problem_answer() -> dict[str, Any]:
    return {
        "description": "What is wrong, as a problem document.",
        "content": {problems.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
