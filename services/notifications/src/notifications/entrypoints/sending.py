"""Make the messages of what families must hear, and send what is due."""

from dataclasses import replace
from functools import partial
from uuid import uuid4

import structlog

from chassis.outbox import utc_now
from chassis.service import provides
from chassis.timers import every
from notifications.clients.pace import Pace
from notifications.clients.simulation import SandboxGateway, SimulatedReceipts
from notifications.clients.sms import Account, SmsGateway
from notifications.clients.sms_routes import SmsRoutes
from notifications.clients.smtp import SmtpGateway
from notifications.clients.smtp_dialogue import Relay
from notifications.clients.unsubscribing import UnsubscribeLinks
from notifications.domain.planning import DistrictRules
from notifications.domain.roster import Channel
from notifications.entrypoints import metrics
from notifications.entrypoints.courier import EVERYWHERE, Courier, Gateways
from notifications.entrypoints.desk import DeskKeeper
from notifications.entrypoints.receipts import STATUS_PATH
from notifications.entrypoints.webhooks import signature_check
from notifications.repository import MongoReaches, MongoWeights, due_tellings, speeds
from notifications.settings import NotificationsSettings
from notifications.use_cases import reaching, reminding, routing, telling
from notifications.use_cases.ports import Gateway

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
            links=UnsubscribeLinks(settings.link_keys, public_url=settings.public_url),
        ),
        Channel.SMS: _sms_routes(settings),
    }


def _sms_routes(settings: NotificationsSettings) -> SmsRoutes:
    status_url = f"{settings.public_url.rstrip('/')}{STATUS_PATH}"
    first = Account(
        url=settings.sms_url.rstrip("/"),
        sid=settings.sms_account_sid,
        auth_token=settings.sms_auth_token,
        number=settings.sms_from,
        status_url=status_url,
    )
    found = {"first": SmsGateway(first, pace=Pace(settings.sms_per_second))}
    if settings.sms_second_url:
        second = Account(
            url=settings.sms_second_url.rstrip("/"),
            sid=settings.sms_second_account_sid,
            auth_token=settings.sms_second_auth_token,
            number=settings.sms_second_from,
            status_url=status_url,
        )
        found["second"] = SmsGateway(second, pace=Pace(settings.sms_second_per_second))
    return SmsRoutes(found)


def _simulated_receipts(settings: NotificationsSettings) -> SimulatedReceipts:
    return SimulatedReceipts(
        status_url=f"{settings.public_url.rstrip('/')}{STATUS_PATH}", sign=signature_check(settings).sign
    )


class SendingTimers(DeskKeeper):
    """Tells families what is due, a little at a time."""

    gateways = provides(_gateways)
    simulated_receipts = provides(_simulated_receipts)

    @every(5.0)
    def weigh_routes(self) -> None:
        """Share texts out between the SMS routes as errors and slowness ask."""
        gateway = self.gateways[Channel.SMS]
        if not isinstance(gateway, SmsRoutes) or len(gateway.names) == 1:
            return
        work = self.work_for(EVERYWHERE, f"weigh:{uuid4()}")
        rules = self.policies.routes(EVERYWHERE, on=work.now.date())
        before = gateway.weights
        weights = routing.weigh(
            gateway.names,
            failing=gateway.failing(most_errors=rules.most_errors, within_s=rules.errors_within_s),
            speeds=speeds(gateway.names, now=work.now, rules=rules),
            book=MongoWeights(work),
            rules=rules,
            now=work.now,
        )
        gateway.weights = weights.by_route
        for name, weight in weights.by_route.items():
            metrics.ROUTE_WEIGHT.labels(name).set(weight)
        if weights.changes and weights.by_route != before:
            log.warning("routes_weighed", reason=weights.changes[-1].reason, **weights.by_route)

    @every(0.5)
    def tell_families(self) -> None:
        """Make the messages of facts whose copies are here."""
        while self._tell_some() == _FACTS:
            pass

    def _tell_some(self) -> int:
        due = due_tellings(now=utc_now(), limit=_FACTS)
        for district, fact_ids in due.items():
            desk, work = self.desk(district, "watch")
            reaching.watch_facts(fact_ids, desk, MongoReaches(work))
            told = telling.tell_families(fact_ids, self.desk(district, "tell")[0])
            reminded = reminding.remind_families(fact_ids, self.desk(district, "remind")[0])
            metrics.TOLD.inc(told.messages + reminded)
            for fact_id in told.stuck:
                metrics.STUCK.inc()
                log.warning("fact_stuck", district=district, fact_id=fact_id)
        return sum(len(fact_ids) for fact_ids in due.values())

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
            gateway_for=partial(self._gateway_for, channel),
            policies=self.policies,
            work_for=self.work_for,
            stops=lambda: self.health.draining,
        )

    def _gateway_for(self, channel: Channel, rules: DistrictRules) -> Gateway:
        """Return the provider as a district may use it; of what is simulated it never hears."""
        sandbox = replace(rules.sandbox, everything=True) if self.settings.sandbox else rules.sandbox
        return SandboxGateway(self.gateways[channel], sandbox, self.simulated_receipts.report)
