"""What guardians wish, their digests, their STOP and their one click, with a running service."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_string, policy
from typing import Any
from urllib.parse import urlsplit

import requests
from tests.integration.notifications.notifications_season import Family, Season, new_family, wait_until
from tests.integration.notifications.test_milestones_and_hearings_told import milestone

from contracts.artifacts import GUARDIAN_UPDATED, STUDENT_ENROLLED, Relation
from contracts.defenses import MILESTONE_MOVED, MILESTONE_PLANNED, MilestoneMoved
from notifications.entrypoints.webhooks import SignatureCheck
from stack.http import direct_session

TOLD = {"email": ("sent", None), "sms": ("delivered", None)}
NOW_AND_THEN = {"topics": {"milestones": {"email": "digest", "sms": "digest"}}}


def path_of(family: Family, what: str = "preferences") -> str:
    return f"/v1/guardians/{family.guardian.guardian_id}/{what}"


def choose(season: Season, family: Family, body: dict[str, Any]) -> dict[str, Any]:
    """Choose as the guardian."""
    answer = season.put(path_of(family), body, "guardian", family.guardian.guardian_id)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def known(season: Season, family: Family) -> None:
    season.enroll(family)
    season.wait_for_copy("guardians", family.guardian.guardian_id, version=1)
    season.wait_for_copy("students", family.student.student_id, version=1)


def with_sibling(season: Season) -> tuple[Family, Family]:
    """Enrol two students of one guardian, each at a school of their own."""
    maya, other = new_family(), new_family()
    both = tuple(
        Relation(student_id=each.student.student_id, kind="parent", may_be_told=True)
        for each in (maya, other)
    )
    guardian = replace(maya.guardian, relations=both)
    omar = replace(
        other,
        guardian=guardian,
        student=replace(other.student, given_name="Omar", guardian_ids=(guardian.guardian_id,)),
    )
    maya = replace(maya, guardian=guardian)
    known(season, maya)
    season.publish(STUDENT_ENROLLED, omar.student.student_id, omar.student)
    season.enroll(omar)
    season.wait_for_copy("students", omar.student.student_id, version=1)
    return maya, omar


def invite(season: Season, *families: Family) -> None:
    for family in families:
        event = milestone(family)
        season.publish(MILESTONE_PLANNED, event.milestone_id, event)


def waiting(season: Season, family: Family) -> bool:
    return {each["reason"] for each in season.all_messages(family)} == {"next_digest"}


def inbound(season: Season, number: str, text: str, sid: str) -> str:
    """Post a text as the provider does, and return what it is to answer."""
    url = f"{season.service.environment['PUBLIC_URL']}/webhooks/sms/inbound"
    form = {"MessageSid": sid, "From": number, "Body": text}
    check = SignatureCheck(
        auth_token=season.sms.auth_token, public_url=season.service.environment["PUBLIC_URL"]
    )
    with direct_session() as session:
        answer = session.post(
            url, data=form, headers={"X-Twilio-Signature": check.sign(url, form)}, timeout=20
        )
    assert answer.status_code == 200
    return answer.text


def unsubscribe_link(season: Season, mail: dict[str, Any]) -> str:
    """Return the link of a mail as its headers say it; empty if there is none."""
    with direct_session() as session:
        raw = session.get(f"{season.mail.http_url}/mails/{mail['number']}/raw", timeout=20).text
    headers = message_from_string(raw, policy=policy.SMTP)
    if headers["List-Unsubscribe"] is None:
        return ""
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return str(headers["List-Unsubscribe"]).strip("<>")


def follow(season: Season, link: str, method: str) -> requests.Response:
    parts = urlsplit(link)
    with direct_session() as session:
        return session.request(
            method,
            f"{season.service.url}{parts.path}?{parts.query}",
            data={"List-Unsubscribe": "One-Click"} if method == "POST" else None,
            timeout=20,
        )


def test_a_guardian_sees_and_changes_only_their_own_wishes(season: Season) -> None:
    family, other = new_family(), new_family()
    known(season, family)
    known(season, other)

    changed = choose(
        season,
        family,
        {"topics": {"reminders": {"sms": "off"}}, "quiet": {"starts": "20:00", "ends": "09:00"}},
    )
    theirs = season.as_guardian(path_of(other), family.guardian.guardian_id)
    put = season.put(path_of(other), NOW_AND_THEN, "guardian", family.guardian.guardian_id)

    reminders = next(each for each in changed["topics"] if each["topic"] == "reminders")
    assert reminders["channels"] == {"email": "now", "sms": "off"}
    assert changed["quiet"] == {"starts": "20:00", "ends": "09:00"}
    assert {each["by"] for each in changed["history"]} == {family.guardian.guardian_id}
    seen = season.as_guardian(path_of(family), family.guardian.guardian_id).json()
    # The store keeps milliseconds.
    assert {**seen, "history": None} == {**changed, "history": None}
    assert len(seen["history"]) == len(changed["history"]) == 2
    assert (theirs.status_code, put.status_code) == (404, 404)
    assert season.get(path_of(family), role="teacher").status_code == 403
    assert season.get(path_of(other)).json()["history"] == []


def test_who_acts_for_a_guardian_says_why_and_what_must_be_known_stays(season: Season) -> None:
    family = new_family()
    known(season, family)
    wanted = {"topics": {"reminders": {"email": "off"}}}

    silent = season.put(path_of(family), wanted, "coordinator", "coordinator-1")
    called = season.put(
        path_of(family), {**wanted, "why": "Called on Monday."}, "coordinator", "coordinator-1"
    )
    defenses = {"topics": {"defenses": {"email": "off"}}, "why": "x"}
    must = season.put(path_of(family), defenses, "coordinator", "coordinator-1")
    consents = season.get(path_of(family, "consents")).json()["items"]

    assert silent.json()["errors"][0]["field"] == "why"
    assert (must.status_code, must.json()["errors"][0]["field"]) == (422, "topics.defenses")
    [change] = called.json()["history"]
    assert (change["by"], change["source"], change["why"]) == ("coordinator-1", "staff", "Called on Monday.")
    assert [(each["source"], each["granted"]) for each in consents] == [
        ("form", True),
        ("form", True),
        ("staff", False),
    ]


def test_case_23_siblings_at_two_schools_are_in_one_digest_of_their_guardian(season: Season) -> None:
    maya, omar = with_sibling(season)
    choose(season, maya, NOW_AND_THEN)
    invite(season, maya, omar)
    wait_until(lambda: waiting(season, maya) and waiting(season, omar), "the waiting")

    season.bring_evening()
    wait_until(lambda: season.states(maya) == season.states(omar) == TOLD, "the digest")

    [mail] = season.mails(maya)
    [text] = season.texts(maya)
    sections = mail["html"].split("<h2")[1:]
    assert sorted(name for name in ("Maya", "Omar") for each in sections if f"<bdi>{name}</bdi>" in each) == [
        "Maya",
        "Omar",
    ]
    assert unsubscribe_link(season, mail)
    assert "Maya" in text["body"]
    assert "Omar" in text["body"]
    [item] = season.all_messages(maya, channel="email")
    digest = season.get(f"/v1/messages/{item['digest_id']}").json()
    assert (digest["purpose"], len(digest["items"])) == ("digest", 2)
    assert digest["html"].strip() == mail["html"].strip()


def test_case_23_an_order_after_queueing_keeps_a_student_out_of_the_digest(season: Season) -> None:
    maya, omar = with_sibling(season)
    choose(season, maya, NOW_AND_THEN)
    invite(season, maya, omar)
    wait_until(lambda: waiting(season, maya) and waiting(season, omar), "the waiting")
    ordered = replace(
        maya.guardian,
        relations=(maya.guardian.relations[0], replace(maya.guardian.relations[1], may_be_told=False)),
    )
    season.publish(GUARDIAN_UPDATED, ordered.guardian_id, ordered, version=2)
    season.wait_for_copy("guardians", ordered.guardian_id, version=2)

    season.bring_evening()
    wait_until(lambda: season.states(maya) == TOLD, "the digest")

    assert set(season.states(omar).values()) == {("not_sent", "may_not_be_told")}
    [mail] = season.mails(maya)
    assert "Omar" not in mail["html"] + mail["text"] + season.texts(maya)[0]["body"]


def test_what_was_moved_before_the_evening_is_told_once_as_it_is(season: Season) -> None:
    family = new_family()
    known(season, family)
    choose(season, family, NOW_AND_THEN)
    invite(season, family)
    wait_until(lambda: waiting(season, family), "the waiting")
    first = milestone(family)
    moved = milestone(
        family,
        MilestoneMoved,
        revision=2,
        place="Library",
        previous_starts_at=first.starts_at,
        previous_place=first.place,
        reason="The gymnasium is under water.",
    )
    season.publish(MILESTONE_MOVED, moved.milestone_id, moved, version=2)
    wait_until(lambda: len(season.all_messages(family)) == 4, "the second revision")

    season.bring_evening()
    wait_until(lambda: season.mails(family), "the digest")

    [mail] = season.mails(family)
    assert "Library" in mail["text"]
    assert "Gymnasium" not in mail["text"]


def test_case_22_a_text_that_is_due_at_night_waits_for_the_morning(quiet_season: Season) -> None:
    family = new_family()
    quiet_season.enroll(family)
    quiet_season.schedule(family)

    wait_until(lambda: quiet_season.states(family).get("email") == ("sent", None), "the mail")

    assert quiet_season.states(family)["sms"] == ("created", "quiet_hours")
    assert quiet_season.texts(family) == []


def test_case_15_a_stop_is_confirmed_once_and_the_school_sees_it(season: Season) -> None:
    family = new_family()
    known(season, family)
    number = family.guardian.phone or ""

    first = inbound(season, number, "Stop texting me", f"SM{number}1")
    again = inbound(season, number, "Stop texting me", f"SM{number}1")
    another = inbound(season, number, "ALTO", f"SM{number}2")
    help_ = inbound(season, number, "ayuda", f"SM{number}3")

    assert "You will get no more text messages" in first
    assert "<Message>" not in again + another
    assert "Responda STOP" in help_
    shown = season.get(path_of(family)).json()["channels"]["sms"]
    assert (shown["reached"], shown["reason"]) == (False, "opted_out")
    inbound(season, number, "Who is this?", f"SM{number}5")
    texts = season.get(path_of(family, "replies")).json()["items"]
    assert [each["text"] for each in texts if each["wish"] is None] == ["Who is this?"]
    assert season.as_guardian(path_of(family, "replies"), family.guardian.guardian_id).status_code == 403
    words = [each for each in season.get(path_of(family, "consents")).json()["items"] if each["words"]]
    assert [(each["words"], each["granted"]) for each in words] == [
        ("Stop texting me", False),
        ("ALTO", False),
    ]
    assert "You will get text messages" in inbound(season, number, "START", f"SM{number}4")
    assert season.get(path_of(family)).json()["channels"]["sms"]["reached"]


def test_case_26_a_scanner_changes_nothing_and_one_click_ends_one_kind_of_mail(season: Season) -> None:
    family = new_family()
    known(season, family)
    invite(season, family)
    season.schedule(family)
    wait_until(lambda: len(season.mails(family)) == 2, "the mails")
    links = {unsubscribe_link(season, mail) for mail in season.mails(family)} - {""}
    [link] = links

    asked = follow(season, link, "GET")
    untouched = season.get(path_of(family)).json()["history"]
    answers = [follow(season, link, "POST") for _ in range(2)]
    history = season.get(path_of(family)).json()["history"]
    later = milestone(family, milestone_id=f"ms-later-{family.defense.defense_id}")
    season.publish(MILESTONE_PLANNED, later.milestone_id, later)
    season.move(family, 2, starts_at=family.defense.starts_at + timedelta(hours=1))
    wait_until(lambda: len(season.mails(family)) == 3, "what must be known")
    wait_until(
        lambda: (
            ("not_sent", "switched_off")
            in {(each["state"], each["reason"]) for each in season.all_messages(family, channel="email")}
        ),
        "the record",
    )

    assert (asked.status_code, untouched) == (200, [])
    assert "<form" in asked.text
    assert [(each["topic"], each["channel"], each["source"]) for each in history] == [
        ("milestones", "email", "one_click")
    ]
    assert answers[0].text == answers[1].text
    assert season.mails(family)[-1]["subject"].strip().startswith("New time or place")


def test_case_26_every_link_is_answered_alike(season: Season) -> None:
    family = new_family()
    known(season, family)
    invite(season, family)
    wait_until(lambda: season.mails(family), "the mail")
    link = unsubscribe_link(season, season.mails(family)[0])
    left = replace(family.guardian, active=False)
    season.publish(GUARDIAN_UPDATED, left.guardian_id, left, version=2)
    season.wait_for_copy("guardians", left.guardian_id, version=2)

    answers = [
        follow(season, wrong, "POST")
        for wrong in (link, link[:-4], link.partition("=")[0], f"{link}x", link.partition("?")[0])
    ]

    assert {each.status_code for each in answers} == {200}
    assert len({each.text for each in answers}) == 1
    assert season.get(path_of(family)).json()["history"] == []
