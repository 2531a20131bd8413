"""Where the service can be killed, on the way of a message from its fact to its receipt."""

from __future__ import annotations

from typing import Any

from notifications.clients.sms import SmsGateway
from notifications.clients.smtp_dialogue import Dialogue
from notifications.repository import MongoTellings
from notifications.use_cases import delivering, hearing, noting, telling

#: Name of a point to what is wrapped: the owner, its function, and whether we die before or after it.
POINTS: dict[str, tuple[Any, str, str]] = {
    "fact_noted": (noting, "note_defense", "after"),
    "before_telling": (telling, "tell_families", "before"),
    "messages_written": (MongoTellings, "change_many", "before"),
    "facts_marked": (MongoTellings, "change_many", "after"),
    "before_claim": (delivering, "claim", "before"),
    "claimed": (delivering, "claim", "after"),
    "before_mail": (Dialogue, "hand_over", "before"),
    "mail_taken": (Dialogue, "hand_over", "after"),
    "before_text": (SmsGateway, "_send", "before"),
    "text_taken": (SmsGateway, "_send", "after"),
    "before_settling": (delivering, "settle", "before"),
    "settled": (delivering, "settle", "after"),
    "before_asking": (delivering, "resolve_doubts", "before"),
    "answered": (delivering, "resolve_doubts", "after"),
    "before_receipt": (hearing, "hear_receipt", "before"),
    "receipt_kept": (hearing, "hear_receipt", "after"),
}
