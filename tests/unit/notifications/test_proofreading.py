"""Texts are proved before anything is written with them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.unit.notifications.notification_examples import LANGUAGES, RULES, Examples

from notifications.clients import proofreading, rendering
from notifications.clients.phrases import Phrasebook, read
from notifications.clients.proofreading import PLACEHOLDERS, TextsError, prove
from notifications.domain.languages import Language
from notifications.domain.messages import Purpose
from notifications.domain.roster import Channel
from notifications.repository import DistrictPolicies


def test_the_packaged_texts_say_the_same_in_every_language() -> None:
    policies = DistrictPolicies("")

    for languages in policies.every_languages():
        prove(languages)

    assert [each.texts_version for each in policies.every_languages()] == ["2026-11"]


def test_what_a_phrase_may_show_is_what_is_filled_in(make: Examples) -> None:
    spanish = LANGUAGES.known["es"]
    filled = rendering._values(make.letter(), spanish, RULES, Phrasebook("2026-11", spanish))

    # What there is news of is a digest's, which fills it itself.
    assert {*filled, "news"} == PLACEHOLDERS


@pytest.mark.parametrize(
    ("language", "change", "said"),
    [
        (
            "es",
            {"greeting": "Hola {{ nombre }}:"},
            "texts 2026-11, es: greeting asks for {{ nombre }}, which nothing fills",
        ),
        (
            "es",
            {"greeting": "Hola {{ student }}:"},
            "texts 2026-11, es: greeting must not have {{ student }}",
        ),
        ("es", {"why": "Recibe este correo."}, "texts 2026-11, es: why lacks {{ contact }}"),
        ("es", {"greeting": "Hola {{ student:"}, "texts 2026-11, es: greeting is no template"),
        ("es", {"farewell": "Adiós."}, "texts 2026-11, es: farewell is no phrase of the fallback's"),
        ("es", {"unnamed_form": None}, "texts 2026-11, es: unnamed_form is missing"),
        ("es", {"row": {}}, "texts 2026-11, es: row.before.0 is missing"),
        ("en", {"unnamed_form": None}, "texts 2026-11, en: unnamed_form is missing"),
        ("en", {"outcome_released": {}}, "texts 2026-11, en: outcome_released.subject is missing"),
        ("es", {"counted": {}}, "texts 2026-11, es: counted.minutes.many is missing"),
        (
            "en",
            {"counted": {"minutes": {"one": "a minute", "other": "minutes"}}},
            "texts 2026-11, en: counted.minutes.other lacks {{ number }}",
        ),
        ("letters", {"outcome_released": None}, "texts 2026-11, letters: outcome_released is missing"),
    ],
)
def test_case_20_a_text_with_a_gap_is_refused_by_language_phrase_and_placeholder(
    monkeypatch: pytest.MonkeyPatch, language: str, change: Mapping[str, Any], said: str
) -> None:
    def changed(version: str, name: str) -> Mapping[str, Any]:
        phrases = {**read(version, name), **(change if name == language else {})}
        return {name: phrase for name, phrase in phrases.items() if phrase is not None}

    monkeypatch.setattr(proofreading, "read", changed)

    with pytest.raises(TextsError) as refused:
        prove(LANGUAGES)

    assert str(refused.value).startswith(said)


@pytest.mark.parametrize("name", ["version", "language"])
def test_case_20_texts_that_are_not_there_are_refused(name: str) -> None:
    somali = replace(LANGUAGES.known["es"], tag="xx")
    wrong = {
        "version": replace(LANGUAGES, texts_version="1999-01"),
        "language": replace(LANGUAGES, known={**LANGUAGES.known, "xx": somali}),
    }

    with pytest.raises(TextsError, match="there is no file"):
        prove(wrong[name])


def test_every_text_has_a_digest_of_its_own_that_changes_with_its_phrases(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spanish = Phrasebook("2026-11", LANGUAGES.known["es"])
    texts = [spanish.written(purpose, channel) for purpose in Purpose for channel in Channel]

    assert len({each.digest for each in texts}) == len(texts)
    assert {len(each.digest) for each in texts} == {16}
    before = spanish.written(Purpose.DEFENSE_MOVED, Channel.SMS)
    edited = Phrasebook("2026-11", LANGUAGES.known["es"])
    moved = {**read("2026-11", "es")["defense_moved"], "sms": "{{ school }}"}
    edited._phrases = {**read("2026-11", "es"), "defense_moved": moved}
    assert edited.written(Purpose.DEFENSE_MOVED, Channel.SMS).digest != before.digest
    assert edited.written(Purpose.DEFENSE_CANCELLED, Channel.SMS) == spanish.written(
        Purpose.DEFENSE_CANCELLED, Channel.SMS
    )


def test_a_district_enters_its_reviews_as_policy(tmp_path: Path) -> None:
    text = Phrasebook("2026-11", LANGUAGES.known["es"]).written(Purpose.DEFENSE_MOVED, Channel.EMAIL)
    (tmp_path / "jcps").mkdir()
    (tmp_path / "jcps" / "reviews.json").write_text(
        f"""[{{"version": "1", "effective": "2026-07-01", "reviews": [{{"language": "es",
        "purpose": "defense_moved", "channel": "email", "digest": "{text.digest}",
        "by": "M. Ortiz", "on": "2026-11-03"}}]}}]"""
    )

    policies = DistrictPolicies(str(tmp_path))
    known = policies.rules("jcps", on=date(2026, 11, 22)).languages.review(text)

    assert known is not None
    assert (known.text, known.by, known.on) == (text, "M. Ortiz", date(2026, 11, 3))
    assert policies.rules("fcps", on=date(2026, 11, 22)).languages.review(text) is None


@pytest.mark.parametrize(
    ("tag", "locale", "said"),
    [
        ("en", "en_US", ["1 minute", "2 minutes", "45 minutes"]),
        ("es", "es_US", ["1 minuto", "2 minutos", "45 minutos"]),
        ("ar", "ar", ["دقيقة واحدة", "دقيقتان", "45 دقيقة"]),
        ("so", "so", ["1 daqiiqad", "2 daqiiqo", "45 daqiiqo"]),
        ("sw", "sw", ["dakika 1", "dakika 2", "dakika 45"]),
        ("rw", "rw", ["iminota 1", "iminota 2", "iminota 45"]),
        ("ne", "ne", ["1 मिनेट", "2 मिनेट", "45 मिनेट"]),
    ],
)
def test_things_are_counted_in_the_plural_forms_of_the_language(
    tag: str, locale: str, said: list[str]
) -> None:
    direction = "rtl" if tag == "ar" else "ltr"
    phrasebook = Phrasebook("2026-11", Language(tag=tag, locale=locale, direction=direction))

    assert [phrasebook.counted("minutes", number) for number in (1, 2, 45)] == said


def test_in_arabic_three_to_ten_have_a_form_of_their_own() -> None:
    arabic = Phrasebook("2026-11", Language(tag="ar", locale="ar", direction="rtl"))

    assert [arabic.counted("minutes", number) for number in (3, 10, 11)] == [
        "3 دقائق",
        "10 دقائق",
        "11 دقيقة",
    ]
