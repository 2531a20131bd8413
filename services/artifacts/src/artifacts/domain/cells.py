"""Read one cell of a roster file into its canonical text, or say what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime

#: Takes a cell that is not blank; returns its canonical text; raises CellError.
Read = Callable[[str], str]

_LONGEST = 1000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
#: CEDS codes of grades outside kindergarten to 12, which a roster may hold and Backpack has no use for.
_OTHER_GRADES = frozenset(
    {
        "Birth",
        "Prenatal",
        "IT",
        "PR",
        "PK",
        "TK",
        "13",
        "PS",
        "UG",
        "AE",
        "ABE",
        "ASE",
        "AdultESL",
        "OS",
        "Other",
    }
)
_USER_ID = re.compile(r"\{\s*([^:{}]+?)\s*:\s*([^{}]*?)\s*\}")


class CellError(ValueError):
    """A cell cannot be used; the text says why and never repeats the cell."""


def clean(cell: str) -> str:
    """Return the cell without the blanks round it.

    Raises:
        CellError: if it is not UTF-8 (read with surrogateescape), has control characters or is too long.
    """
    stripped = cell.strip()
    if stripped.isprintable() and len(stripped) <= _LONGEST:
        return stripped
    if any("\ud800" <= char <= "\udfff" for char in stripped):
        raise CellError("is not UTF-8")
    if any(ord(char) < ord(" ") or "\x7f" <= char <= "\x9f" for char in stripped):
        raise CellError("contains control characters")
    if len(stripped) > _LONGEST:
        raise CellError(f"is longer than {_LONGEST} characters")
    return stripped


def text(cell: str) -> str:
    """Return any text as it is."""
    return cell


def day(cell: str) -> str:
    """Return a date as YYYY-MM-DD."""
    try:
        return date.fromisoformat(cell).isoformat() if len(cell) == len("2026-01-31") else _no_day()
    except ValueError as error:
        raise CellError("is not a date of the form YYYY-MM-DD") from error


def _no_day() -> str:
    # Python also reads 20260131 and 2026-W05-6, which OneRoster does not know.
    raise ValueError


def moment(cell: str) -> str:
    """Return a date with time, as OneRoster writes dateLastModified, unchanged."""
    try:
        datetime.fromisoformat(cell)
    except ValueError as error:
        raise CellError("is not an ISO 8601 date and time") from error
    return cell


def boolean(cell: str) -> str:
    """Return `true` or `false`."""
    lowered = cell.lower()
    if lowered not in {"true", "false"}:
        raise CellError("is neither true nor false")
    return lowered


def language(cell: str) -> str:
    """Return a BCP 47 tag."""
    if not _LANGUAGE.fullmatch(cell):
        raise CellError("is not a BCP 47 language tag")
    return cell


def one_of(*words: str, extensible: bool = False) -> Read:
    """Return a reader of a vocabulary; `ext:` words pass where OneRoster lets vendors add their own."""
    vocabulary = frozenset(words)

    def read(cell: str) -> str:
        if cell in vocabulary or (extensible and cell.startswith("ext:")):
            return cell
        raise CellError(f"is none of {', '.join(words)}")

    return read


def listed(cell: str) -> str:
    """Return a comma separated list as a JSON array without blanks and repetitions."""
    return json.dumps(_split(cell))


def grades(cell: str) -> str:
    """Return a list of CEDS grade codes as a JSON array: `K`, `1` to `12`, other codes as they are."""
    return json.dumps([_grade(code) for code in _split(cell)])


def _grade(code: str) -> str:
    number = code.lstrip("0") or code
    if code.upper() in {"K", "KG"}:
        return "K"
    if number.isdecimal() and 1 <= int(number) <= 12:  # noqa: PLR2004 - the last grade
        return number
    if code in _OTHER_GRADES:
        return code
    raise CellError("names a grade that CEDS does not know")


def user_ids(cell: str) -> str:
    """Return OneRoster's `{type:id},{type:id}` as a JSON array of `type:id`, the type in lower case."""
    pairs = _USER_ID.findall(cell)
    if _USER_ID.sub("", cell).strip(", ") or not pairs:
        raise CellError("is not a list of {type:id}")
    return json.dumps([f"{kind.lower()}:{value}" for kind, value in pairs if value])


def _split(cell: str) -> list[str]:
    """Return the distinct parts of a list in their order."""
    return list(dict.fromkeys(part for part in map(str.strip, cell.split(",")) if part))
