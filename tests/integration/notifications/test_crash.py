"""The service is killed while it sends, and started again: nobody is forgotten, nobody is told twice."""

from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.notifications.notifications_season import Family, Season, new_family, wait_until

from stack import broker as brokers
from stack import testing

FAMILIES = 120


@pytest.mark.timeout(300)
def test_case_2_killed_while_sending_it_asks_before_it_sends_again(
    broker: testing.BrokerAddress,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    sms_simulator: testing.SmsSimulator,
    tmp_path: Path,
) -> None:
    district = f"district-{uuid4().hex[:12]}"
    vhost = f"crash-{uuid4().hex}"
    start: dict[str, Any] = {
        "amqp_url": brokers.add_vhost(broker.node, vhost),
        "mongo_url": store.mongo_url,
        "database": f"test_{uuid4().hex}",
        "extra_env": {
            **mail_sink.environment,
            **sms_simulator.environment,
            # Slow enough to be killed in the middle.
            "EMAIL_PER_SECOND": "40",
            "SMS_PER_SECOND": "40",
        },
    }
    families = [new_family() for _ in range(FAMILIES)]

    with testing.running_service("notifications", tmp_path, **start) as service:
        season = Season(
            service, start["amqp_url"], store.mongo_url, mail_sink, sms_simulator, district=district
        )
        for family in families:
            season.enroll(family)
            season.schedule(family)
        # In the middle: some were taken by the relay, and some are still to be handed over.
        wait_until(lambda: _sent(season, families) >= FAMILIES // 4, "the first mails")
        service.process.kill()
        service.process.wait()
    at_the_crash = _sent(season, families)
    with testing.running_service("notifications", tmp_path, **start) as service:
        season.service = service
        wait_until(lambda: _all_told(season), "the end of all sending", patience_s=200)

    emails = Counter(address for mail in mail_sink.mails() for address in mail["recipients"])
    texts = Counter(each["to"] for each in sms_simulator.messages() if each["direction"] != "inbound")
    assert at_the_crash < FAMILIES
    assert {emails[family.guardian.email or ""] for family in families} == {1}
    assert {texts[family.guardian.phone or ""] for family in families} == {1}
    season.close()
    brokers.remove_vhost(broker.node, vhost)


def _sent(season: Season, families: list[Family]) -> int:
    addresses = {family.guardian.email for family in families}
    return sum(1 for mail in season.mail.mails() if mail["recipients"][0] in addresses)


def _all_told(season: Season) -> bool:
    """Whether every message was taken; a receipt may have come while nobody listened."""
    states: dict[str, int] = season.get("/v1/messages/summary").json()["states"]
    return states.get("sent", 0) + states.get("delivered", 0) == 2 * FAMILIES
