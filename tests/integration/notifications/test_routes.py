"""One of two SMS providers fails: texts go by the other one, and none goes twice."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.integration.notifications.notifications_reach import ReachSeason, running_reach
from tests.integration.notifications.notifications_season import new_family, wait_until

from stack import testing
from stack.http import direct_session


@pytest.mark.timeout(240)
def test_case_4_texts_of_a_provider_out_of_reach_go_by_the_other_one_which_gets_more(
    broker: testing.BrokerAddress,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    tmp_path: Path,
) -> None:
    families = [new_family(email=None) for _ in range(12)]
    with running_reach(
        tmp_path, broker=broker, store=store, mail_sink=mail_sink, touchy_routes=True
    ) as around:
        reach = ReachSeason(around, mail_sink)
        reach.sms.process.kill()
        reach.sms.process.wait()
        for family in families:
            reach.enroll(family)
            reach.schedule(family)

        for family in families:
            reach.wait_for(family, "sms", ("delivered", None))
        texts = [reach.second.messages(to=family.guardian.phone or "") for family in families]
        kept = wait_until(lambda: len(reach.routes().get("changes", ())) > 0 and reach.routes(), "the change")
        with direct_session() as session:
            shown = session.get(f"{reach.service.url}/metrics", timeout=20).text
        reach.close()

    assert [len(each) for each in texts] == [1] * len(families)
    assert kept["changes"][0]["reason"] == "errors"
    assert kept["weights"]["first"] < 50 < kept["weights"]["second"]
    assert 'sms_route_weight{route="second"} 50.0' not in shown


@contextmanager
def mute_provider() -> Iterator[str]:
    """Listen, take whatever comes, and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(listening.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        for each in taken:
            each.close()


@pytest.mark.timeout(240)
def test_case_4_a_mute_provider_holds_up_no_mail_and_a_text_in_doubt_goes_by_no_other(
    broker: testing.BrokerAddress,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    tmp_path: Path,
) -> None:
    families = [new_family() for _ in range(8)]
    with (
        mute_provider() as url,
        running_reach(
            tmp_path, broker=broker, store=store, mail_sink=mail_sink, extra_env={"SMS_URL": url}
        ) as around,
    ):
        reach = ReachSeason(around, mail_sink)
        for family in families:
            reach.enroll(family)
            reach.schedule(family)

        for family in families:
            reach.wait_for(family, "email", ("sent", None))
        settled = [
            reach.wait_for(family, "sms", ("delivered", None), ("unknown", "answer_lost"))
            for family in families
        ]
        texts = [len(reach.second.messages(to=family.guardian.phone or "")) for family in families]
        reach.close()

    # What the mute one may have taken is in doubt, and was not sent by the other one.
    assert ("unknown", "answer_lost") in settled
    assert texts == [1 if state == ("delivered", None) else 0 for state in settled]


@pytest.mark.timeout(240)
def test_a_text_whose_receipt_does_not_come_is_shown_as_unconfirmed(
    broker: testing.BrokerAddress,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    tmp_path: Path,
) -> None:
    family = new_family(email=None)
    with running_reach(tmp_path, broker=broker, store=store, mail_sink=mail_sink, step_s=3600) as around:
        reach = ReachSeason(around, mail_sink, kind="hasty")
        reach.enroll(family)
        reach.schedule(family)

        wait_until(
            lambda: reach.states(family).get("sms") == ("unconfirmed", "receipt_missing"),
            "the end of patience",
        )
        listed = wait_until(lambda: reach.unreached(student=family.student.student_id), "the list")
        reach.close()

    assert ("sms", "receipt_missing") in {
        (each["channel"], each["reason"]) for each in listed[0]["obstacles"]
    }
