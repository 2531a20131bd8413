"""Simulated recipients go through the real webhook and never to a provider."""

from pathlib import Path
from uuid import uuid4

import pytest
from tests.integration.notifications.notifications_season import Season, new_family, wait_until

from stack import testing


@pytest.mark.parametrize(
    ("number", "name", "ends"),
    [
        ("+12025550171", "delivered", {"sms": ("delivered", None), "email": ("sent", None)}),
        (
            "+12025550173",
            "permanent-failure",
            {"sms": ("failed", "phone_unreachable"), "email": ("failed", "address_refused")},
        ),
        (
            "+12025550172",
            "temporary-failure",
            {"sms": ("failed", "address_refused"), "email": ("created", "provider_busy")},
        ),
    ],
)
def test_a_simulated_recipient_gets_a_fake_receipt_through_the_real_webhook(
    season: Season, number: str, name: str, ends: dict[str, tuple[str, str | None]]
) -> None:
    family = new_family(phone=number, email=f"simulate-{name}@simulated.example")
    season.enroll(family)
    season.schedule(family)

    wait_until(lambda: season.states(family) == ends, "the simulated end")

    assert season.texts(family) == []
    assert season.mails(family) == []


def test_in_an_environment_that_is_a_sandbox_nothing_reaches_a_provider(
    vhost: str,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    sms_simulator: testing.SmsSimulator,
    tmp_path: Path,
) -> None:
    # Nobody listens where the providers should be: what went out would be seen to fail.
    nowhere = {"SMS_AUTH_TOKEN": sms_simulator.auth_token, "SANDBOX": "true"}
    with testing.running_service(
        "notifications",
        tmp_path,
        amqp_url=vhost,
        mongo_url=store.mongo_url,
        database=f"test_{uuid4().hex}",
        extra_env=nowhere,
    ) as service:
        season = Season(
            service, vhost, store.mongo_url, mail_sink, sms_simulator, district=f"district-{uuid4().hex[:12]}"
        )
        family = new_family()
        season.enroll(family)
        season.schedule(family)

        wait_until(
            lambda: season.states(family) == {"sms": ("delivered", None), "email": ("sent", None)},
            "the simulated telling",
        )
        season.close()
