"""Copies of other services' aggregates: the newer version wins, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from pymongo import InsertOne, ReplaceOne

from chassis.errors import ConflictError
from chassis.mongo.collection import Write, grouped
from chassis.mongo.documents import stored
from chassis.mongo.queries import Reader

Value = TypeVar("Value")


class ReplicaRepository(Reader[Value]):
    """Keeps copies; the source's version is their inbox, so applying twice changes nothing."""

    #: How often a copy is tried again when others wrote it meanwhile.
    attempts: ClassVar[int] = 8

    def apply(self, document_id: str, version: int, fields: Mapping[str, Any]) -> bool:
        """Write a copy if the version is newer than what is stored.

        Returns:
            Whether the copy was written.

        Raises:
            ConflictError: if others wrote it every time.
        """
        ours = {"id": document_id, "district": self.work.district, "source_version": version}
        wire = stored(self.document, {**fields, **ours})
        collection = grouped(self._collection())
        for _ in range(self.attempts):
            known = collection.load(document_id)
            if known is not None and known["source_version"] >= version:
                return False
            if collection.write(self._newer(known, wire)):
                return True
        raise ConflictError(f"{self._noun()} {document_id} was changed by others {self.attempts} times")

    def _newer(self, known: dict[str, Any] | None, wire: dict[str, Any]) -> Write:
        if known is None:
            return InsertOne(wire)
        # Another district's copy under this id does not match, and stays: its upsert is a conflict.
        read = {"_id": wire["_id"], "district": self.work.district, "source_version": known["source_version"]}
        return ReplaceOne(read, wire, upsert=True)
