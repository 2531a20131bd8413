"""Make the messages of what families must hear, and send what is due."""

from uuid import uuid4

import structlog

from chassis.outbox import utc_now
from chassis.service import provides
from chassis.timers import every
from notifications.clients.pace import Pace
from notifications.clients.rendering import JinjaRenderer
from notifications.clients.sms import Account, SmsGateway
from notifications.clients.smtp import Relay, SmtpGateway
from notifications.domain.roster import Channel
from notifications.entrypoints import metrics
from notifications.entrypoints.courier import EVERYWHERE, Courier, Gateways
from notifications.entrypoints.policies import PolicyReader
from notifications.entrypoints.receipts import STATUS_PATH
from notifications.repository import (
    MongoMessages,
    MongoSuppressions,
    MongoTellings,
    due_tellings,
    roster_of,
)
from notifications.settings import NotificationsSettings
from notifications.use_cases import reminding, telling
from notifications.use_cases.ports import Desk

log = structlog.get_logger()

#: Facts told at once; rendering holds the processor, and requests wait meanwhile.
_FACTS = 50


def _gateways(settings: NotificationsSettings) -> Gateways:
    return {
        Channel.EMAIL: SmtpGateway(
            Relay(settings.smtp_url),
            email_from=settings.email_from,
            trace_url=settings.email_trace_url,
            pace=Pace(settings.email_per_second),
        ),
        Channel.SMS: SmsGateway(
            Account(
                url=settings.sms_url.rstrip("/"),
                sid=settings.sms_account_sid,
                auth_token=settings.sms_auth_token,
                number=settings.sms_from,
                status_url=f"{settings.public_url.rstrip('/')}{STATUS_PATH}",
            ),
            pace=Pace(settings.sms_per_second),
        ),
    }


class SendingTimers(PolicyReader):
    """Tells families what is due, a little at a time."""

    renderer = provides(lambda settings: JinjaRenderer(settings.email_from))
    gateways = provides(_gateways)

    @every(0.5)
    def tell_families(self) -> None:
        """Make the messages of facts whose copies are here."""
        while self._tell_some() == _FACTS:
            pass

    def _tell_some(self) -> int:
        due = due_tellings(now=utc_now(), limit=_FACTS)
        for district, fact_ids in due.items():
            told = telling.tell_families(fact_ids, self._desk(district, "tell"))
            reminded = reminding.remind_families(fact_ids, self._desk(district, "remind"))
            metrics.TOLD.inc(told.messages + reminded)
            for fact_id in told.stuck:
                metrics.STUCK.inc()
                log.warning("fact_stuck", district=district, fact_id=fact_id)
        return sum(len(fact_ids) for fact_ids in due.values())

    def _desk(self, district: str, job: str) -> Desk:
        work = self.work_for(district, f"{job}:{uuid4()}")
        return Desk(
            tellings=MongoTellings(work),
            messages=MongoMessages(work),
            roster=roster_of(work),
            suppressions=MongoSuppressions(self.work_for(EVERYWHERE, work.cause)),
            renderer=self.renderer,
            rules=self.rules_for(work),
            now=work.now,
        )

    @every(0.5)
    def deliver_emails(self) -> None:
        """Send the emails that are due."""
        self._courier(Channel.EMAIL).deliver_due()

    @every(0.5)
    def deliver_texts(self) -> None:
        """Send the text messages that are due."""
        self._courier(Channel.SMS).deliver_due()

    def _courier(self, channel: Channel) -> Courier:
        return Courier(
            channel=channel,
            gateway=self.gateways[channel],
            policies=self.policies,
            work_for=self.work_for,
            stops=lambda: self.health.draining,
        )
