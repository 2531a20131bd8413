"""Bounces and complaints: whom they are from, what they say, and what becomes of the address."""

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from marshmallow import ValidationError
from tests.unit.notifications.notification_examples import NOW, Examples, World
from tests.unit.notifications.notification_reach import WatchedService

from notifications.clients.letters import REFERENCE_HEADER
from notifications.clients.sns import ForgedError, SnsCheck
from notifications.domain.delivery import Accepted
from notifications.domain.mail_events import (
    COMPLAINED,
    DELIVERED,
    REJECTED,
    MailEvent,
    UnknownMailEventError,
    bounced,
)
from notifications.domain.messages import State
from notifications.domain.reach import ReachState
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.entrypoints.mail_event_schemas import MailNotification, MailNotificationSchema
from notifications.use_cases.hearing_mail import MailReport, hear_mail
from notifications.use_cases.identities import suppression_id

TOPIC = "arn:aws:sns:us-east-1:123456789012:bounces"
CERTIFICATE_URL = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem"
ORIGIN = r"https://sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?"
EMAIL = "ana@example.org"
MESSAGE_ID = "<m-1@district.example>"
HARD = bounced("Permanent", "General")
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key: Any = KEY, *, until: datetime = NOW + timedelta(days=1)) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=9))
        .not_valid_after(until)
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM)


class ScriptedHttp:
    """What is got from SNS, in place of a session."""

    def __init__(self, content: bytes, status: int = 200) -> None:
        self.response = requests.Response()
        self.response.status_code = status
        self.response._content = content
        self.got: list[str] = []

    def get(self, url: str, *, timeout: Any, allow_redirects: bool) -> requests.Response:
        self.got.append(url)
        return self.response


def check(http: ScriptedHttp | None = None, topic_arn: str = TOPIC) -> SnsCheck:
    made = SnsCheck(topic_arn=topic_arn, origin=ORIGIN)
    made._http = http or ScriptedHttp(certificate())  # type: ignore[assignment]  # one method is enough
    return made


def notification(**fields: str) -> dict[str, str]:
    """Return a signed notification; fields change it before it is signed."""
    made = {
        "Type": "Notification",
        "MessageId": "n-1",
        "TopicArn": TOPIC,
        "Message": "{}",
        "Timestamp": "2026-11-20T14:59:50.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        **fields,
    }
    subscribing = made["Type"] != "Notification"
    names = ["Message", "MessageId", *(["SubscribeURL"] if subscribing else ["Subject"]), "Timestamp"]
    names += [*(["Token"] if subscribing else []), "TopicArn", "Type"]
    text = "".join(f"{name}\n{made[name]}\n" for name in names if name in made)
    hashed = hashes.SHA1() if made["SignatureVersion"] == "1" else hashes.SHA256()  # noqa: S303 - SNS's version 1
    signed = KEY.sign(text.encode(), padding.PKCS1v15(), hashed)
    return {**made, "Signature": base64.b64encode(signed).decode()}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"SignatureVersion": "1"},
        {"Subject": "Amazon SES Email Event Notification"},
        {
            "Type": "SubscriptionConfirmation",
            "Token": "t",
            "SubscribeURL": "https://sns.us-east-1.amazonaws.com/?a",
        },
        {
            "Type": "UnsubscribeConfirmation",
            "Token": "t",
            "SubscribeURL": "https://sns.us-east-1.amazonaws.com/?a",
        },
    ],
)
def test_case_13_a_notification_that_sns_has_signed_passes(fields: dict[str, str]) -> None:
    check().verify(notification(**fields), now=NOW)


def test_a_certificate_is_got_once() -> None:
    http = ScriptedHttp(certificate())
    checking = check(http)

    for _ in range(2):
        checking.verify(notification(), now=NOW)

    assert http.got == [CERTIFICATE_URL]


def test_certificates_are_not_kept_without_end() -> None:
    http = ScriptedHttp(certificate())
    checking = check(http)

    for number in range(20):
        url = f"https://sns.us-east-1.amazonaws.com/{number}.pem"
        checking.verify(notification(SigningCertURL=url), now=NOW)

    assert len(checking._keys) <= 8


@pytest.mark.parametrize(
    "changed",
    [
        {"Message": '{"notificationType": "Bounce"}'},
        {"Signature": "Zm9yZ2Vk"},
        {"Signature": "no base64"},
        {"Signature": ""},
        {"Type": "Receipt"},
        {"SignatureVersion": "3"},
    ],
)
def test_case_13_a_notification_that_was_changed_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(ForgedError):
        check().verify({**notification(), **changed}, now=NOW)


