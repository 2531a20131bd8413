"""The AsyncAPI 3 document of all events, written from their contracts: `python -m contracts.asyncapi`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields, validate

from contracts import ALL_CONTRACTS
from contracts.base import Contract
from contracts.envelope import CONTENT_TYPE, EnvelopeSchema

#: The nearest class counts.
_TYPES: dict[type[fields.Field[Any]], dict[str, str]] = {
    fields.UUID: {"type": "string", "format": "uuid"},
    fields.AwareDateTime: {"type": "string", "format": "date-time"},
    fields.Date: {"type": "string", "format": "date"},
    fields.String: {"type": "string"},
    fields.Boolean: {"type": "boolean"},
    fields.Integer: {"type": "integer"},
    fields.Float: {"type": "number"},
    fields.Dict: {"type": "object"},
    fields.List: {"type": "array"},
}


def describe(contracts: Iterable[Contract[Any]] = ALL_CONTRACTS) -> dict[str, Any]:
    """Return the document: a channel an event version, on which its producer sends."""
    described = list(contracts)
    schemas: dict[str, Any] = {"Envelope": _object(EnvelopeSchema(), {})}
    messages = {contract.type: _message(contract, schemas) for contract in described}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Backpack events",
            "version": "1",
            "description": "Each version of each event is a CloudEvent on its producer's topic exchange.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {contract.type: _channel(contract) for contract in described},
        "operations": {f"say.{contract.type}": _operation(contract) for contract in described},
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
    }


def main() -> None:
    """Print the document."""
    sys.stdout.write(json.dumps(describe(), indent=2, ensure_ascii=False) + "\n")


def _channel(contract: Contract[Any]) -> dict[str, Any]:
    return {
        "address": contract.type,
        "messages": {contract.type: {"$ref": f"#/components/messages/{contract.type}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {
                    "name": contract.exchange,
                    "type": "topic",
                    "durable": True,
                    "autoDelete": False,
                },
                "bindingVersion": "0.3.0",
            }
        },
    }


def _operation(contract: Contract[Any]) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{contract.type}"},
        "messages": [{"$ref": f"#/channels/{contract.type}/messages/{contract.type}"}],
        "tags": [{"name": contract.producer}],
    }


def _message(contract: Contract[Any], schemas: dict[str, Any]) -> dict[str, Any]:
    said = {
        "type": {"const": contract.type},
        "dataschema": {"const": contract.dataschema},
        "data": _named(contract.schema(), schemas, suffix=f"V{contract.version}"),
    }
    return {
        "name": contract.type,
        "title": f"{contract.name}, version {contract.version}",
        "summary": (contract.schema.event.__doc__ or "").partition("\n")[0],
        "contentType": CONTENT_TYPE,
        "payload": {"allOf": [{"$ref": "#/components/schemas/Envelope"}, {"properties": said}]},
    }


def _named(schema: Schema, schemas: dict[str, Any], *, suffix: str = "") -> dict[str, str]:
    """Describe a schema among the components, and return the reference to it."""
    name = type(schema).__name__.removesuffix("Schema") + suffix
    schemas[name] = _object(schema, schemas)
    return {"$ref": f"#/components/schemas/{name}"}


def _object(schema: Schema, schemas: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name, field in schema.fields.items() if field.required],
        "properties": {name: _value(field, schemas) for name, field in schema.fields.items()},
    }


def _value(field: fields.Field[Any], schemas: dict[str, Any]) -> dict[str, Any]:
    if isinstance(field, fields.Nested):
        return dict(_named(field.schema, schemas))
    described: dict[str, Any] = dict(next(_TYPES[kind] for kind in type(field).__mro__ if kind in _TYPES))
    for validator in field.validators:
        described |= _limits(validator, described["type"])
    if isinstance(field, fields.List):
        described["items"] = _value(field.inner, schemas)
    if field.allow_none:
        described["type"] = [described["type"], "null"]
        if "enum" in described:
            described["enum"] = [*described["enum"], None]
    return described


def _limits(validator: Any, kind: str) -> dict[str, Any]:
    """Return what a validator says in JSON Schema's words; all of ours can be said in them."""
    if isinstance(validator, validate.OneOf):
        return {"enum": list(validator.choices)}
    if isinstance(validator, validate.Equal):
        return {"const": validator.comparable}
    if isinstance(validator, validate.Regexp):
        # Ours are anchored and use no flags and nothing that only Python knows.
        return {"pattern": re.compile(validator.regex).pattern}
    unit = "Items" if kind == "array" else "Length"
    names = ("minimum", "maximum") if isinstance(validator, validate.Range) else (f"min{unit}", f"max{unit}")
    limits = zip(names, (validator.min, validator.max), strict=True)
    return {name: limit for name, limit in limits if limit is not None}


if __name__ == "__main__":
    main()
