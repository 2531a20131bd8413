"""Addresses are normalised, or refused with a reason."""

import pytest

from notifications.domain.addresses import AddressRefusedError, mask, normalised
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+1 (502) 555-0101", "+15025550101"),
        ("502.555.0101", "+15025550101"),
        (" 15025550101 ", "+15025550101"),
        ("٥٠٢٥٥٥٠١٠١", "+15025550101"),
        ("787-234-5678", "+17872345678"),  # Puerto Rico
    ],
)
def test_case_17_a_phone_number_of_the_united_states_is_taken(written: str, number: str) -> None:
    assert normalised(Channel.SMS, written) == number


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("555-0104", Reason.PHONE_INVALID),
        ("911", Reason.PHONE_INVALID),
        ("not yet", Reason.PHONE_LETTERS),
        ("-", Reason.PHONE_INVALID),
        ("800 555 1234", Reason.PHONE_TOLL_FREE),
        ("1-900-555-1234", Reason.PHONE_PREMIUM),
        ("1-800-CALL-NOW", Reason.PHONE_LETTERS),
        ("502 555 0101 x5", Reason.PHONE_EXTENSION),
        ("502 555 0101 ext. 12", Reason.PHONE_EXTENSION),
        ("502 555 0101 / 859 555 0102", Reason.PHONE_SEVERAL),
        ("502 555 0101 or 859 555 0102", Reason.PHONE_SEVERAL),
        ("502 555 0101 859 555 0102", Reason.PHONE_SEVERAL),
        ("+1 242 322 1234", Reason.PHONE_FOREIGN),  # Bahamas, also +1
        ("+44 20 7946 0018", Reason.PHONE_FOREIGN),
        ("+52 1 55 1234 5678", Reason.PHONE_INVALID),  # Mexico before 2019
        ("+1 502 555", Reason.PHONE_INVALID),
    ],
)
def test_case_17_any_other_phone_number_is_refused_with_a_reason(written: str, reason: Reason) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        normalised(Channel.SMS, written)

    assert refused.value.reason is reason
    assert written not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("ana@example.org", "ana@example.org"),
        (" ana@example.org\r\n", "ana@example.org"),
        ("Ana.O'Brien+school@Example.ORG", "Ana.O'Brien+school@example.org"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
        ("info@例え.テスト", "info@xn--r8jz45g.xn--zckzah"),
        # A Cyrillic letter that looks like ours: in punycode everybody sees that it is another domain.
        ("ana@\u0435xample.org", "ana@xn--xample-2of.org"),
        ("1234567890@domain.com", "1234567890@domain.com"),
        ("_______@domain.name", "_______@domain.name"),
        ("email@double--hyphen.com", "email@double--hyphen.com"),
        ("email@subdomain.domain.superlongtld", "email@subdomain.domain.superlongtld"),
    ],
)
def test_case_18_an_email_address_is_taken_with_an_ascii_domain(written: str, address: str) -> None:
    assert normalised(Channel.EMAIL, written) == address


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        # As alphagov/notifications-utils has them, tests/recipient_validation.
        ("email@123.123.123.123", Reason.EMAIL_INVALID),
        ("email@[123.123.123.123]", Reason.EMAIL_INVALID),
        ("plainaddress", Reason.EMAIL_INVALID),
        ("@no-local-part.com", Reason.EMAIL_INVALID),
        ("Outlook Contact <outlook-contact@domain.com>", Reason.EMAIL_INVALID),
        ("no-at.domain.com", Reason.EMAIL_INVALID),
        ("no-tld@domain", Reason.EMAIL_INVALID),
        (";beginning-semicolon@domain.co.uk", Reason.EMAIL_INVALID),
        ("middle-semicolon@domain.co;uk", Reason.EMAIL_INVALID),
        ("trailing-semicolon@domain.com;", Reason.EMAIL_INVALID),
        ('"email+leading-quotes@domain.com', Reason.EMAIL_INVALID),
        ('email+middle"-quotes@domain.com', Reason.EMAIL_INVALID),
        ('"quoted-local-part"@domain.com', Reason.EMAIL_INVALID),
        ('"quoted@domain.com"', Reason.EMAIL_INVALID),
        ("lots-of-dots@domain..gov..uk", Reason.EMAIL_INVALID),
        ("two-dots..in-local@domain.com", Reason.EMAIL_INVALID),
        ("multiple@domains@domain.com", Reason.EMAIL_INVALID),
        ("spaces in local@domain.com", Reason.EMAIL_INVALID),
        ("spaces-in-domain@dom ain.com", Reason.EMAIL_INVALID),
        ("underscores-in-domain@dom_ain.com", Reason.EMAIL_INVALID),
        ("pipe-in-domain@example.com|gov.uk", Reason.EMAIL_INVALID),
        ("comma,in-local@gov.uk", Reason.EMAIL_INVALID),
        ("comma-in-domain@domain,gov.uk", Reason.EMAIL_INVALID),
        ("local-with-”-quotation-mark@domain.com", Reason.EMAIL_LOCAL_PART_NOT_ASCII),
        ("domain-starts-with-a-dot@.domain.com", Reason.EMAIL_INVALID),
        ("trailing-dot@domain.com.", Reason.EMAIL_INVALID),
        ("two-addresses@example.org, other@example.org", Reason.EMAIL_INVALID),
        ("ana@example.org\r\nBcc: all@example.org", Reason.EMAIL_INVALID),
        ("ana@example.org\nBcc: all@example.org", Reason.EMAIL_INVALID),
        ("ana@example.org%0d%0aBcc:all@example.org", Reason.EMAIL_INVALID),
        ("ana\r\n@example.org", Reason.EMAIL_INVALID),
        ("ana@example.org\x00", Reason.EMAIL_INVALID),
        ("a\tb@example.org", Reason.EMAIL_INVALID),
        ("brackets(in)local@domain.com", Reason.EMAIL_INVALID),
        ("incorrect-punycode@xn---something.com", Reason.EMAIL_INVALID),
        ("pound-sign-in-local£@domain.com", Reason.EMAIL_LOCAL_PART_NOT_ASCII),
        ("local-with-\u2019-apostrophe@domain.com", Reason.EMAIL_LOCAL_PART_NOT_ASCII),
        (f"email-too-long-{'a' * 320}@example.com", Reason.EMAIL_TOO_LONG),
        # RFC 5321 section 4.5.3.1: 64 before the sign, and 254 in all.
        (f"{'a' * 65}@example.org", Reason.EMAIL_INVALID),
        (f"ana@{('b' * 60 + '.') * 4}example.org", Reason.EMAIL_INVALID),
        ("ana@exam\u200bple.org", Reason.EMAIL_INVALID),
        ("\u202eana@example.org", Reason.EMAIL_INVALID),
        ("mailto:ana@example.org", Reason.EMAIL_INVALID),
        ("ana@localhost", Reason.EMAIL_INVALID),
        ("-", Reason.EMAIL_INVALID),
        ("ask the office", Reason.EMAIL_INVALID),
        ("josé@example.org", Reason.EMAIL_LOCAL_PART_NOT_ASCII),
        (f"a@{'b' * 320}.org", Reason.EMAIL_TOO_LONG),
    ],
)
def test_case_18_any_other_email_address_is_refused_with_a_reason(written: str, reason: Reason) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        normalised(Channel.EMAIL, written)

    assert refused.value.reason is reason
    assert written not in str(refused.value)


def test_an_address_is_masked_so_that_it_can_be_recognised_and_not_used() -> None:
    assert mask(Channel.SMS, "+15025550101") == "•••01"
    assert mask(Channel.EMAIL, "ana@example.org") == "a•••@example.org"
