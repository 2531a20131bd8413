"""HTTP in: authenticate, authorise, validate, run one use case, answer in JSON or with a problem document."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import uuid4

import eventlet
import structlog
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from nameko.web.handlers import HttpRequestHandler
from nameko.web.server import WebServer, WsgiApp
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from chassis import metrics, problems
from chassis.auth import PUBLIC, Permission, Principal
from chassis.extensions import bounded
from chassis.logs import origin
from chassis.outbox import UnitOfWork
from chassis.problems import FieldError, InvalidRequestError
from contracts.envelope import refuse_half_characters

log = structlog.get_logger()

Method = TypeVar("Method", bound=Callable[..., Any])

_MAX_JSON_BYTES = 5 * 1024 * 1024
_MAX_KEY_LENGTH = 200


@dataclass(frozen=True)
class Route:
    """What one HTTP method of a service promises; the OpenAPI document is written from it."""

    method: str
    path: str
    permission: Permission
    query: type[Schema] | None = None
    body: type[Schema] | None = None
    returns: type[Schema] | None = None
    status: int = HTTPStatus.OK
    consumes: str = "application/json"
    form: type[Schema] | None = None
    produces: str = "application/json"
    summary: str = ""


@dataclass(frozen=True)
class Call:
    """One authorised and validated request.

    Attributes:
        principal: who calls; on a public route an empty principal of no district.
        path: the variables of the path.
        query, body: what the route's schemas made of them.
        work: the unit of work, limited to what the caller may see; its cause is the idempotency key.
        request: the raw request, for streams and headers.
    """

    principal: Principal
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    work: UnitOfWork
    request: Request = field(repr=False)


class PageQuerySchema(Schema):
    """The query of every list."""

    cursor = fields.String(load_default=None, validate=validate.Length(1, 200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))


def page_schema(item: type[Schema]) -> type[Schema]:
    """Return the schema of a list's page of these items."""
    name = item.__name__.removesuffix("Schema")
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(required=True, allow_none=True),
        },
        name=f"{name}PageSchema",
    )


class ProblemApp(WsgiApp):
    """nameko's WSGI application, whose own errors are problem documents too."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Route one request."""
        # Shallow until the handler runs, as nameko does it: nobody may read the body before.
        request = Request(environ, shallow=True)
        try:
            provider, values = self.url_map.bind_to_environ(environ).match()
        except HTTPException as error:
            answer = problems.response(error.code or HTTPStatus.NOT_FOUND, error.description or "")
        else:
            request.path_values = values  # type: ignore[attr-defined]  # where nameko's handlers look
            answer = provider.handle_request(request)
        return answer(environ, start_response)


class ReusePortWebServer(WebServer):
    """nameko's web server on a port that several processes of one service may share."""

    def start(self) -> None:
        """Listen; every further process on this port gets its share of connections from the kernel."""
        if not self._starting:
            self._starting: bool = True
            self._sock = eventlet.listen(tuple(self.bind_addr), reuse_port=True, backlog=256)
            self._sock.settimeout(None)
            self._serv = self.get_wsgi_server(self._sock, self.get_wsgi_app())
            self._gt = self.container.spawn_managed_thread(self.run)

    def get_wsgi_app(self) -> ProblemApp:
        """Return the application."""
        return ProblemApp(self)


