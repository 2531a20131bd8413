"""Prove texts before anything is written with them: every phrase in every language, every placeholder."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from babel.core import Locale
from jinja2 import TemplateSyntaxError, meta

from notifications.clients.phrases import EMAIL_PHRASES, SMS_PHRASES, environment, read
from notifications.domain.languages import Language, Languages, TextRefusedError
from notifications.domain.messages import Purpose

#: Things that are counted; their phrases have the plural forms of the language.
COUNTED = ("minutes",)
_ONE_TIME = ("date", "day", "starts", "ends", "zone", "zone_name", "room")
#: What a phrase may show of a fact, a student and a district; `clients.rendering` fills all of them.
PLACEHOLDERS = frozenset(
    {
        *_ONE_TIME,
        *(f"old_{name}" for name in _ONE_TIME),
        *(f"{name}{short}" for name in ("student", "school", "form") for short in ("", "_short")),
        *(f"{name}{day}" for name in ("plan_by", "defend_by") for day in ("", "_day")),
        *("lasts", "new_time_follows", "again", "sender", "contact", "portal", "news"),
    }
)


class TextsError(ValueError):
    """A version of the texts cannot be used; names version, language, phrase and placeholder."""


def prove(languages: Languages) -> None:
    """Refuse the texts of a district, unless each language says all that its fallback does.

    Raises:
        TextsError: if a phrase is missing, is not one of the fallback's, does not compile, lacks a
            placeholder that the fallback has, or has one that it has not or that nothing fills.
    """
    version = languages.texts_version
    letters = _file(version, "letters")
    model = _phrases(version, languages.fallback)
    for where in _needed(letters, version):
        if where not in model:
            raise TextsError(_about(version, languages.fallback, where, "is missing"))
    for language in languages.known.values():
        _prove_plurals(version, language)
        phrases = _phrases(version, language.tag)
        for where in sorted(model.keys() ^ phrases.keys()):
            what = "is missing" if where in model else "is no phrase of the fallback's"
            raise TextsError(_about(version, language.tag, where, what))
        for where, source in phrases.items():
            shown = _placeholders(source, version, language.tag, where)
            expected = _placeholders(model[where], version, languages.fallback, where)
            for name in sorted(shown ^ expected):
                what = f"lacks {{{{ {name} }}}}" if name in expected else f"must not have {{{{ {name} }}}}"
                raise TextsError(_about(version, language.tag, where, what))


def _prove_plurals(version: str, language: Language) -> None:
    """Refuse things to count that lack one of the language's plural forms, which `other` completes."""
    forms = {*Locale.parse(language.locale).plural_form.tags, "other"}
    for name in COUNTED:
        written = _file(version, language.tag).get("counted", {}).get(name, {})
        for form in sorted(forms - written.keys()):
            raise TextsError(_about(version, language.tag, f"counted.{name}.{form}", "is missing"))
        if "number" not in meta.find_undeclared_variables(environment().parse(written["other"])):
            raise TextsError(_about(version, language.tag, f"counted.{name}.other", "lacks {{ number }}"))


def _placeholders(source: str, version: str, tag: str, where: str) -> set[str]:
    try:
        shown = set(meta.find_undeclared_variables(environment().parse(source)))
    except TemplateSyntaxError as error:
        raise TextsError(_about(version, tag, where, f"is no template: {error.message}")) from None
    for name in sorted(shown - PLACEHOLDERS):
        raise TextsError(_about(version, tag, where, f"asks for {{{{ {name} }}}}, which nothing fills"))
    return shown


def _needed(letters: Mapping[str, Any], version: str) -> Iterator[str]:
    """Yield the phrases that the letters of all purposes are made of."""
    for name in EMAIL_PHRASES:
        if name != "counted":
            yield from (("event.defense", "event.milestone") if name == "event" else (name,))
    for purpose in Purpose:
        if purpose not in letters:
            raise TextsError(_about(version, "letters", purpose, "is missing"))
        yield from (f"{purpose}.{name}" for name in ("subject", "heading", *SMS_PHRASES))
        yield from (f"row.{name}.{part}" for name in letters[purpose]["rows"] for part in (0, 1))
        yield from (f"sentence.{name}" for name in letters[purpose]["sentences"])


def _phrases(version: str, tag: str) -> Mapping[str, str]:
    """Return the phrases by name, without those in plural forms, of which each language has its own."""
    phrases = _file(version, tag)
    return dict(_flat({name: phrase for name, phrase in phrases.items() if name != "counted"}))


def _flat(phrases: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, str]]:
    for name, value in phrases.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        elif isinstance(value, list):
            yield from ((f"{above}{name}.{part}", source) for part, source in enumerate(value))
        else:
            yield above + name, value


def _file(version: str, name: str) -> Mapping[str, Any]:
    try:
        return read(version, name)
    except TextRefusedError:
        raise TextsError(f"texts {version}: there is no file {name}.toml") from None


def _about(version: str, tag: str, where: str, what: str) -> str:
    return f"texts {version}, {tag}: {where} {what}"
