"""Case 29: a deploy in the middle of sending, and what is said of families where operators look."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.notifications.notifications_season import Season, new_family, wait_until

from stack import testing
from stack.http import direct_session

FAMILIES = 40


@pytest.mark.timeout(240)
def test_case_29_a_deploy_in_the_middle_of_sending_tells_everybody_once(
    vhost: str,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    sms_simulator: testing.SmsSimulator,
    tmp_path: Path,
) -> None:
    start: dict[str, Any] = {
        "amqp_url": vhost,
        "mongo_url": store.mongo_url,
        "database": f"test_{uuid4().hex}",
        # Slow enough to be stopped in the middle.
        "extra_env": {
            **mail_sink.environment,
            **sms_simulator.environment,
            "EMAIL_PER_SECOND": "10",
            "SMS_PER_SECOND": "10",
        },
    }
    families = [new_family() for _ in range(FAMILIES)]
    addresses = {family.guardian.email for family in families}

    def emails() -> Counter[str]:
        return Counter(
            address for mail in mail_sink.mails() for address in mail["recipients"] if address in addresses
        )

    with testing.running_service("notifications", tmp_path, **start) as service:
        season = Season(
            service,
            vhost,
            store.mongo_url,
            mail_sink,
            sms_simulator,
            district=f"district-{uuid4().hex[:12]}",
        )
        for family in families:
            season.enroll(family)
            season.schedule(family)
        wait_until(lambda: emails().total() >= 3, "the first mails")
        service.process.terminate()
        service.process.wait(timeout=60)
    # With another version of everything that is read at the start; what waits keeps what it was made with.
    start["extra_env"]["CALENDAR_KEYS"] = "another-key-than-the-one-before-it"
    with testing.running_service("notifications", tmp_path, **start) as service:
        season.service = service
        wait_until(lambda: _taken(season) == 2 * FAMILIES, "the end of all sending", patience_s=150)

    texts = Counter(each["to"] for each in sms_simulator.messages() if each["direction"] != "inbound")
    assert emails() == dict.fromkeys((family.guardian.email for family in families), 1)
    assert {texts[family.guardian.phone or ""] for family in families} == {1}
    season.close()


def _taken(season: Season) -> int:
    states: dict[str, int] = season.get("/v1/messages/summary").json()["states"]
    return states.get("sent", 0) + states.get("delivered", 0)


def test_case_29_neither_logs_nor_metrics_say_who_was_told_what(season: Season) -> None:
    reached = new_family()
    # One is reached, one number fails at the provider, and one family has addresses that are none.
    refused = new_family(phone_ends="9999")
    unusable = new_family(email="ask the office-probe", phone="call 5025550-probe")
    families = [reached, refused, unusable]
    for family in families:
        season.enroll(
            replace(
                family,
                student=replace(family.student, given_name="Zuleika-Probe", family_name="Quintero-Probe"),
            )
        )
        season.schedule(family)
    wait_until(lambda: season.facts().get("told") == len(families), "the telling")
    wait_until(lambda: season.states(reached).get("sms") == ("delivered", None), "the receipt")
    wait_until(lambda: season.states(refused).get("sms") == ("failed", "opted_out"), "the refusal")
    season.reply(reached.guardian.phone or "", "my words-probe")

    with direct_session() as session:
        metrics = session.get(f"{season.service.url}/metrics", timeout=20).text
    log = season.service.log.read_text()
    assert "messages_settled_total" in metrics
    private = ["-probe", "Zuleika", "Quintero", "Room 12", "defense is"]
    private += [
        each for family in families[:2] for each in (family.guardian.email or "", family.guardian.phone or "")
    ]
    assert [each for each in private if each.lower() in log.lower()] == []
    assert [each for each in private if each.lower() in metrics.lower()] == []
