"""Whether a CASE package has the shape that the binding prescribes, for the parts that we read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from scoring.domain.rubrics.case.naming import CASE_VERSION
from scoring.domain.rubrics.framework import Fault

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")

#: A value to what is wrong with it; nothing if it will do.
Check = Callable[[Any], str]


@dataclass(frozen=True)
class _Thing:
    """A class of the binding: what it must say, and what it may say."""

    required: Mapping[str, Check | _Thing]
    optional: Mapping[str, Check | _Thing | _Many]


@dataclass(frozen=True)
class _Many:
    """An array of things."""

    of: _Thing


def _text(value: Any) -> str:
    return "" if isinstance(value, str) and value.strip() else "it must be a text that is not empty"


def _any_text(value: Any) -> str:
    return "" if isinstance(value, str) else "it must be a text"


def _texts(value: Any) -> str:
    fits = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return "" if fits else "it must be an array of texts"


def _number(value: Any) -> str:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
    return "" if fits else "it must be a number"


def _whole(value: Any) -> str:
    fits = isinstance(value, int) and not isinstance(value, bool)
    return "" if fits else "it must be a whole number"


def _object(value: Any) -> str:
    return "" if isinstance(value, dict) else "it must be an object"


def _uuid(value: Any) -> str:
    fits = isinstance(value, str) and _UUID.fullmatch(value)
    return "" if fits else "it must be a UUID in lower case"


def _uri(value: Any) -> str:
    return "" if isinstance(value, str) and _URI.fullmatch(value) else "it must be a URI"


def _moment(value: Any) -> str:
    try:
        fits = datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        fits = False
    return "" if fits else "it must be a date and time with its offset, as in ISO 8601"


def _case_version(value: Any) -> str:
    return "" if value == CASE_VERSION else f"it must be {CASE_VERSION}: no other is read here"


_ANYTHING: Mapping[str, Check | _Thing] = {
    "identifier": _uuid,
    "uri": _uri,
    "lastChangeDateTime": _moment,
}
_LINK = _Thing({"title": _any_text, "identifier": _uuid, "uri": _uri}, {})
#: What an association joins may be outside of CASE, and its identifier any text.
_FREE_LINK = _Thing({"title": _any_text, "identifier": _text, "uri": _uri}, {})
_LEVEL = _Thing(
    {**_ANYTHING, "description": _text, "score": _number},
    {"quality": _any_text, "feedback": _any_text, "position": _whole, "rubricCriterionId": _uuid},
)
_CRITERION = _Thing(
    {**_ANYTHING, "CFItemURI": _LINK},
    {
        "description": _any_text,
        "category": _any_text,
        "weight": _number,
        "position": _whole,
        "rubricId": _uuid,
        "CFRubricCriterionLevels": _Many(_LEVEL),
    },
)
_PACKAGE = _Thing(
    {
        "CFDocument": _Thing(
            # The binding lets a package leave out its version; so does CASE 1.0, which knows none.
            {**_ANYTHING, "creator": _text, "title": _text, "caseVersion": _case_version},
            {"version": _any_text, "description": _any_text},
        )
    },
    {
        "CFItems": _Many(
            _Thing(
                {**_ANYTHING, "fullStatement": _text},
                {
                    "abbreviatedStatement": _any_text,
                    "humanCodingScheme": _any_text,
                    "CFItemType": _any_text,
                    "educationLevel": _texts,
                },
            )
        ),
        "CFAssociations": _Many(
            _Thing(
                {
                    **_ANYTHING,
                    "associationType": _text,
                    "originNodeURI": _FREE_LINK,
                    "destinationNodeURI": _FREE_LINK,
                },
                {"sequenceNumber": _whole},
            )
        ),
        "CFRubrics": _Many(
            _Thing(
                _ANYTHING,
                {
                    "title": _any_text,
                    "description": _any_text,
                    "CFRubricCriteria": _Many(_CRITERION),
                    "extensions": _object,
                },
            )
        ),
    },
)


def shape_faults(package: Mapping[str, Any]) -> Iterator[Fault]:
    """Find what is missing in a package, or is of another kind than the binding says.

    What we do not read, such as CFDefinitions, is passed over.
    """
    yield from _faults(_PACKAGE, package, "")


def _faults(wanted: _Thing, given: Any, where: str) -> Iterator[Fault]:
    if not isinstance(given, dict):
        yield Fault(where, "it must be an object")
        return
    for name, inner in wanted.required.items():
        if name in given:
            yield from _inner_faults(inner, given[name], _at(where, name))
        else:
            yield Fault(_at(where, name), "it is missing")
    for name, may in wanted.optional.items():
        if given.get(name) is not None:
            yield from _inner_faults(may, given[name], _at(where, name))


def _inner_faults(wanted: Check | _Thing | _Many, given: Any, where: str) -> Iterator[Fault]:
    if isinstance(wanted, _Thing):
        yield from _faults(wanted, given, where)
    elif isinstance(wanted, _Many):
        if not isinstance(given, list):
            yield Fault(where, "it must be an array")
            return
        for place, each in enumerate(given):
            yield from _faults(wanted.of, each, f"{where}.{place}")
    else:
        reason = wanted(given)
        if reason:
            yield Fault(where, reason)


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
