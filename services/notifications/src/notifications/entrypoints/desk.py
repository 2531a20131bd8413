"""What messages are made with, put together for a district."""

from uuid import uuid4

from chassis.outbox import UnitOfWork
from notifications.entrypoints.courier import EVERYWHERE
from notifications.entrypoints.family_calendars import FamilyCalendars
from notifications.entrypoints.texts import TextWriter
from notifications.repository import MongoMessages, MongoSuppressions, MongoTellings, roster_of
from notifications.use_cases.ports import Desk


class DeskKeeper(FamilyCalendars, TextWriter):
    """Makes the desks at which messages are written."""

    def desk(self, district: str, job: str) -> tuple[Desk, UnitOfWork]:
        """Return the desk of one round of a timer's job, and its unit of work."""
        work = self.work_for(district, f"{job}:{uuid4()}")
        desk = Desk(
            tellings=MongoTellings(work),
            messages=MongoMessages(work),
            roster=roster_of(work),
            suppressions=MongoSuppressions(self.work_for(EVERYWHERE, work.cause)),
            renderer=self.renderer,
            rules=self.rules_for(work),
            now=work.now,
            calendar_urls=self.shelf(work).urls,
        )
        return desk, work
