"""Make the day's digests when their hour comes."""

from chassis.outbox import utc_now
from chassis.timers import every
from notifications.entrypoints import metrics
from notifications.entrypoints.desk import DeskKeeper
from notifications.repository import due_digest_items
from notifications.use_cases import gathering

#: Messages looked at at once.
_ITEMS = 200


class DigestTimers(DeskKeeper):
    """Puts together what waits for the evening."""

    @every(1.0)
    def gather_digests(self) -> None:
        """Make the digests whose hour has come."""
        while self._gather_some():
            pass

    def _gather_some(self) -> bool:
        """Return whether there is more to do at once: the round was full, and led to something."""
        due = due_digest_items(now=utc_now(), limit=_ITEMS)
        made = 0
        for district, message_ids in due.items():
            desk, _ = self.desk(district, "gather")
            made += gathering.gather_digests(message_ids, desk)
        metrics.DIGESTS.inc(made)
        return made > 0 and sum(len(message_ids) for message_ids in due.values()) == _ITEMS
