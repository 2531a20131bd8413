"""The reason codes that explain to a school why a message is where it is."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a message was not sent, failed, waits or is in doubt; part of the HTTP interface."""

    # The family's rights and wishes.
    MAY_NOT_BE_TOLD = "may_not_be_told"
    GUARDIAN_LEFT = "guardian_left"
    STUDENT_WITHDRAWN = "student_withdrawn"
    GUARDIAN_UNKNOWN = "guardian_unknown"
    CONSENT_MISSING = "consent_missing"
    CONSENT_REFUSED = "consent_refused"
    OPTED_OUT = "opted_out"
    SWITCHED_OFF = "switched_off"

    # What they know already, and what the district does not tell by message.
    ALREADY_TOLD = "already_told"
    NEVER_TOLD = "never_told"
    DISTRICT_SILENT = "district_silent"
    CHANNEL_UNUSED = "channel_unused"
    IN_RESERVE = "in_reserve"

    # The address.
    NO_ADDRESS = "no_address"
    PHONE_INVALID = "phone_invalid"
    PHONE_LETTERS = "phone_letters"
    PHONE_EXTENSION = "phone_extension"
    PHONE_SEVERAL = "phone_several"
    PHONE_FOREIGN = "phone_foreign"
    PHONE_PREMIUM = "phone_premium"
    PHONE_TOLL_FREE = "phone_toll_free"
    EMAIL_INVALID = "email_invalid"
    EMAIL_TOO_LONG = "email_too_long"
    EMAIL_LOCAL_PART_NOT_ASCII = "email_local_part_not_ascii"
    ADDRESS_REFUSED = "address_refused"
    ADDRESS_REPLACED = "address_replaced"
    COMPLAINED = "complained"
    MAILBOX_UNAVAILABLE = "mailbox_unavailable"

    # The text.
    TEXT_MISSING = "text_missing"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_NOT_REVIEWED = "text_not_reviewed"
    CONTENT_REFUSED = "content_refused"
    ZONE_UNKNOWN = "zone_unknown"

    # Time.
    DEADLINE_PASSED = "deadline_passed"
    NEWER_REVISION = "newer_revision"
    ATTEMPTS_USED_UP = "attempts_used_up"
    QUIET_HOURS = "quiet_hours"
    NEXT_DIGEST = "next_digest"
    DIGEST_CHANGED = "digest_changed"

    # The provider.
    PROVIDER_BUSY = "provider_busy"
    PROVIDER_UNREACHABLE = "provider_unreachable"
    PROVIDER_REFUSES_US = "provider_refuses_us"
    PHONE_UNREACHABLE = "phone_unreachable"
    CARRIER_FILTERED = "carrier_filtered"
    PROVIDER_FAILED = "provider_failed"

    # Doubt: it may or may not have been accepted.
    ANSWER_LOST = "answer_lost"
    INTERRUPTED = "interrupted"
    RECEIPT_MISSING = "receipt_missing"

    # Why a family is not reached, besides the above.
    UNDER_WAY = "under_way"
    NOBODY_ON_RECORD = "nobody_on_record"
    NOBODY_MAY_BE_TOLD = "nobody_may_be_told"
    COPY_MISSING = "copy_missing"
    HEARD_BY_HAND = "heard_by_hand"
