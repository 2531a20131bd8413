"""Case 26: one click ends emails of a kind; looking changes nothing, and nobody learns who is a guardian."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from urllib.parse import parse_qs, urlsplit

import pytest
from itsdangerous import URLSafeTimedSerializer
from tests.unit.notifications.notification_examples import RULES, Examples, World
from tests.unit.notifications.notification_letters import LANGUAGE_TAGS, SENDER

from chassis.settings import SettingsError, read
from notifications.clients.letters import letter
from notifications.clients.rendering import JinjaRenderer
from notifications.clients.unsubscribing import UnsubscribeLinks
from notifications.domain.messages import Item, Message, Purpose
from notifications.domain.preferences import Frequency, Link, Preferences, Source, frequency
from notifications.domain.roster import Channel
from notifications.repository import DistrictPolicies
from notifications.settings import NotificationsSettingsSchema
from notifications.use_cases.wishing import unsubscribe

KEY, NEWER_KEY = "k" * 32, "n" * 32
LINKS = UnsubscribeLinks([KEY], public_url="https://backpack.example/")


def reminder(make: Examples, **fields: object) -> Message:
    usual = make.message(channel=Channel.EMAIL, purpose=Purpose.DEFENSE_REMINDER, address="ana@example.org")
    return replace(usual, **fields)  # type: ignore[arg-type]  # fields of a message


def token_of(url: str) -> str:
    [token] = parse_qs(urlsplit(url).query)["token"]
    return token


def ended(world: World, make: Examples, link: Link) -> bool:
    return unsubscribe(
        link, guardians=world.guardians, wishes=world.wishes, rules=RULES.preferences, now=make.now
    )


def test_case_26_a_mail_that_may_be_ended_says_how_in_both_headers_unfolded(make: Examples) -> None:
    url = LINKS.url(reminder(make), RULES)

    written = letter(
        make.content(subject="S", html="<p>x</p>"),
        message_id="m-1",
        email_from=SENDER,
        sender_name="Backpack",
        to="ana@example.org",
        written_at=make.now,
        unsubscribe_url=url,
    )

    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in written
    mail = message_from_bytes(written, policy=policy.SMTP)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Content-Language"] == "en"
    assert urlsplit(url)[:3] == ("https", "backpack.example", "/webhooks/unsubscribe")


def test_case_26_what_families_must_know_has_no_such_headers(make: Examples) -> None:
    must_know = reminder(make, purpose=Purpose.DEFENSE_SCHEDULED)

    assert LINKS.url(must_know, RULES) == ""
    assert LINKS.url(reminder(make, channel=Channel.SMS), RULES) == ""
    written = letter(
        make.content(subject="S", html="<p>x</p>"),
        message_id="m-1",
        email_from=SENDER,
        sender_name="Backpack",
        to="ana@example.org",
        written_at=make.now,
    )
    assert b"List-Unsubscribe" not in written


def test_case_26_the_link_of_a_digest_ends_what_may_be_ended_of_it(make: Examples) -> None:
    purposes = (Purpose.DEFENSE_REMINDER, Purpose.MILESTONE_MISSED, Purpose.DEFENSE_MOVED)
    items = tuple(Item(f"m-{purpose}", "s-1", purpose) for purpose in purposes)
    digest = reminder(make, purpose=Purpose.DIGEST, items=items)

    found = LINKS.read(token_of(LINKS.url(digest, RULES)))

    assert found is not None
    assert found[0] == Link(district="jcps", guardian_id="g-1", topics=["reminders", "milestones"])


def test_case_26_a_truncated_changed_or_foreign_token_is_none(make: Examples) -> None:
    token = token_of(LINKS.url(reminder(make), RULES))
    other_salt = URLSafeTimedSerializer(KEY, salt="calendar").dumps(["jcps", "g-1", "reminders"])
    other_key = URLSafeTimedSerializer("x" * 32, salt="unsubscribe-v1").dumps(["jcps", "g-1", "reminders"])
    too_short = URLSafeTimedSerializer(KEY, salt="unsubscribe-v1").dumps(["jcps"])

    assert LINKS.read(token) is not None
    for wrong in ("", token[:-1], token[:20], token + "x", other_salt, other_key, too_short, "....", "é"):
        assert LINKS.read(wrong) is None


def test_case_26_a_token_says_when_it_was_signed(make: Examples) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    found = LINKS.read(token_of(LINKS.url(reminder(make), RULES)))

    assert found is not None
    assert before <= found[1] <= datetime.now(UTC)


def test_case_29_a_new_key_signs_and_the_old_one_is_still_read(make: Examples) -> None:
    old = token_of(LINKS.url(reminder(make), RULES))
    rotated = UnsubscribeLinks([NEWER_KEY, KEY], public_url="https://backpack.example")
    retired = UnsubscribeLinks([NEWER_KEY], public_url="https://backpack.example")

    new = token_of(rotated.url(reminder(make), RULES))

    assert rotated.read(old) is not None
    assert retired.read(new) is not None
    assert retired.read(old) is None


def test_case_26_a_second_post_changes_nothing(make: Examples, world: World) -> None:
    link = Link(district="jcps", guardian_id="g-1", topics=("reminders",))

    assert ended(world, make, link)
    first = world.wishes.values["g-1"]
    assert ended(world, make, link)

    assert world.wishes.values == {"g-1": first}
    assert world.wishes.writes == ["g-1"]
    assert first.choices == {("reminders", Channel.EMAIL): Frequency.OFF}
    [change] = first.history
    assert (change.said.by, change.said.source, change.said.at) == ("g-1", Source.ONE_CLICK, make.now)


def test_case_26_what_must_be_known_is_mailed_and_texts_go_on(make: Examples, world: World) -> None:
    ended(world, make, Link(district="jcps", guardian_id="g-1", topics=("reminders", "defenses")))
    chosen = world.wishes.values["g-1"]

    def of(purpose: Purpose, channel: Channel) -> Frequency:
        return frequency(purpose, channel, chosen, RULES.preferences)

    assert of(Purpose.DEFENSE_REMINDER, Channel.EMAIL) is Frequency.OFF
    assert of(Purpose.DEFENSE_REMINDER, Channel.SMS) is Frequency.NOW
    assert of(Purpose.DEFENSE_CANCELLED, Channel.EMAIL) is Frequency.NOW


def test_case_26_one_click_leaves_other_choices_alone(make: Examples, world: World) -> None:
    choices = {("milestones", Channel.EMAIL): Frequency.DIGEST}
    world.wishes.values["g-1"] = Preferences(guardian_id="g-1", choices=choices)

    ended(world, make, Link(district="jcps", guardian_id="g-1", topics=("reminders", "gone-since")))

    assert world.wishes.values["g-1"].choices == {
        ("milestones", Channel.EMAIL): Frequency.DIGEST,
        ("reminders", Channel.EMAIL): Frequency.OFF,
    }


def test_case_26_for_a_guardian_who_has_left_nothing_is_kept(make: Examples, world: World) -> None:
    world.guardians.values["g-2"] = make.guardian(guardian_id="g-2", active=False)

    for nobody in ("g-2", "g-none"):
        assert not ended(world, make, Link(district="jcps", guardian_id=nobody, topics=("reminders",)))
    assert world.wishes.values == {}


@pytest.mark.parametrize("language", LANGUAGE_TAGS)
def test_case_26_the_page_asks_and_the_answer_says_nothing_about_anybody(
    make: Examples, language: str
) -> None:
    rules = DistrictPolicies("").rules("*", on=make.now.date())
    pages = JinjaRenderer(SENDER)

    asks = pages.unsubscribe_page(language, done=False, rules=rules)
    says = pages.unsubscribe_page(language, done=True, rules=rules)

    assert f'<html lang="{language}"' in asks
    assert '<form method="post">' in asks
    assert "<form" not in says
    assert rules.sender.contact[language].replace("'", "&#39;") in says
    assert "{{" not in asks + says


def environment(**changes: str) -> Mapping[str, str]:
    return {
        "AMQP_URL": "amqp://u:p@127.0.0.1:1/x",
        "MONGO_URL": "mongodb://127.0.0.1:2/",
        "MONGO_DATABASE": "x",
        "HTTP_ADDRESS": "127.0.0.1:8",
        "JWT_ISSUER": "issuer",
        "SMTP_URL": "smtp://127.0.0.1:4",
        "EMAIL_FROM": "a@b.example",
        "SMS_URL": "http://127.0.0.1:6",
        "SMS_ACCOUNT_SID": "AC1",
        "SMS_AUTH_TOKEN": "t",
        "SMS_FROM": "+15025550100",
        "CALENDAR_KEYS": "calendar" * 4,
        "PUBLIC_URL": "http://127.0.0.1:7",
        **changes,
    }


def test_there_is_no_usual_secret_outside_development() -> None:
    with pytest.raises(SettingsError, match="UNSUBSCRIBE_KEYS: is needed outside development"):
        read(NotificationsSettingsSchema, environment())
    with pytest.raises(SettingsError, match="UNSUBSCRIBE_KEYS"):
        read(NotificationsSettingsSchema, environment(UNSUBSCRIBE_KEYS="short"))
    in_development = read(NotificationsSettingsSchema, environment(BACKPACK_ENVIRONMENT="development"))
    assert len(in_development.link_keys) == 1


def test_keys_are_read_in_their_order_and_never_shown() -> None:
    settings = read(NotificationsSettingsSchema, environment(UNSUBSCRIBE_KEYS=f"{NEWER_KEY},{KEY}"))

    assert settings.link_keys == (NEWER_KEY, KEY)
    assert KEY not in repr(settings)


def test_links_last_as_long_as_a_district_says() -> None:
    assert DistrictPolicies("").rules("*", on=Examples.now.date()).preferences.links_last == timedelta(
        days=365
    )
