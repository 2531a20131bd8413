"""Families are watched until they are reached, told by what is left, and listed if nothing is."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pika
import pytest
from tests.integration.notifications.notifications_reach import Reaching, ReachSeason, running_reach
from tests.integration.notifications.notifications_season import Family, new_family, wait_until

from contracts.artifacts import GUARDIAN_UPDATED
from contracts.envelope import parse
from contracts.notifications import FAMILY_UNREACHED, MESSAGE_DELIVERED, MESSAGE_FAILED
from notifications.entrypoints.webhooks import SignatureCheck
from stack import testing
from stack.http import direct_session


@pytest.fixture(scope="module")
def reaching(
    broker: testing.BrokerAddress,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Reaching]:
    directory = tmp_path_factory.mktemp("reaching")
    with running_reach(directory, broker=broker, store=store, mail_sink=mail_sink) as around:
        yield around


@pytest.fixture
def reach(
    reaching: Reaching, mail_sink: testing.MailSink, request: pytest.FixtureRequest
) -> Iterator[ReachSeason]:
    season = ReachSeason(reaching, mail_sink, kind=getattr(request, "param", "plain"))
    yield season
    season.close()


def in_districts(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("reach", [kind], indirect=True)


def told(season: ReachSeason, *families: Family) -> None:
    for family in families:
        season.enroll(family)
        season.schedule(family)


def reasons(item: dict[str, Any]) -> set[tuple[str | None, str]]:
    return {(each["channel"], each["reason"]) for each in item["obstacles"]}


def listed(season: ReachSeason, family: Family, *, state: str = "unreached") -> dict[str, Any]:
    """Return the family's entry once it is in this state."""
    found: dict[str, Any] = wait_until(
        lambda: next(iter(season.unreached(student=family.student.student_id, state=state)), None),
        f"the state {state}",
    )
    return found


def everywhere(season: ReachSeason, family: Family) -> list[dict[str, Any]]:
    """Return the texts that both providers sent to the family."""
    found = [*season.texts(family), *season.second.messages(to=family.guardian.phone or "")]
    return [each for each in found if each["direction"] != "inbound"]


def test_texts_go_by_both_providers_whose_receipts_bear_their_own_signatures(reach: ReachSeason) -> None:
    families = [new_family(email=None) for _ in range(16)]
    told(reach, *families)

    for family in families:
        reach.wait_for(family, "sms", ("delivered", None))

    sent = [everywhere(reach, family) for family in families]
    by_second = [each for each in families if reach.second.messages(to=each.guardian.phone or "")]
    assert [len(each) for each in sent] == [1] * len(families)
    # By an even draw, one in 65,000 runs sends all by one.
    assert 0 < len(by_second) < len(families)


def test_a_stop_that_the_second_provider_reports_counts(reach: ReachSeason) -> None:
    family = new_family(email=None)
    number = family.guardian.phone or ""

    answer = reach.second.answer(number, "STOP", webhook=f"{reach.service.url}/webhooks/sms/inbound")
    told(reach, family)

    assert answer == 200
    assert reasons(listed(reach, family)) == {("email", "no_address"), ("sms", "opted_out")}


def test_case_13_one_provider_s_secret_does_not_sign_for_the_other(reach: ReachSeason) -> None:

    form = {"AccountSid": reach.second.account, "MessageSid": "SM1", "MessageStatus": "sent"}
    url = f"{reach.service.url}/webhooks/sms/status"
    answers = {}
    for name, secret in (("first", reach.sms.auth_token), ("second", reach.second.auth_token)):
        signature = SignatureCheck(auth_token=secret, public_url="").sign(url, form)
        with direct_session() as session:
            answers[name] = session.post(
                url, data=form, headers={"X-Twilio-Signature": signature}, timeout=20
            ).status_code

    assert answers == {"first": 403, "second": 200}


@in_districts("texts")
def test_case_25_a_hard_bounce_brings_the_text_and_a_new_address_works(reach: ReachSeason) -> None:
    family = new_family()
    told(reach, family)
    reach.wait_for(family, "email", ("sent", None))
    assert reach.states(family)["sms"] == ("not_sent", "in_reserve")

    assert reach.report(reach.sns.notification(reach.ses(family, "Bounce"))) == 200

    wait_until(
        lambda: reach.states(family) == {"email": ("failed", "address_refused"), "sms": ("delivered", None)},
        "the text",
    )
    # Another fact of the same guardian: not to that address, and to a new one again.
    other = replace(family, defense=replace(family.defense, defense_id=f"d-{uuid4().hex[:12]}"))
    moved = replace(family.guardian, email=f"new.{family.guardian.email}")
    reach.schedule(other)
    wait_until(
        lambda: (
            {
                (each["state"], each["reason"])
                for each in reach.all_messages(family, channel="email")
                if each["fact_id"] == other.defense.defense_id
            }
            == {("not_sent", "address_refused")}
        ),
        "the second fact",
    )
    reach.publish(GUARDIAN_UPDATED, moved.guardian_id, moved, version=2)
    reach.wait_for_copy("guardians", moved.guardian_id, version=2)
    third = replace(family, defense=replace(family.defense, defense_id=f"d-{uuid4().hex[:12]}"))
    reach.schedule(third)
    wait_until(lambda: reach.mail.mails(to=moved.email or ""), "the mail to the new address")
    assert len(everywhere(reach, family)) == 2


