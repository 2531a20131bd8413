"""The notifications service: families are told, once, in their language."""

from typing import Any
from uuid import uuid4

import structlog
from werkzeug.wrappers import Response

from chassis.auth import PUBLIC, Permission, Role
from chassis.http import Call, page_schema, route
from chassis.messaging import consumes
from chassis.mongo import Page
from chassis.outbox import UnitOfWork, utc_now
from chassis.service import Service, provides
from chassis.timers import every
from contracts.artifacts import (
    GUARDIAN_UPDATED,
    SCHOOL_UPDATED,
    STUDENT_ENROLLED,
    STUDENT_WITHDRAWN,
    GuardianUpdated,
    SchoolUpdated,
    StudentEnrolled,
    StudentWithdrawn,
)
from contracts.defenses import (
    DEFENSE_CANCELLED,
    DEFENSE_MOVED,
    DEFENSE_RESEATED,
    DEFENSE_SCHEDULED,
    DefenseCancelled,
    DefenseMoved,
    DefenseReseated,
    DefenseScheduled,
)
from contracts.envelope import derived_id
from notifications.clients.pace import Pace
from notifications.clients.rendering import JinjaRenderer
from notifications.clients.sms import Account, SmsGateway
from notifications.clients.smtp import Relay, SmtpGateway
from notifications.domain.messages import Message
from notifications.domain.roster import Channel
from notifications.domain.sms_codes import UnknownStatusError, receipt
from notifications.domain.tellings import WaitingRules
from notifications.entrypoints import metrics
from notifications.entrypoints.courier import EVERYWHERE, Courier, Gateways
from notifications.entrypoints.schemas import (
    FullMessageSchema,
    MessageSchema,
    MessagesQuerySchema,
    SummarySchema,
    shown,
    summary,
)
from notifications.entrypoints.webhooks import SignatureCheck, twiml
from notifications.repository import (
    DistrictPolicies,
    MongoDisclosures,
    MongoGuardians,
    MongoMessages,
    MongoReplies,
    MongoSchools,
    MongoStudents,
    MongoSuppressions,
    MongoTellings,
    due_tellings,
    roster_of,
)
from notifications.settings import NotificationsSettings, NotificationsSettingsSchema
from notifications.use_cases import copying, hearing, reading, telling

log = structlog.get_logger()

#: Messages hold a student's data and a guardian's choices; one guardian must not read another's.
_READ_MESSAGES = Permission("read-messages", (Role.DISTRICT_ADMIN, Role.COORDINATOR, Role.PORTAL))

_STATUS_PATH = "/webhooks/sms/status"
_FORM = "application/x-www-form-urlencoded"
_TWIML = "text/xml"

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
                status_url=f"{settings.public_url.rstrip('/')}{_STATUS_PATH}",
            ),
            pace=Pace(settings.sms_per_second),
        ),
    }


