"""Copies of other services' aggregates: the newer version wins, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pymongo.errors import DuplicateKeyError

from chassis.mongo.connection import translated
from chassis.mongo.queries import Reader

Value = TypeVar("Value")


class ReplicaRepository(Reader[Value]):
    """Keeps copies; the source's version is their inbox, so applying twice changes nothing."""

    def apply(self, document_id: str, version: int, fields: Mapping[str, Any]) -> bool:
        """Write a copy if the version is newer than what is stored.

        Returns:
            Whether the copy was written.
        """
        document = self.document(
            id=document_id, district=self.work.district, source_version=version, **fields
        )
        document.validate()
        wire = document.to_mongo()
        older = {"_id": document_id, "district": self.work.district, "source_version": {"$lt": version}}
        with translated():
            # A rival may insert an older version just before us; then there is something to replace.
            return self._replace(older, wire) or self._insert(wire) or self._replace(older, wire)

    def _replace(self, older: dict[str, Any], wire: Any) -> bool:
        return bool(self._collection().replace_one(older, wire).matched_count)

    def _insert(self, wire: Any) -> bool:
        try:
            self._collection().insert_one(wire)
        except DuplicateKeyError:
            return False
        return True
