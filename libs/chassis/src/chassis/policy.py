"""District policy: versioned data, a packaged default and each district's own files over it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate


class PolicyError(ValueError):
    """A policy file is missing or wrong; the text names file, version and field."""


class VersionSchema(Schema):
    """What every version of every policy says; a policy's schema subclasses this one.

    `load` returns what the subclass makes of it (a post_load), else a dict.
    """

    version = fields.String(required=True, validate=validate.Length(1, 50))
    effective = fields.Date(required=True)


class Policies:
    """The policies of one service.

    A file is a JSON list of versions. `<directory>/<district>/<name>.json`, where it exists, replaces the
    packaged `policy/<name>.json`. All files are validated when this is built, so a wrong one stops the start.
    """

    def __init__(self, package: str, schemas: Mapping[str, type[VersionSchema]], directory: str = "") -> None:
        self._schemas = schemas
        self._defaults = {
            name: _parse(f"{package}/policy/{name}.json", _packaged(package, name), schema)
            for name, schema in schemas.items()
        }
        self._districts = self._read(Path(directory)) if directory else {}

    def current(self, name: str, *, district: str, on: date) -> Any:
        """Return the newest version that is effective on a day.

        Raises:
            PolicyError: if none is.
        """
        effective = [(start, version) for start, version, _ in self._versions(name, district) if start <= on]
        if not effective:
            raise PolicyError(f"no version of policy {name} is effective on {on} in {district}")
        return self.version(name, district=district, version=max(effective)[1])

    def version(self, name: str, *, district: str, version: str) -> Any:
        """Return one version, whether it is current or not.

        Raises:
            PolicyError: if there is none of that name.
        """
        for _, known, value in self._versions(name, district):
            if known == version:
                return value
        raise PolicyError(f"policy {name} of {district} has no version {version}")

    def every(self, name: str) -> list[Any]:
        """Return all versions of a policy, the packaged ones and every district's."""
        files = [
            self._defaults[name],
            *(found for (_, known), found in self._districts.items() if known == name),
        ]
        return [value for versions in files for _, _, value in versions]

    def _versions(self, name: str, district: str) -> list[tuple[date, str, Any]]:
        return self._districts.get((district, name), self._defaults[name])

    def _read(self, directory: Path) -> dict[tuple[str, str], list[tuple[date, str, Any]]]:
        return {
            (path.parent.name, path.stem): _parse(str(path), path.read_text(), self._schemas[path.stem])
            for path in sorted(directory.glob("*/*.json"))
            if path.stem in self._schemas
        }


def _packaged(package: str, name: str) -> str:
    return (files(package) / "policy" / f"{name}.json").read_text()


def _parse(where: str, text: str, schema: type[VersionSchema]) -> list[tuple[date, str, Any]]:
    try:
        versions = json.loads(text)
        return [
            (date.fromisoformat(raw["effective"]), str(raw["version"]), schema().load(raw))
            for raw in versions
        ]
    except ValidationError as error:
        raise PolicyError(f"{where}: {error.messages}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise PolicyError(f"{where}: not a JSON list of versions with `version` and `effective`") from error
