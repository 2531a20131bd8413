"""One planner a district at a time, whatever number of processes there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import mongoengine
from pymongo.errors import DuplicateKeyError

from chassis.mongo import translated
from defenses.documents import DistrictLeaseDocument


class LeaseLostError(Exception):
    """Somebody else plans for the district now; our part ends here."""


class DistrictLeases:
    """Leases on districts, by the store's clock: those of the processes may differ.

    A claim is a read and a conditional update whose matched count decides; no feature of one store only.
    """

    def __init__(self, holder: str, length: timedelta) -> None:
        self._holder = holder
        self._length = length

    def claim(self, district: str) -> bool:
        """Take the lease if nobody else holds it."""
        with translated():
            now = _store_time()
            mine = {"holder": self._holder, "leased_until": now + self._length}
            collection = _collection()
            if collection.find_one({"_id": district}, {"_id": 1}) is None:
                try:
                    collection.insert_one({"_id": district, **mine})
                except DuplicateKeyError:
                    return False
                return True
            free = {"_id": district, "leased_until": {"$lte": now}}
            return bool(collection.update_one(free, {"$set": mine}).matched_count)

    def renew(self, district: str) -> None:
        """Hold on to the lease.

        Raises:
            LeaseLostError: if it is not ours any more.
        """
        with translated():
            until = {"$set": {"leased_until": _store_time() + self._length}}
            kept = _collection().update_one({"_id": district, "holder": self._holder}, until)
        if not kept.matched_count:
            raise LeaseLostError(f"another process plans for {district}")

    def release(self, district: str) -> None:
        """Let others have it at once; it is nobody's then, not even ours."""
        with translated():
            mine = {"_id": district, "holder": self._holder}
            nobody = {"holder": "", "leased_until": _store_time()}
            _collection().update_one(mine, {"$set": nobody})


def _collection() -> Any:
    return DistrictLeaseDocument._get_collection()  # noqa: SLF001 - as the chassis does it


def _store_time() -> datetime:
    told: datetime = mongoengine.get_connection().admin.command("hello")["localTime"]
    return told if told.tzinfo else told.replace(tzinfo=UTC)