@pytest.mark.parametrize("topic_arn", ["", "arn:aws:sns:us-east-1:666666666666:bounces"])
def test_case_13_a_notification_of_somebody_else_s_topic_is_refused(topic_arn: str) -> None:
    with pytest.raises(ForgedError, match="topic"):
        check(topic_arn=topic_arn).verify(notification(), now=NOW)


@pytest.mark.parametrize(
    "timestamp",
    ["", "yesterday", "2026-11-20T12:59:00.000Z", "2026-11-20T15:11:00.000Z", "2026-11-20T12:59:00"],
)
def test_case_13_a_notification_that_is_replayed_later_is_refused(timestamp: str) -> None:
    with pytest.raises(ForgedError):
        check().verify(notification(Timestamp=timestamp), now=NOW)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://sns.us-east-1.amazonaws.com/a.pem",
        "https://sns.us-east-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.us-east-1.amazonaws.com/a.pem",
        "https://sns.us-east-1.amazonaws.com@evil.example/a.pem",
        "https://sns.us-east-1.amazonaws.com:8443/a.pem",
    ],
)
def test_case_13_a_certificate_from_elsewhere_is_not_even_got(url: str) -> None:
    http = ScriptedHttp(certificate())

    with pytest.raises(ForgedError):
        check(http).verify(notification(SigningCertURL=url), now=NOW)
    assert http.got == []


@pytest.mark.parametrize(
    "content",
    [
        b"no certificate",
        b"x" * 20_001,
        certificate(until=NOW - timedelta(days=1)),
        certificate(ec.generate_private_key(ec.SECP256R1())),
        certificate(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    ],
    ids=["none", "huge", "expired", "other kind", "other key"],
)
def test_case_13_a_certificate_that_is_not_sns_s_proves_nothing(content: bytes) -> None:
    with pytest.raises(ForgedError):
        check(ScriptedHttp(content)).verify(notification(), now=NOW)


def test_a_certificate_that_cannot_be_got_now_is_no_forgery() -> None:
    with pytest.raises(requests.RequestException):
        check(ScriptedHttp(b"", 503)).verify(notification(), now=NOW)


def test_a_subscription_is_confirmed_at_sns_and_nowhere_else() -> None:
    http = ScriptedHttp(b"")
    checking = check(http)
    url = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"

    checking.confirm({"SubscribeURL": url})

    assert http.got == [url]
    with pytest.raises(ForgedError):
        checking.confirm({"SubscribeURL": "https://evil.example/"})
    assert http.got == [url]


@pytest.mark.parametrize(
    ("kind", "subtype", "event"),
    [
        ("Permanent", "General", (Reason.ADDRESS_REFUSED, Reason.ADDRESS_REFUSED)),
        ("Permanent", "OnAccountSuppressionList", (Reason.ADDRESS_REFUSED, Reason.ADDRESS_REFUSED)),
        ("Transient", "MailboxFull", (Reason.MAILBOX_UNAVAILABLE, None)),
        ("Transient", "MessageTooLarge", (Reason.CONTENT_REFUSED, None)),
        ("Undetermined", "Undetermined", (Reason.MAILBOX_UNAVAILABLE, None)),
    ],
)
def test_case_6_only_a_permanent_bounce_says_something_about_the_address(
    kind: str, subtype: str, event: tuple[Reason, Reason | None]
) -> None:
    reason, suppress = event

    assert bounced(kind, subtype) == MailEvent(state=State.FAILED, reason=reason, suppress=suppress)


def test_case_14_a_kind_of_bounce_that_we_do_not_know_is_an_error_of_its_own() -> None:
    with pytest.raises(UnknownMailEventError):
        bounced("Sideways", "General")


def said(kind: str = "Bounce", *, key: str = "notificationType", **fields: Any) -> MailNotification:
    """Return what SES says, with more in it than we read."""
    whole = {
        key: kind,
        "mail": {
            "timestamp": "2026-11-20T14:59:00.000Z",
            "destination": [EMAIL],
            "messageId": "ses-1",
            "headers": [{"name": REFERENCE_HEADER, "value": "jcps/m-1"}, {"name": "To", "value": EMAIL}],
        },
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": EMAIL, "action": "failed"}],
        },
        "complaint": {"complainedRecipients": [{"emailAddress": EMAIL}]},
        **fields,
    }
    loaded: MailNotification = MailNotificationSchema().loads(json.dumps(whole))
    return loaded


