"""What comes back from the SMS provider: receipts, and what families reply."""

from uuid import uuid4

import structlog
from werkzeug.wrappers import Response

from chassis.auth import PUBLIC
from chassis.http import Call, route
from chassis.service import provides
from notifications.domain.sms_codes import UnknownStatusError, is_known, receipt
from notifications.entrypoints import metrics
from notifications.entrypoints.courier import EVERYWHERE
from notifications.entrypoints.policies import PolicyReader
from notifications.entrypoints.webhooks import signature_check, twiml
from notifications.repository import (
    MongoMessages,
    MongoReaches,
    MongoReplies,
    MongoSuppressions,
    MongoTellings,
)
from notifications.use_cases import hearing

log = structlog.get_logger()

STATUS_PATH = "/webhooks/sms/status"
_FORM = "application/x-www-form-urlencoded"
_TWIML = "text/xml"


class ProviderWebhooks(PolicyReader):
    """Hears the SMS provider, by its signature."""

    signatures = provides(signature_check)

    @route("POST", STATUS_PATH, permission=PUBLIC, consumes=_FORM, produces=_TWIML)
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
        if code.strip("0") and not is_known(int(code) if code.isdecimal() else None):
            metrics.CODE_UNKNOWN.inc()
            log.warning("receipt_code_unknown", code=code[:10])
        if said is not None:
            work = self.work_for(about.get("district", ""), f"receipt:{uuid4()}")
            hearing.hear_receipt(
                about.get("message", ""),
                said,
                messages=MongoMessages(work),
                tellings=MongoTellings(work),
                suppressions=MongoSuppressions(self.work_for(EVERYWHERE, work.cause)),
                reaches=MongoReaches(work),
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
        heard = hearing.hear_reply(
            form["MessageSid"],
            sender=form["From"],
            text=form.get("Body", ""),
            keywords=self.policies.keywords(EVERYWHERE, on=work.now.date()),
            replies=MongoReplies(work),
            suppressions=MongoSuppressions(work),
            now=work.now,
        )
        # The provider answers its own keywords, and says so.
        return twiml() if form.get("OptOutType") else twiml(heard.answer)
