"""Metrics: the counters and histograms that every service has; no label ever holds personal data."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)

EVENTS_PROCESSED = Counter(
    "events_processed_total",
    "Messages that left a handler, by outcome: ok, retried, parked.",
    ("handler", "event_type", "outcome"),
)
EVENTS_SECONDS = Histogram(
    "events_processing_seconds", "From delivery to acknowledgement.", ("handler",), buckets=_SECONDS
)
EVENTS_CRITICAL_SECONDS = Histogram(
    "events_critical_time_seconds",
    "From the event's time to the end of its handling.",
    ("handler",),
    buckets=_SECONDS,
)
EVENTS_PARKED = Counter("events_parked_total", "Messages parked, by reason.", ("handler", "reason"))
EVENTS_RETRIED = Counter("events_retry_scheduled_total", "Messages put on a retry step.", ("handler", "step"))
PUBLISHED = Counter(
    "events_published_total",
    "Events published, by result: confirmed, returned, failed.",
    ("event_type", "result"),
)
CONSUMERS_READY = Gauge("consumer_ready", "1 while a handler has a live consumer.", ("handler",))
STORE_OUTAGE = Gauge("store_outage", "1 while handlers hold their messages because the store is away.")
BROKER_BLOCKED = Gauge("broker_blocked", "1 while the broker refuses to take messages from us.")
HTTP_SECONDS = Histogram(
    "http_request_seconds", "HTTP requests.", ("method", "route", "status"), buckets=_SECONDS
)
OUTBOX_PENDING = Gauge("outbox_pending", "Aggregates with events to publish.", ("collection",))
OUTBOX_OLDEST_SECONDS = Gauge(
    "outbox_oldest_age_seconds", "Age of the oldest unpublished event.", ("collection",)
)
OUTBOX_PUBLISHED = Counter(
    "outbox_published_total", "Events that the relay published, by result.", ("collection", "result")
)