class NotificationsService(Service):
    """Tells families about what concerns their students."""

    name = "notifications"
    title = "Notifications"
    settings_schema = NotificationsSettingsSchema

    policies = provides(lambda settings: DistrictPolicies(settings.policy_dir))
    renderer = provides(lambda settings: JinjaRenderer(settings.email_from))
    gateways = provides(_gateways)
    signatures = provides(
        lambda settings: SignatureCheck(auth_token=settings.sms_auth_token, public_url=settings.public_url)
    )

    @consumes(SCHOOL_UPDATED)
    def on_school_updated(self, event: SchoolUpdated, work: UnitOfWork) -> None:
        """Keep a copy of a school."""
        copying.keep_school(event, version=work.subject_version, schools=MongoSchools(work))

    @consumes(STUDENT_ENROLLED)
    def on_student_enrolled(self, event: StudentEnrolled, work: UnitOfWork) -> None:
        """Keep a copy of a student."""
        copying.keep_student(event, version=work.subject_version, students=MongoStudents(work))

    @consumes(STUDENT_WITHDRAWN)
    def on_student_withdrawn(self, event: StudentWithdrawn, work: UnitOfWork) -> None:
        """Keep that a student has left."""
        copying.keep_withdrawal(event, version=work.subject_version, students=MongoStudents(work))

    @consumes(GUARDIAN_UPDATED)
    def on_guardian_updated(self, event: GuardianUpdated, work: UnitOfWork) -> None:
        """Keep a copy of a guardian."""
        copying.keep_guardian(event, version=work.subject_version, guardians=MongoGuardians(work))

    @consumes(DEFENSE_SCHEDULED)
    def on_defense_scheduled(self, event: DefenseScheduled, work: UnitOfWork) -> None:
        """Keep that a family must hear of a defense."""
        self._note_defense(event, work)

    @consumes(DEFENSE_MOVED)
    def on_defense_moved(self, event: DefenseMoved, work: UnitOfWork) -> None:
        """Keep that a family must hear of another time or place."""
        self._note_defense(event, work)

    @consumes(DEFENSE_RESEATED)
    def on_defense_reseated(self, event: DefenseReseated, work: UnitOfWork) -> None:
        """Keep where a defense is, if nobody has said so yet; its revision is no newer, so nobody is told."""
        self._note_defense(event, work)

    @consumes(DEFENSE_CANCELLED)
    def on_defense_cancelled(self, event: DefenseCancelled, work: UnitOfWork) -> None:
        """Keep that a family must hear that a defense does not take place."""
        rules = self._waiting_rules(work)
        telling.note_cancellation(event, tellings=MongoTellings(work), rules=rules, now=work.now)

    def _note_defense(self, event: DefenseScheduled, work: UnitOfWork) -> None:
        rules = self._waiting_rules(work)
        telling.note_defense(event, tellings=MongoTellings(work), rules=rules, now=work.now)

    def _waiting_rules(self, work: UnitOfWork) -> WaitingRules:
        return self.policies.rules(work.district, on=work.now.date()).waiting

    @every(0.5)
    def tell_families(self) -> None:
        """Make the messages of facts whose copies are here."""
        while self._tell_some() == _FACTS:
            pass

    def _tell_some(self) -> int:
        due = due_tellings(now=utc_now(), limit=_FACTS)
        for district, fact_ids in due.items():
            work = self.work_for(district, f"tell:{uuid4()}")
            told = telling.tell_families(
                fact_ids,
                tellings=MongoTellings(work),
                roster=roster_of(work),
                messages=MongoMessages(work),
                suppressions=MongoSuppressions(self.work_for(EVERYWHERE, work.cause)),
                renderer=self.renderer,
                rules=self.policies.rules(district, on=work.now.date()),
                now=work.now,
            )
            metrics.TOLD.inc(told.messages)
            for defense_id in told.stuck:
                metrics.STUCK.inc()
                log.warning("fact_stuck", district=district, defense_id=defense_id)
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
            gateway=self.gateways[channel],
            policies=self.policies,
            work_for=self.work_for,
        )

    @route(
        "GET",
        "/v1/messages",
        permission=_READ_MESSAGES,
        query=MessagesQuerySchema,
        returns=page_schema(MessageSchema),
    )
    def list_messages(self, call: Call) -> Page[dict[str, Any]]:
        """List messages, sent or not, with the reason."""
        query = call.query
        page = MongoMessages(call.work).page(
            cursor=query["cursor"],
            limit=query["limit"],
            student_id=query["student"],
            school_id=query["school"],
            state=query["state"].value if query["state"] else None,
            channel=query["channel"].value if query["channel"] else None,
        )
        self._note_disclosure(call, *page.items)
        return page.map(shown)

    @route("GET", "/v1/messages/summary", permission=_READ_MESSAGES, returns=SummarySchema)
    def summarise_messages(self, call: Call) -> dict[str, Any]:
        """Count messages by channel and state, and the facts behind them."""
        return summary(MongoMessages(call.work).counts(), MongoTellings(call.work).counts())

    @route("GET", "/v1/messages/<message_id>", permission=_READ_MESSAGES, returns=FullMessageSchema)
    def show_message(self, call: Call) -> dict[str, Any]:
        """Show one message with everything that the family got."""
        message = MongoMessages(call.work).get(call.path["message_id"])
        self._note_disclosure(call, message)
        return shown(message)

    def _note_disclosure(self, call: Call, *messages: Message) -> None:
        reading.note_disclosure(
            derived_id("disclosure", call.work.cause),
            messages,
            to=call.principal.subject,
            role=str(call.principal.role),
            disclosures=MongoDisclosures(call.work),
            now=call.work.now,
        )

    @route("POST", _STATUS_PATH, permission=PUBLIC, consumes=_FORM, produces=_TWIML)
    def hear_receipt(self, call: Call) -> Response:
        """Hear from the SMS provider what became of a message."""
        form = self.signatures.form(call.request)
        about = call.request.args
        code = form.get("ErrorCode", "")
        try:
            said = receipt(
                form.get("MessageStatus", ""),
                form.get("MessageSid", ""),
                int(code) if code.isdecimal() else None,
            )
        except UnknownStatusError as error:
            metrics.STATUS_UNKNOWN.inc()
            log.warning("receipt_not_understood", detail=str(error))
            return twiml()
        if said is not None:
            work = self.work_for(about.get("district", ""), f"receipt:{uuid4()}")
            hearing.hear_receipt(
                about.get("message", ""),
                said,
                messages=MongoMessages(work),
                tellings=MongoTellings(work),
                suppressions=MongoSuppressions(self.work_for(EVERYWHERE, work.cause)),
                now=work.now,
            )
        # Whether we know the message or not: the provider must not try again.
        return twiml()

    @route("POST", "/webhooks/sms/inbound", permission=PUBLIC, consumes=_FORM, produces=_TWIML)
    def hear_reply(self, call: Call) -> Response:
        """Hear what a family replies: STOP, START, HELP, or words for a person."""
        form = self.signatures.form(call.request)
        if not form.get("MessageSid") or not form.get("From"):
            # Signed, and yet no message: trying again would not make it one.
            return twiml()
        work = self.work_for(EVERYWHERE, f"reply:{uuid4()}")
        keywords, answers = self.policies.keywords(EVERYWHERE, on=work.now.date())
        wish = hearing.hear_reply(
            form["MessageSid"],
            sender=form["From"],
            text=form.get("Body", ""),
            keywords=keywords,
            replies=MongoReplies(work),
            suppressions=MongoSuppressions(work),
            now=work.now,
        )
        # The provider answers its own keywords, and says so.
        return twiml() if wish is None or form.get("OptOutType") else twiml(answers.get(wish, ""))
