"""What each process of the platform finds in its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from stack import keys as issuer
from stack.keys import Keys
from stack.paths import LOCAL, PROGRAMS

#: In the order of the story: each listens to those before it.
SERVICES = ("artifacts", "scoring", "defenses", "notifications")

SMS_ACCOUNT = "AC" + "0" * 31 + "1"
SMS_FROM = "+15025550100"
#: Of a second provider, which a test or a district may have.
SMS_SECOND_ACCOUNT = "AC" + "0" * 31 + "2"
SMS_SECOND_FROM = "+15025550200"
EMAIL_FROM = "Backpack of Success Skills <backpack@district.example>"
#: On a developer's machine families are told at any hour: nobody wants to wait for the morning.
POLICIES = str(Path(__file__).parent / "policies")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Everything outside the platform that its processes talk to, and where they keep files.

    Attributes:
        amqp_url, mongo_url, management_url: broker, store and the broker's management API.
        keys: of the issuer.
        files: the folder of artifact bytes.
        policies: a folder of district policies over the packaged defaults.
        smtp_url, email_trace_url: where mails go, and where to ask whether one was accepted.
        sms_url, sms_auth_token: the text message provider.
        calendar_key: the secret behind families' calendar addresses.
        public_url: how the platform is reached from outside, for links and webhooks.
        log_format: `json` or `console`.
    """

    amqp_url: str
    mongo_url: str
    management_url: str
    keys: Keys
    files: Path
    smtp_url: str
    email_trace_url: str
    sms_url: str
    sms_auth_token: str
    calendar_key: str
    public_url: str
    policies: str = POLICIES
    log_format: str = "json"


def of_service(
    name: str, around: Surroundings, *, http_address: str, database: str | None = None
) -> dict[str, str]:
    """Return all the variables of one service, its relay or its commands.

    Args:
        name: of the service.
        around: what it talks to.
        http_address: `host:port` to listen on; a relay does not listen.
        database: its database; `backpack_<name>` when nothing is said.
    """
    return {
        **base(),
        "BACKPACK_ENVIRONMENT": "development",
        "AMQP_URL": around.amqp_url,
        "MONGO_URL": around.mongo_url,
        "MONGO_DATABASE": database or f"backpack_{name}",
        "HTTP_ADDRESS": http_address,
        "JWKS_FILE": str(around.keys.jwks),
        "JWT_ISSUER": issuer.ISSUER,
        "JWT_AUDIENCE": issuer.AUDIENCE,
        "LOG_FORMAT": around.log_format,
        "POLICY_DIR": around.policies,
        "MANAGEMENT_URL": around.management_url,
        "PUBLIC_URL": around.public_url,
        **_own(name, around),
    }


def base() -> dict[str, str]:
    """Return what every process needs: where programs are, and a language that has all letters.

    Proxy settings are left out: everything that the stack talks to is on this machine.
    """
    return {
        "PATH": f"{PROGRAMS}:{os.environ.get('PATH', '/usr/bin:/bin')}",
        "HOME": os.environ.get("HOME", "/"),
        # Where the solver finds what `make setup` has compiled.
        "XDG_CACHE_HOME": str(LOCAL / "cache"),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        # Eventlet says at each import that it is deprecated; decision 0001 says why we live with it.
        "PYTHONWARNINGS": "ignore:::__main__",
    }


def _own(name: str, around: Surroundings) -> dict[str, str]:
    if name == "artifacts":
        return {"ARTIFACT_STORE_DIR": str(around.files)}
    if name == "notifications":
        return {
            "SMTP_URL": around.smtp_url,
            "EMAIL_FROM": EMAIL_FROM,
            "EMAIL_TRACE_URL": around.email_trace_url,
            "SMS_URL": around.sms_url,
            "SMS_ACCOUNT_SID": SMS_ACCOUNT,
            "SMS_AUTH_TOKEN": around.sms_auth_token,
            "SMS_FROM": SMS_FROM,
            "CALENDAR_KEYS": around.calendar_key,
        }
    return {}