@in_districts("texts")
def test_case_25_a_complaint_suppresses_the_address_and_a_soft_bounce_does_not(reach: ReachSeason) -> None:
    complaining, full = new_family(phone=None), new_family(phone=None)
    told(reach, complaining, full)
    for family in (complaining, full):
        reach.wait_for(family, "email", ("sent", None))

    assert reach.report(reach.sns.notification(reach.ses(complaining, "Complaint"))) == 200
    assert reach.report(reach.sns.notification(reach.ses(full, "Bounce", "Transient"))) == 200
    for family in (complaining, full):
        reach.schedule(replace(family, defense=replace(family.defense, defense_id=f"d-{uuid4().hex[:12]}")))

    def mails(family: Family) -> set[tuple[str, str | None]]:
        return {(each["state"], each["reason"]) for each in reach.all_messages(family, channel="email")}

    wait_until(
        lambda: mails(complaining) == {("delivered", None), ("not_sent", "complained")}, "the complaint"
    )
    wait_until(lambda: mails(full) == {("failed", "mailbox_unavailable"), ("sent", None)}, "the soft bounce")


def test_case_13_mail_reports_that_sns_did_not_sign_change_nothing(reach: ReachSeason) -> None:
    family = new_family(phone=None)
    told(reach, family)
    reach.wait_for(family, "email", ("sent", None))
    bounce = reach.ses(family, "Bounce")
    signed = reach.sns.notification(bounce)

    answers = [
        reach.report({**signed, "Signature": "Zm9yZ2Vk"}),
        reach.report({**signed, "Message": signed["Message"].replace("Bounce", "Complaint")}),
        reach.report(reach.sns.notification(bounce, TopicArn="arn:aws:sns:us-east-1:6:theirs")),
        reach.report(reach.sns.notification(bounce, Timestamp="2026-01-01T00:00:00.000Z")),
        reach.report(reach.sns.notification(bounce, SigningCertURL="http://evil.example/a.pem")),
        reach.report({"Message": "unsigned"}),
    ]

    assert answers == [403] * len(answers)
    assert reach.states(family)["email"] == ("sent", None)


def test_case_14_mail_reports_that_nobody_understands_are_taken_and_leave_the_message_alone(
    reach: ReachSeason,
) -> None:
    family = new_family(phone=None)
    told(reach, family)
    reach.wait_for(family, "email", ("sent", None))

    odd = [reach.ses(family, "Teleported"), reach.ses(family, "Bounce", "Sideways"), {"mail": None}]

    assert [reach.report(reach.sns.notification(each)) for each in odd] == [200] * 3
    assert reach.states(family)["email"] == ("sent", None)
    with direct_session() as session:
        shown = session.get(f"{reach.service.url}/metrics", timeout=20).text
    assert "receipts_unknown_total 0.0" not in shown
    assert (family.guardian.email or "") not in reach.service.log.read_text()


def test_the_topic_s_subscription_confirms_itself(reach: ReachSeason) -> None:
    asked = {
        "Type": "SubscriptionConfirmation",
        "Token": "token",
        "SubscribeURL": f"{reach.sns.url}/?Action=ConfirmSubscription&Token=token",
    }

    assert reach.report(reach.sns.notification({}, **asked)) == 200
    assert reach.sns.confirmed == ["/?Action=ConfirmSubscription&Token=token"]


@in_districts("mails")
def test_case_16_an_opt_out_that_only_the_provider_knew_lets_the_email_take_over(reach: ReachSeason) -> None:
    family = new_family(phone_ends="9999")
    told(reach, family)

    wait_until(
        lambda: reach.states(family) == {"email": ("sent", None), "sms": ("failed", "opted_out")}, "the mail"
    )
    # The school sees it, and the family is reached.
    assert listed(reach, family, state="reached")["closed_at"]


def test_case_24_without_a_contact_nothing_is_sent_until_one_comes(reach: ReachSeason) -> None:
    family = new_family(email=None, phone=None)
    told(reach, family)
    entry = listed(reach, family)
    assert reasons(entry) == {("email", "no_address"), ("sms", "no_address")}
    assert entry["school_id"] == family.school.school_id
    assert reach.states(family) == {"email": ("not_sent", "no_address"), "sms": ("not_sent", "no_address")}

    contact = replace(family.guardian, email=f"late.{uuid4().hex[:12]}@example.org")
    reach.publish(GUARDIAN_UPDATED, contact.guardian_id, contact, version=2)

    listed(reach, family, state="reached")
    assert len(reach.mail.mails(to=contact.email or "")) == 1
    assert reach.unreached(student=family.student.student_id) == []


