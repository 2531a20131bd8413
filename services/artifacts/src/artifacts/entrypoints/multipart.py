"""Read an upload's form as it arrives: the fields into memory, within bounds, and the file piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import RAISE, Schema, ValidationError
from werkzeug.exceptions import (
    ClientDisconnected,
    LengthRequired,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData
from werkzeug.wrappers import Request

from chassis.problems import FieldError, InvalidRequestError

_READ_BYTES = 64 * 1024
#: Of what the decoder holds: a piece of the file, or a whole field.
_MOST_BUFFER_BYTES = 4 * _READ_BYTES
_MOST_FIELDS_BYTES = 64 * 1024
_MOST_PARTS = 20
_FILE = "file"


def read_form(request: Request, schema: type[Schema]) -> tuple[Any, Iterator[bytes]]:
    """Return what the schema makes of the fields, and the pieces of the file, which must come last.

    The pieces are read from the connection as they are asked for; asking for all of them also checks that
    the form ends as it should.

    Raises:
        InvalidRequestError: if the form is broken or its fields are wrong; also while pieces are read.
    """
    events = _events(request)
    fields: dict[str, str] = {}
    for event in events:
        if isinstance(event, File):
            if event.name != _FILE:
                raise _wrong(event.name, f"is not a field; the file's name is {_FILE}")
            return _load(schema, fields), _pieces(events)
        if isinstance(event, Field):
            if event.name in fields:
                raise _wrong(event.name, "comes twice")
            fields[event.name] = _text(event.name, events, _MOST_FIELDS_BYTES - _size(fields))
    _load(schema, fields)
    raise _wrong(_FILE, "is missing")


def _events(request: Request) -> Iterator[Event]:
    decoder, stream = _decoder(request), request.stream
    event: Event = NeedData()
    while not isinstance(event, Epilogue):
        try:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                decoder.receive_data(stream.read(_READ_BYTES) or None)
        except (ValueError, ClientDisconnected) as error:
            raise _wrong("body", "is no whole multipart form") from error
        except RequestEntityTooLarge as error:
            raise _wrong("body", "has too many or too large fields") from error
        if not isinstance(event, NeedData):
            yield event


def _decoder(request: Request) -> MultipartDecoder:
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("The content type must be multipart/form-data.")
    if request.content_length is None:
        raise LengthRequired("A Content-Length is needed.")
    boundary = request.mimetype_params.get("boundary", "")
    if not boundary:
        raise _wrong("Content-Type", "names no boundary")
    return MultipartDecoder(boundary.encode(), _MOST_BUFFER_BYTES, max_parts=_MOST_PARTS)


def _text(name: str, events: Iterator[Event], most_bytes: int) -> str:
    value = bytearray()
    for event in events:
        assert isinstance(event, Data)
        value += event.data
        if len(value) > most_bytes:
            raise _wrong(name, "is too long")
        if not event.more_data:
            break
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise _wrong(name, "is not UTF-8") from error


def _pieces(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        assert isinstance(event, Data)
        if event.data:
            yield event.data
        if not event.more_data:
            break
    for event in events:
        if isinstance(event, (Field, File)):
            raise _wrong(_FILE, "must be the last field of the form")


def _load(schema: type[Schema], fields: dict[str, str]) -> Any:
    try:
        return schema(unknown=RAISE).load(fields)
    except ValidationError as error:
        messages: dict[str, list[str]] = error.messages_dict
        raise InvalidRequestError(
            [FieldError(name, " ".join(reasons)) for name, reasons in sorted(messages.items())]
        ) from error


def _size(fields: dict[str, str]) -> int:
    return sum(len(value.encode()) for value in fields.values())


def _wrong(field: str, reason: str) -> InvalidRequestError:
    return InvalidRequestError([FieldError(field, reason)])


class _Cut:
    """In place of a connection's reader: there is nothing more that we want to read."""

    def read(self, *_: Any) -> bytes:
        raise ConnectionAbortedError("the rest of the request is not read")

    readline = read


def leave_rest(request: Request, *, most_bytes: int) -> None:
    """Do not let the server read the rest of a refused upload if it is large.

    eventlet reads what a handler has left, to keep the connection; after a refusal that may be gigabytes.
    An OSError while it does so makes it close the connection instead.
    """
    source = request.environ["wsgi.input"]
    rest_bytes = (request.content_length or 0) - getattr(source, "position", 0)
    if rest_bytes > most_bytes:
        source.rfile = _Cut()