class RouteHandler(HttpRequestHandler):
    """Runs one route."""

    server = ReusePortWebServer()

    def __init__(self, route: Route, **options: Any) -> None:
        super().__init__(route.method, route.path, **options)
        self.route = route

    def get_url_rule(self) -> Rule:
        """Return the rule that werkzeug matches."""
        return Rule(self.url, methods=[self.method])

    # One object a schema: building it costs more than using it.
    @cached_property
    def _query_schema(self) -> Schema | None:
        return None if self.route.query is None else self.route.query(unknown=RAISE)

    @cached_property
    def _body_schema(self) -> Schema | None:
        return None if self.route.body is None else self.route.body(unknown=RAISE)

    @cached_property
    def _answer_schema(self) -> Schema | None:
        return None if self.route.returns is None else self.route.returns()

    def get_entrypoint_parameters(self, request: Request) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Authenticate, authorise and validate; nothing of the service has run yet."""
        principal = self._principal(request)
        body, asked = self._body(request)
        call = Call(
            principal=principal,
            path=request.path_values,  # type: ignore[attr-defined]  # nameko puts it there
            query=_load(self._query_schema, request.args.to_dict()),
            body=body,
            work=UnitOfWork(
                district=principal.district,
                cause=_cause(request, principal),
                students=principal.students,
                traceparent=request.headers.get("traceparent"),
                asked=asked,
            ),
            request=request,
        )
        return (call,), {}

    def handle_request(self, request: Request) -> Response:
        """Answer one request and count it."""
        started = time.monotonic()
        answer: Response = super().handle_request(request)
        metrics.HTTP_SECONDS.labels(self.method, self.url, str(answer.status_code)).observe(
            time.monotonic() - started
        )
        return answer

    def response_from_result(self, result: Any) -> Response:
        """Return a use case's value as JSON, in the shape that the route promises."""
        if isinstance(result, Response):
            return result
        if self._answer_schema is None:
            return Response(status=HTTPStatus.NO_CONTENT)
        document = self._answer_schema.dump(result)
        return Response(json.dumps(document), status=self.route.status, content_type="application/json")

    def response_from_exception(self, exc: BaseException) -> Response:
        """Return the problem document of an error; one that is not ours says nothing to the caller."""
        answer = problems.of(exc, self.container.service_cls.problems)
        if answer is not None:
            return answer
        log.error("request_failed", route=self.url, method=self.method, **origin(exc))
        return problems.response(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side.")

    def _principal(self, request: Request) -> Principal:
        if self.route.permission is PUBLIC:
            return _NOBODY
        verifier = self.container.config["TOKENS"]
        principal: Principal = verifier.verify(request.headers.get("Authorization", ""))
        self.route.permission.check(principal)
        return principal

    def _body(self, request: Request) -> tuple[Any, str]:
        """Return what the route's schema makes of the body, and a digest of the body."""
        if self._body_schema is None:
            return None, ""
        if request.mimetype != "application/json":
            raise InvalidRequestError([FieldError("Content-Type", "must be application/json")])
        if (request.content_length or 0) > _MAX_JSON_BYTES:
            raise InvalidRequestError([FieldError("body", f"must be at most {_MAX_JSON_BYTES} bytes")])
        try:
            text = request.get_data(cache=False)
            raw = json.loads(text)
            refuse_half_characters(text, raw)
        except (ValueError, RecursionError) as error:
            raise InvalidRequestError([FieldError("body", "is not JSON")]) from error
        if not isinstance(raw, dict):
            raise InvalidRequestError([FieldError("body", "must be a JSON object")])
        return _load(self._body_schema, raw), _digest(raw)


#: The caller of a public route: of no district, so that no query of theirs finds anything.
_NOBODY = Principal("", "", None)


def _cause(request: Request, principal: Principal) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _MAX_KEY_LENGTH:
        reason = f"must be at most {_MAX_KEY_LENGTH} characters"
        raise InvalidRequestError([FieldError("Idempotency-Key", reason)])
    # Two callers may draw the same key; each has a space of their own.
    return f"{principal.subject}:{request.method}:{request.path}:{key or uuid4()}"


def _digest(raw: Mapping[str, Any]) -> str:
    """Return the same for the same JSON object, whatever the order of its names and its white space."""
    return blake2b(json.dumps(raw, sort_keys=True).encode(), digest_size=16).hexdigest()


def _load(schema: Schema | None, raw: Mapping[str, Any]) -> Any:
    if schema is None:
        return {}
    try:
        return schema.load(raw)
    except ValidationError as error:
        raise InvalidRequestError(_field_errors(error.messages)) from error


def _field_errors(messages: Any, path: str = "") -> list[FieldError]:
    if isinstance(messages, dict):
        return [
            found
            for name, inner in messages.items()
            for found in _field_errors(inner, f"{path}.{name}" if path else str(name))
        ]
    reasons = messages if isinstance(messages, list) else [messages]
    return [FieldError(path.removesuffix("._schema"), " ".join(map(str, reasons)))]


def route(  # noqa: PLR0913 - each says one thing of what the route promises
    method: str,
    path: str,
    *,
    permission: Permission,
    query: type[Schema] | None = None,
    body: type[Schema] | None = None,
    returns: type[Schema] | None = None,
    status: int = HTTPStatus.OK,
    consumes: str = "application/json",
    form: type[Schema] | None = None,
    produces: str = "application/json",
) -> Callable[[Method], Method]:
    """Make a method the handler of one route: `def verb_noun(self, call: Call) -> value`.

    Args:
        method: GET, POST, PUT or DELETE.
        path: werkzeug's form, such as `/v1/artifacts/<artifact_id>`.
        permission: what the caller must have; PUBLIC is said, never assumed.
        query: what the caller may ask; unknown names are an error.
        body: what the caller may send as JSON; unknown fields are an error.
        returns: the shape of the answer; None for no content or for a Response of the method's own.
        status: of a good answer.
        consumes: content type of the body, where it is not JSON; the method then reads it by itself.
        form: the fields of such a body, besides a multipart one's `file`; described only.
        produces: content type of the answer, where it is not JSON.
    """

    def decorate(function: Method) -> Method:
        described = Route(
            method,
            path,
            permission,
            query=query,
            body=body,
            returns=returns,
            status=status,
            consumes=consumes,
            form=form,
            produces=produces,
            summary=(function.__doc__ or "").partition("\n")[0],
        )
        decorated: Method = RouteHandler.decorator(described)(bounded(function))
        return decorated

    return decorate
