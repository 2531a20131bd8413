"""What this service counts; no label ever holds personal data."""

from prometheus_client import Counter, Gauge

SENT = Counter(
    "messages_settled_total",
    "Attempts to send a message, by what the provider said: accepted, refused, postponed, unclear, untried.",
    ("channel", "outcome"),
)
TOLD = Counter("messages_created_total", "Messages made, sent or not.")
STUCK = Counter("facts_stuck_total", "Facts that lack a copy of the roster for longer than patience.")
UNREACHED = Gauge(
    "families_unreached",
    "Families on the work-list of a school: no channel has reached them.",
    ("district", "school"),
)
LISTED = Counter("families_listed_total", "Families that came on the work-list.")
FELL_BACK = Counter("messages_fallen_back_total", "Messages made because another channel had failed.")
UNCONFIRMED = Counter("receipts_missing_total", "Texts whose receipt did not come within patience.")
ROUTE_WEIGHT = Gauge("sms_route_weight", "How texts are shared out between routes.", ("route",))
MAIL_EVENTS = Counter(
    "mail_events_total",
    "Reports of the mail provider, by kind and by whether we know the mail.",
    ("kind", "known"),
)
CODE_UNKNOWN = Counter("receipts_code_unknown_total", "Error codes of the SMS provider that we do not know.")
WEBHOOKS_REFUSED = Counter("webhooks_refused_total", "Webhooks whose signature is not the provider's.")
STATUS_UNKNOWN = Counter("receipts_unknown_total", "Receipts with a state that we do not know.")
DIGESTS = Counter("digests_created_total", "Digests made, each of all that waited for it.")
UNSUBSCRIBED = Counter(
    "unsubscribe_requests_total", "One-click requests to end emails, by result: ended, refused.", ("result",)
)
