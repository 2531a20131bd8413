"""Read a bundle's manifest: which files it has, and whether each is whole or a change."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import islice

from artifacts.domain.cells import CellError, clean
from artifacts.domain.oneroster import FILES, MANIFEST, VERSIONS, RosterFile
from artifacts.domain.problems import BundleRefusedError

_MOST_ROWS = 1000


class Mode(StrEnum):
    """What a file of a bundle is."""

    ABSENT = "absent"
    BULK = "bulk"
    DELTA = "delta"


def read_manifest(lines: Iterable[str]) -> dict[str, Mode]:
    """Return each OneRoster file's mode by its name; a file that the manifest does not name is absent.

    Raises:
        BundleRefusedError: if it is no OneRoster 1.2 manifest.
    """
    properties = _properties(lines)
    if properties.get("manifest.version") != "1.0":
        raise BundleRefusedError(MANIFEST, "manifest.version is not 1.0", column="value")
    if properties.get("oneroster.version") not in VERSIONS:
        raise BundleRefusedError(
            MANIFEST, f"oneroster.version is none of {', '.join(VERSIONS)}", column="value"
        )
    return {file.name: _mode(properties, file) for file in FILES if not file.supplement}


def _properties(lines: Iterable[str]) -> dict[str, str]:
    try:
        rows = ([clean(cell) for cell in row] for row in csv.reader(lines, strict=True))
        name_at, value_at = _header(next(rows, []))
        properties = {
            row[name_at]: row[value_at]
            for row in islice(rows, _MOST_ROWS)
            if len(row) > max(name_at, value_at)
        }
    except (csv.Error, CellError) as error:
        raise BundleRefusedError(MANIFEST, "is not a CSV file in UTF-8") from error
    return properties


def _header(header: list[str]) -> tuple[int, int]:
    for name in ("propertyName", "value"):
        if header.count(name) != 1:
            raise BundleRefusedError(MANIFEST, "the header lacks the column", column=name)
    return header.index("propertyName"), header.index("value")


def _mode(properties: Mapping[str, str], file: RosterFile) -> Mode:
    value = properties.get(file.manifest_property, Mode.ABSENT)
    try:
        return Mode(value)
    except ValueError as error:
        reason = f"{file.manifest_property} is none of absent, bulk, delta"
        raise BundleRefusedError(MANIFEST, reason, column="value") from error
