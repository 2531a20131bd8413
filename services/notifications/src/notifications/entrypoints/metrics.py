"""What this service counts; no label ever holds personal data."""

from prometheus_client import Counter

SENT = Counter(
    "messages_settled_total",
    "Attempts to send a message, by what the provider said: accepted, refused, postponed, unclear, untried.",
    ("channel", "outcome"),
)
TOLD = Counter("messages_created_total", "Messages made, sent or not.")
STUCK = Counter("facts_stuck_total", "Facts that lack a copy of the roster for longer than patience.")
WEBHOOKS_REFUSED = Counter("webhooks_refused_total", "Webhooks whose signature is not the provider's.")
STATUS_UNKNOWN = Counter("receipts_unknown_total", "Receipts with a state that we do not know.")
DIGESTS = Counter("digests_created_total", "Digests made, each of all that waited for it.")
UNSUBSCRIBED = Counter(
    "unsubscribe_requests_total", "One-click requests to end emails, by result: ended, refused.", ("result",)
)