def test_a_school_s_list_is_paged_shown_to_those_who_may_and_every_reading_is_recorded(
    reach: ReachSeason,
) -> None:
    school = new_family().school
    families = [replace(new_family(email=None, phone=None), school=school) for _ in range(3)]
    families = [
        replace(
            each,
            student=replace(each.student, school_id=school.school_id),
            defense=replace(each.defense, school_id=school.school_id),
        )
        for each in families
    ]
    elsewhere = new_family(email=None, phone=None)
    told(reach, *families, elsewhere)
    wait_until(lambda: len(reach.unreached(school=school.school_id)) == 3, "the list")
    before = reach.documents("disclosures")

    first = reach.get("/v1/unreached", "coordinator", school=school.school_id, limit="2").json()
    rest = reach.get(
        "/v1/unreached", "coordinator", school=school.school_id, limit="2", cursor=first["next_cursor"]
    ).json()

    shown = [each["student_id"] for page in (first, rest) for each in page["items"]]
    assert sorted(shown) == sorted(each.student.student_id for each in families)
    assert rest["next_cursor"] is None
    assert reach.documents("disclosures") == before + 2
    assert {
        reach.get("/v1/unreached", role).status_code
        for role in ("guardian", "student", "teacher", "scorer", "panelist")
    } == {403}

    def gauge() -> bool:
        with direct_session() as session:
            text = session.get(f"{reach.service.url}/metrics", timeout=20).text
        return f'families_unreached{{district="{reach.district}",school="{school.school_id}"}} 3.0' in text

    wait_until(gauge, "the gauge")


def test_a_coordinator_who_has_called_takes_a_family_off_the_list(reach: ReachSeason) -> None:
    family = new_family(email=None, phone=None)
    told(reach, family)
    listed(reach, family)
    path = f"/v1/unreached/{family.defense.defense_id}/told-by-hand"

    wrong = reach.post(path, {"how": "telepathy"})
    forbidden = reach.post(path, {"how": "called"}, role="teacher")
    done = reach.post(path, {"how": "called", "note": "Spoke to the aunt."})
    again = reach.post(path, {"how": "called"})
    missing = reach.post("/v1/unreached/d-none/told-by-hand", {"how": "called"})

    assert (wrong.status_code, forbidden.status_code) == (422, 403)
    assert wrong.json()["errors"][0]["field"] == "how"
    assert (done.status_code, again.status_code, missing.status_code) == (200, 409, 404)
    assert {name: done.json()[name] for name in ("state", "closed_by", "told_how", "note")} == {
        "state": "told_by_hand",
        "closed_by": "coordinator-1",
        "told_how": "called",
        "note": "Spoke to the aunt.",
    }
    assert reach.unreached(student=family.student.student_id) == []


@in_districts("near")
def test_others_hear_how_messages_ended_and_once_that_a_family_is_not_reached(
    reach: ReachSeason, reaching: Reaching, tmp_path: Any
) -> None:
    heard: list[Any] = []
    reachable, unreachable = new_family(email=None), new_family(phone_ends="9998", email=None)
    with ExitStack() as around:
        connection = around.enter_context(
            pika.BlockingConnection(pika.URLParameters(reaching.start["amqp_url"]))
        )
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        for contract in (MESSAGE_DELIVERED, MESSAGE_FAILED, FAMILY_UNREACHED):
            channel.queue_bind(queue, contract.exchange, contract.type)
        start = {name: reaching.start[name] for name in ("amqp_url", "mongo_url", "database", "extra_env")}
        around.enter_context(testing.running_relay("notifications", tmp_path, **start))
        told(reach, reachable, unreachable)

        def all_heard() -> bool:
            _, _, body = channel.basic_get(queue, auto_ack=True)
            if body:
                heard.append(parse(body))
            mine = [each for each in heard if each.district == reach.district]
            return len(mine) >= 3

        wait_until(all_heard, "the events")

    by_type = {each.type: each.data for each in heard if each.district == reach.district}
    assert by_type[MESSAGE_DELIVERED.type]["student_id"] == reachable.student.student_id
    assert by_type[MESSAGE_FAILED.type]["reason"] == "phone_unreachable"
    unreached = FAMILY_UNREACHED.load(by_type[FAMILY_UNREACHED.type])
    assert unreached.student_id == unreachable.student.student_id
    assert ("sms", "phone_unreachable") in {(each.channel, each.reason) for each in unreached.obstacles}
    [entry] = reach.unreached(student=unreachable.student.student_id)
    assert entry["announced_at"]


def tried_again(season: ReachSeason, family: Family) -> bool:
    return bool(season.messages(family).get("sms", {}).get("attempts", 0) > 1)


@in_districts("texts")
def test_case_4_a_provider_that_asks_for_patience_is_tried_again_and_others_are_not_held_up(
    reach: ReachSeason,
) -> None:
    busy = [new_family(phone_ends=ends, email=None) for ends in ("9997", "9996")]
    other = new_family(email=None)
    told(reach, *busy, other)

    wait_until(lambda: reach.states(other).get("sms") == ("delivered", None), "the other family")
    for family in busy:
        wait_until(partial(tried_again, reach, family), "a second attempt")
        assert everywhere(reach, family) == []
