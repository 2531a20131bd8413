"""What the simulator refuses, and which numbers make it fail on purpose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

E164 = re.compile(r"\+[1-9]\d{6,14}")
BODY_LIMIT = 1600

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})


@dataclass(frozen=True)
class Refusal:
    """An answer other than a message.

    Attributes:
        status: of HTTP.
        code: Twilio's error code.
    """

    status: int
    code: int
    message: str


def _invalid(number: str) -> Refusal:
    return Refusal(400, 21211, f"Invalid 'To' Phone Number: {number}")


UNAUTHENTICATED = Refusal(401, 20003, "Authenticate")
NOT_FOUND = Refusal(404, 20404, "The requested resource was not found")
OPTED_OUT = Refusal(400, 21610, "Attempt to send to unsubscribed recipient")

#: Twilio's own test numbers, which fail the same way with its test credentials.
TEST_NUMBERS = {
    "+15005550001": _invalid("+15005550001"),
    "+15005550002": Refusal(
        400, 21612, "Message cannot be sent with the current combination of 'To' and 'From'"
    ),
    "+15005550003": Refusal(400, 21408, "Permission to send an SMS has not been enabled for the region"),
    "+15005550004": OPTED_OUT,
    "+15005550009": Refusal(400, 21614, "'To' number is not a valid mobile number"),
}

#: How a number ends, and how the simulator then refuses it.
REFUSED_ENDINGS = {
    "9999": OPTED_OUT,
    "9997": Refusal(429, 20429, "Too Many Requests"),
    "9996": Refusal(503, 20503, "Service unavailable"),
}

#: What a call that fails on purpose is answered; none of them is taken, which the last one does not say.
TROUBLE = {
    "busy": REFUSED_ENDINGS["9997"],
    "away": REFUSED_ENDINGS["9996"],
    "broken": Refusal(500, 20500, "Internal server error"),
}

#: Accepted, and then not delivered: error 30003, unreachable handset.
UNREACHABLE_ENDING = "9998"
UNREACHABLE_CODE = 30003

#: Accepted, but the connection is cut before the answer: the caller cannot know.
CUT_ENDING = "9995"


def refusal(form: Mapping[str, str], *, opted_out: Collection[str]) -> Refusal | None:
    """Return why a message cannot be created, or nothing.

    Args:
        form: what was posted.
        opted_out: the numbers which sent STOP and not START since.
    """
    return _incomplete(form) or _unreachable(form["To"], opted_out)


def _incomplete(form: Mapping[str, str]) -> Refusal | None:
    if not form.get("To"):
        return Refusal(400, 21604, "A 'To' phone number is required.")
    if not (form.get("From") or form.get("MessagingServiceSid")):
        return Refusal(400, 21603, "A 'From' phone number is required.")
    body = form.get("Body", "")
    if not body:
        return Refusal(400, 21602, "Message body is required.")
    if len(body) > BODY_LIMIT:
        return Refusal(400, 21617, f"The concatenated message body exceeds the {BODY_LIMIT} character limit")
    return None


def _unreachable(number: str, opted_out: Collection[str]) -> Refusal | None:
    if number in opted_out:
        return OPTED_OUT
    if not E164.fullmatch(number):
        return _invalid(number)
    return TEST_NUMBERS.get(number) or REFUSED_ENDINGS.get(number[-4:])


def course(number: str, status: str) -> list[tuple[str, int | None]]:
    """Return the states that are still before a message, each with its error code.

    Args:
        number: of the recipient.
        status: the state that the message is in.
    """
    last = ("undelivered", UNREACHABLE_CODE) if number.endswith(UNREACHABLE_ENDING) else ("delivered", None)
    states: list[tuple[str, int | None]] = [("queued", None), ("sent", None), last]
    return states[[name for name, _ in states].index(status) + 1 :]


def opt_out_type(body: str) -> str:
    """Return STOP, START or HELP when a reply is one of Twilio's keywords, else nothing."""
    word = body.strip().upper()
    for kind, words in {"STOP": STOP_WORDS, "START": START_WORDS, "HELP": HELP_WORDS}.items():
        if word in words:
            return kind
    return ""
