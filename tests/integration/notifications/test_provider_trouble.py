"""Providers refuse, lose their answers and hear from families; nobody is told twice."""

from dataclasses import replace
from uuid import uuid4

from tests.integration.notifications.notifications_season import Season, new_family, wait_until

from contracts.defenses import DEFENSE_SCHEDULED
from stack.http import direct_session


def test_case_3_a_mail_whose_answer_was_lost_is_asked_about_and_not_sent_twice(season: Season) -> None:
    family = new_family(email=f"cut.{uuid4().hex[:12]}@example.org", phone=None)
    season.enroll(family)
    season.schedule(family)

    wait_until(lambda: season.states(family).get("email") == ("sent", None), "the answer of the trace")

    assert len(season.mail.mails(to=family.guardian.email or "")) == 1
    assert season.messages(family)["email"]["attempts"] == 1


def test_case_3_a_text_whose_answer_was_lost_is_found_by_its_receipt(season: Season) -> None:
    family = new_family(phone_ends="9995", email=None)
    season.enroll(family)
    season.schedule(family)

    wait_until(lambda: season.states(family).get("sms") == ("delivered", None), "the receipt")

    [text] = season.sms.messages(to=family.guardian.phone or "")
    assert season.messages(family)["sms"]["provider_id"] == text["sid"]


def test_case_6_an_address_that_does_not_exist_is_not_tried_again(season: Season) -> None:
    family = new_family(email=f"reject.{uuid4().hex[:12]}@example.org", phone=None)
    season.enroll(family)
    season.schedule(family)
    wait_until(lambda: season.states(family).get("email") == ("failed", "address_refused"), "the refusal")

    moved = replace(family.defense, revision=2, room="Library")
    season.publish(DEFENSE_SCHEDULED, moved.defense_id, moved, version=2)

    found = wait_until(
        lambda: len(items := season.all_messages(family, channel="email")) == 2 and items, "the second one"
    )
    assert {(each["revision"], each["state"], each["reason"]) for each in found} == {
        (1, "failed", "address_refused"),
        (2, "not_sent", "address_refused"),
    }


def test_case_6_a_relay_that_defers_is_tried_again_and_others_are_not_held_up(season: Season) -> None:
    deferred = new_family(email=f"defer.{uuid4().hex[:12]}@example.org", phone=None)
    other = new_family()
    for family in (deferred, other):
        season.enroll(family)
        season.schedule(family)

    wait_until(lambda: season.states(other).get("email") == ("sent", None), "the other family")
    wait_until(
        lambda: season.states(deferred).get("email") == ("created", "provider_busy"), "the postponement"
    )


def test_case_16_an_opt_out_that_only_the_provider_knew_leaves_the_email(season: Season) -> None:
    family = new_family(phone_ends="9999")
    season.enroll(family)
    season.schedule(family)

    wait_until(
        lambda: season.states(family) == {"email": ("sent", None), "sms": ("failed", "opted_out")},
        "the refusal",
    )


def test_a_phone_that_cannot_be_reached_is_shown_so(season: Season) -> None:
    family = new_family(phone_ends="9998", email=None)
    season.enroll(family)
    season.schedule(family)

    wait_until(lambda: season.states(family).get("sms") == ("failed", "phone_unreachable"), "the receipt")


def test_case_15_stop_ends_text_messages_and_start_brings_them_back(season: Season) -> None:
    family = new_family(email=None)
    number = family.guardian.phone or ""
    season.enroll(family)
    season.schedule(family)
    wait_until(lambda: season.states(family).get("sms") == ("delivered", None), "the first text")

    assert season.reply(number, "Stop texting me") == 200
    moved = replace(family.defense, revision=2, room="Library")
    season.publish(DEFENSE_SCHEDULED, moved.defense_id, moved, version=2)
    wait_until(lambda: len(season.all_messages(family, channel="sms")) == 2, "the second message")
    assert season.reply(number, "START") == 200
    moved_again = replace(family.defense, revision=3, room="Gym")
    season.publish(DEFENSE_SCHEDULED, moved.defense_id, moved_again, version=3)
    wait_until(lambda: len(season.texts(family)) == 2, "the third message")

    wait_until(
        lambda: (
            {
                (each["revision"], each["state"], each["reason"])
                for each in season.all_messages(family, channel="sms")
            }
            == {(1, "delivered", None), (2, "not_sent", "opted_out"), (3, "delivered", None)}
        ),
        "the receipts",
    )


def test_case_13_a_webhook_that_the_provider_did_not_sign_is_refused(season: Season) -> None:
    with direct_session() as session:
        answers = [
            session.post(
                f"{season.service.url}/webhooks/sms/{name}",
                data={"MessageSid": "SM1", "From": "+15025550101", "Body": "STOP"},
                headers={"X-Twilio-Signature": signature},
                timeout=20,
            )
            for name in ("inbound", "status")
            for signature in ("", "Zm9yZ2Vk")
        ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/problem+json"}