@pytest.mark.parametrize("key", ["notificationType", "eventType"])
@pytest.mark.parametrize(
    ("kind", "event", "addresses"),
    [
        ("Bounce", HARD, {EMAIL}),
        ("Complaint", COMPLAINED, {EMAIL}),
        ("Delivery", DELIVERED, set()),
        ("Reject", REJECTED, set()),
        ("Open", None, set()),
    ],
)
def test_a_notification_says_what_became_of_which_mail(
    kind: str, event: MailEvent | None, addresses: set[str], key: str
) -> None:
    found = said(kind, key=key)

    assert (found.event(), found.addresses, found.reference) == (event, addresses, "jcps/m-1")


def test_without_headers_nobody_knows_the_mail() -> None:
    assert said(mail={}).reference == ""


@pytest.mark.parametrize(
    "fields", [{"bounce": None}, {"mail": None}, {"bounce": {"bounceType": "Permanent"}}]
)
def test_case_14_a_notification_that_lacks_something_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        said(**fields)


def test_case_14_a_kind_of_notification_that_we_do_not_know_is_refused() -> None:
    with pytest.raises(ValidationError):
        said("Teleported")


def heard(world: World, make: Examples, event: MailEvent, *, message_id: str = "m-1") -> bool:
    return hear_mail(
        MailReport(event=event, addresses={EMAIL}, message_id=message_id, provider_id=MESSAGE_ID),
        messages=world.messages,
        tellings=world.tellings,
        suppressions=world.suppressions,
        reaches=world.reaches,
        now=make.now,
    )


def suppressed(world: World) -> Reason | None:
    found = world.suppressions.values.get(suppression_id(Channel.EMAIL, EMAIL))
    return found.reason if found else None


@pytest.fixture
def mailed(make: Examples, world: World) -> World:
    world.of(
        make.message(
            channel=Channel.EMAIL,
            address=EMAIL,
            state=State.SENT,
            provider_id=MESSAGE_ID,
            due_at=None,
        )
    )
    return world


@pytest.mark.parametrize(
    ("event", "state", "reason"),
    [
        (HARD, State.FAILED, Reason.ADDRESS_REFUSED),
        (bounced("Transient", "MailboxFull"), State.FAILED, None),
        (COMPLAINED, State.DELIVERED, Reason.COMPLAINED),
        (DELIVERED, State.DELIVERED, None),
    ],
)
def test_case_25_a_hard_bounce_and_a_complaint_suppress_the_address_and_a_soft_bounce_does_not(
    make: Examples, mailed: World, event: MailEvent, state: State, reason: Reason | None
) -> None:
    assert heard(mailed, make, event)
    assert mailed.messages.values["m-1"].state is state
    assert suppressed(mailed) is reason


def test_a_bounce_of_a_mail_that_nobody_knows_suppresses_the_address_all_the_same(
    make: Examples, world: World
) -> None:
    assert not heard(world, make, HARD, message_id="")
    assert not heard(world, make, HARD, message_id="m-lost")
    assert suppressed(world) is Reason.ADDRESS_REFUSED


def test_case_11_a_bounce_that_is_faster_than_our_own_record_is_kept(make: Examples, world: World) -> None:
    service = WatchedService(make)
    service.hear(make.event())
    service.tell()
    [mail] = service.claim(Channel.EMAIL)

    hear_mail(
        MailReport(event=HARD, addresses={EMAIL}, message_id=mail.message_id, provider_id="<m@x>"),
        messages=service.world.messages,
        tellings=service.world.tellings,
        suppressions=service.world.suppressions,
        reaches=service.reaches,
        now=service.now,
    )
    service.settle([mail], Accepted("<m@x>"))

    assert service.ends(Channel.EMAIL) == [(State.FAILED, Reason.ADDRESS_REFUSED, EMAIL)]


def test_case_25_a_bounce_after_a_family_was_reached_puts_it_back_under_watch(make: Examples) -> None:
    service = WatchedService(make)
    service.world.guardians.values["g-1"] = make.guardian(phone=None)
    service.hear(make.event())
    service.round()
    service.look()
    assert service.listed == (ReachState.REACHED, [])
    [mail] = [each for each in service.world.messages.values.values() if each.state is State.SENT]

    report = MailReport(
        event=HARD, addresses={EMAIL}, message_id=mail.message_id, provider_id=mail.provider_id
    )
    for _ in range(2):
        hear_mail(
            report,
            messages=service.world.messages,
            tellings=service.world.tellings,
            suppressions=service.world.suppressions,
            reaches=service.reaches,
            now=service.now,
        )
    service.look(after_s=1)

    assert service.reach.state is ReachState.UNREACHED
    assert service.world.messages.values[mail.message_id] == replace(
        mail, state=State.FAILED, reason=Reason.ADDRESS_REFUSED
    )
