"""The errors that mean something to the chassis."""


class TransientError(Exception):
    """It may pass by itself: the only error for which an event is tried again."""


class StoreUnavailableError(TransientError):
    """The document store does not answer, or not in time."""


class NotFoundError(LookupError):
    """There is no such thing, or the caller may not see it; the two look the same from outside."""


class KeyReusedError(ValueError):
    """An idempotency key came again with another request, whose answer the first one's would be."""

    field = "Idempotency-Key"


class ConflictError(TransientError):
    """An aggregate was changed by others each time we tried."""
