"""Addresses: checked and normalised, refused with a reason, and masked before anybody sees them."""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel

#: +1 is shared by twenty countries; ours is the United States with its territories.
_OUR_REGIONS = frozenset({"US", "PR", "VI", "GU", "AS", "MP"})
_HOME_REGION = "US"
_TEXTABLE = frozenset(
    {
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)
_REFUSED_TYPES = {
    PhoneNumberType.PREMIUM_RATE: Reason.PHONE_PREMIUM,
    PhoneNumberType.TOLL_FREE: Reason.PHONE_TOLL_FREE,
}
_SEVERAL = re.compile(r"\d[^\d]*(?:[/;,|&]|\b(?:or|and|o|y)\b)[^\d]*\d", re.IGNORECASE)
_EXTENSION = re.compile(r"\d\s*(?:x|ext\.?|extension|#)\s*\d+\s*$", re.IGNORECASE)
#: E.164 has 15 digits at most; more in one field is more than one number.
_MOST_DIGITS = 15
#: The longest address that RFC 3696 (erratum 1690) lets anybody write, before RFC 5321 says 254.
_LONGEST_EMAIL_CHARS = 320

_MASK = "\u2022" * 3
_SHOWN_DIGITS = 2


class AddressRefusedError(ValueError):
    """A written address cannot be used; says why and never what was written."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the address cannot be used: {reason}")
        self.reason = reason


def mask(channel: Channel, address: str) -> str:
    """Return enough of an address to recognise it, and too little to use it."""
    if channel is Channel.SMS:
        return f"{_MASK}{address[-_SHOWN_DIGITS:]}"
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{_MASK}@{domain}"


def normalised(channel: Channel, written: str) -> str:
    """Return an address as it is sent to: E.164, or an email address with an ASCII domain.

    Raises:
        AddressRefusedError: with the reason why it cannot be used.
    """
    return _phone(written.strip()) if channel is Channel.SMS else _email(written.strip())


def _phone(written: str) -> str:
    """The library alone takes vanity letters for digits and drops extensions: our rules come first."""
    if _SEVERAL.search(written) or sum(character.isdigit() for character in written) > _MOST_DIGITS:
        raise AddressRefusedError(Reason.PHONE_SEVERAL)
    if _EXTENSION.search(written):
        raise AddressRefusedError(Reason.PHONE_EXTENSION)
    if any(character.isalpha() for character in written):
        raise AddressRefusedError(Reason.PHONE_LETTERS)
    try:
        number = phonenumbers.parse(written, _HOME_REGION)
    except NumberParseException:
        raise AddressRefusedError(Reason.PHONE_INVALID) from None
    if not phonenumbers.is_valid_number(number):
        raise AddressRefusedError(Reason.PHONE_INVALID)
    if phonenumbers.region_code_for_number(number) not in _OUR_REGIONS:
        raise AddressRefusedError(Reason.PHONE_FOREIGN)
    kind = phonenumbers.number_type(number)
    if kind not in _TEXTABLE:
        raise AddressRefusedError(_REFUSED_TYPES.get(kind, Reason.PHONE_INVALID))
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _email(written: str) -> str:
    if len(written) > _LONGEST_EMAIL_CHARS:
        raise AddressRefusedError(Reason.EMAIL_TOO_LONG)
    try:
        # Whether the domain takes mail is the network's business, and found out by sending.
        checked = validate_email(written, check_deliverability=False, strict=True)
    except EmailNotValidError:
        raise AddressRefusedError(Reason.EMAIL_INVALID) from None
    if checked.ascii_email is None:
        raise AddressRefusedError(Reason.EMAIL_LOCAL_PART_NOT_ASCII)
    return checked.ascii_email
