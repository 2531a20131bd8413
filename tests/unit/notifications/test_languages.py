"""Who is told in which language, and which texts a person has read."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pytest
from tests.unit.notifications.notification_examples import LANGUAGES

from notifications.domain.languages import (
    Language,
    Languages,
    Reading,
    Review,
    Text,
    TextRefusedError,
)
from notifications.domain.messages import Purpose
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel

DARI = Language(tag="fa", locale="fa_AF", direction="rtl")
CAREFUL = replace(LANGUAGES, send_unreviewed=False)


def text(language: str = "es", *, digest: str = "now", channel: Channel = Channel.SMS) -> Text:
    return Text(purpose=Purpose.DEFENSE_SCHEDULED, channel=channel, language=language, digest=digest)


def text_in(language: Language) -> Text:
    return text(language.tag)


def reviewed(*texts: Text, on: date = date(2026, 11, 3)) -> tuple[Review, ...]:
    return tuple(Review(text=each, by="M. Ortiz, family liaison", on=on) for each in texts)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [("en", "en"), ("es", "es"), ("es-MX", "es"), ("ES", "es"), ("hmn", "en"), ("prs", "en"), ("", "en")],
)
def test_case_20_who_wants_a_language_without_texts_is_told_in_the_fallback(wanted: str, told: str) -> None:
    assert LANGUAGES.choose(wanted, text_in).tag == told


def test_case_20_an_unknown_code_is_told_in_the_languages_that_the_district_says_are_near() -> None:
    languages = replace(
        LANGUAGES, known={**LANGUAGES.known, "fa": DARI}, near={"prs": ("ps", "fa"), "hmn": ("mww",)}
    )

    def chain(wanted: str) -> Sequence[str]:
        return [each.tag for each in languages.chain(wanted)]

    assert chain("prs") == ["fa", "en"]
    assert chain("prs-Arab-AF") == ["fa", "en"]
    assert chain("hmn") == ["en"]
    assert chain("fa-AF") == ["fa", "en"]
    assert chain("en-GB") == ["en"]
    assert languages.choose("prs", text_in).direction == "rtl"


def test_case_20_a_text_that_nobody_has_reviewed_goes_out_only_where_the_district_allows_it() -> None:
    careful = replace(CAREFUL, reviews=reviewed(text("en")))

    assert LANGUAGES.choose("es", text_in).tag == "es"
    assert careful.choose("es", text_in).tag == "en"
    assert replace(careful, reviews=reviewed(text("en"), text("es"))).choose("es", text_in).tag == "es"


@pytest.mark.parametrize(
    ("languages", "wanted"),
    [
        (CAREFUL, "so"),
        (replace(CAREFUL, fallback="es"), "en"),
        (replace(CAREFUL, reviews=reviewed(text("en", channel=Channel.EMAIL))), "en"),
        (replace(CAREFUL, reviews=reviewed(text("en", digest="before"))), "en"),
    ],
)
def test_case_20_without_a_reviewed_fallback_nothing_goes_out(languages: Languages, wanted: str) -> None:
    with pytest.raises(TextRefusedError) as refused:
        languages.choose(wanted, text_in)

    assert refused.value.reason is Reason.TEXT_NOT_REVIEWED


def test_a_review_is_of_one_text_as_it_was_read() -> None:
    before, after = date(2026, 10, 1), date(2026, 11, 3)
    known = replace(
        LANGUAGES,
        reviews=(
            *reviewed(text(digest="now"), on=before),
            *reviewed(text(digest="then"), on=after),
            *reviewed(text("en", digest="then"), on=after),
        ),
    )
    reading: Callable[[Text], Reading] = known.reading

    assert reading(text()) is Reading.REVIEWED
    assert reading(text("en")) is Reading.CHANGED
    assert reading(text(channel=Channel.EMAIL)) is Reading.NOT_REVIEWED
    # The review of what it is now counts, and not the latest of what it was.
    assert [known.review(text()), known.review(text("en")), known.review(text("ar"))] == [
        known.reviews[0],  # type: ignore[index]  # a tuple here
        known.reviews[2],  # type: ignore[index]
        None,
    ]
