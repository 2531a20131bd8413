"""The packaged texts: a file of phrases a language, and of which of them each letter is made."""

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

from babel.core import Locale
from jinja2 import PackageLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.domain.languages import Language, Text, TextRefusedError
from notifications.domain.messages import Purpose
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel

_FOLDER = "templates"
#: First strong isolate and its end: what they enclose has its own direction and turns nothing around it.
_ISOLATE = "\u2068{}\u2069"

#: What an item of a digest leaves out: all about an attached calendar entry, and what the digest says itself.
_NOT_IN_DIGESTS = frozenset({"entry_added", "entry_replaced", "entry_removed", "questions"})
#: What the text of a purpose is on each channel; rows and sentences of an email are in the letters' own file.
SMS_PHRASES = ("sms", "sms_short")
EMAIL_PHRASES = ("greeting", "why", "unnamed_form", "event", "family_calendar", "counted")
_TIMES_OF_DAY = ("starts", "ends")
#: 64 bits: edits are told apart, and a reviewer can copy it.
_DIGEST_CHARS = 16

Values = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Body:
    """An email's sentences, in the order in which they are read.

    Rows are a label, what it labels, and whether that does not hold any more; a link is words and an address.
    """

    greeting: str
    heading: str
    rows: Sequence[tuple[str, str, bool]]
    sentences: Sequence[str]
    link: tuple[str, str] | None
    why: str


class Phrasebook:
    """The texts of one version in one language. A placeholder that nothing fills is an error, never a gap.

    Args:
        version: of the texts.
        language: of the phrases.
    """

    def __init__(self, version: str, language: Language) -> None:
        self._version = version
        self._language = language
        self._letters = read(version, "letters")
        self._phrases = read(version, language.tag)

    @cache  # noqa: B019 - there are as many phrasebooks as versions and languages
    def written(self, purpose: Purpose, channel: Channel) -> Text:
        """Return the text of a purpose on a channel, with a digest of every phrase that it is made of.

        Raises:
            TextRefusedError: if a phrase is missing.
        """
        phrases = self._phrases
        if channel is Channel.SMS:
            made_of: list[Any] = [_at(phrases, purpose, name) for name in SMS_PHRASES]
        else:
            letter = _at(self._letters, purpose)
            made_of = [
                *(_at(phrases, name) for name in EMAIL_PHRASES),
                *(_at(phrases, purpose, name) for name in ("subject", "heading")),
                *(_at(phrases, "row", name) for name in letter["rows"]),
                *(_at(phrases, "sentence", name) for name in letter["sentences"]),
            ]
        digest = sha256(json.dumps(made_of).encode()).hexdigest()[:_DIGEST_CHARS]
        return Text(purpose=purpose, channel=channel, language=self._language.tag, digest=digest)

    def line(self, *path: str, values: Values) -> str:
        """Return one phrase as plain text of one line.

        Args:
            path: where it is in the file, such as a purpose and `subject`.
            values: what may be filled in.

        Raises:
            TextRefusedError: if there is no such phrase, or if it asks for what there is not.
        """
        return " ".join(_filled(_compiled(_at(self._phrases, *path)), self._plain(values)).split())

    def counted(self, name: str, number: int) -> str:
        """Return a number of things, in the plural form that the language has for it.

        Raises:
            TextRefusedError: if there is none.
        """
        form = Locale.parse(self._language.locale).plural_form(number)
        return _filled(_compiled(_at(self._phrases, "counted", name, form)), {"number": str(number)})

    def text(self, purpose: Purpose, values: Values, *, calendar_url: str = "") -> str:
        """Return an email as plain text.

        Args:
            purpose: what it tells.
            values: what may be filled in.
            calendar_url: of the family's calendar; empty for none.

        Raises:
            TextRefusedError: as above.
        """
        plain = self._plain(values)
        body = self._body(purpose, lambda source: _filled(_compiled(source), plain), calendar_url)
        return self._laid_out("text.txt", body, {"sender": plain["sender"]})

    def html(self, purpose: Purpose, values: Values, *, calendar_url: str = "") -> str:
        """Return an email as HTML, in which what is filled in cannot turn the text around it.

        Raises:
            TextRefusedError: as above.
        """
        safe = {name: _isolated(name, value) if value else "" for name, value in values.items()}
        body = self._body(purpose, lambda source: _filled(_compiled(source), safe), escape(calendar_url))
        around = {
            "language": self._language.tag,
            "direction": self._language.direction,
            "subject": escape(self.line(purpose, "subject", values=values)),
            "sender": safe["sender"],
        }
        return self._laid_out("body.html", body, around)

    def body_lines(self, purpose: Purpose, values: Values) -> tuple[list[tuple[str, str]], list[str]]:
        """Return an email's rows and sentences as plain text, as an item of a digest has them.

        Raises:
            TextRefusedError: as above.
        """
        made_of, plain = _at(self._letters, purpose), self._plain(values)

        def fill(source: str) -> str:
            return _filled(_compiled(source), plain)

        rows = [[fill(each) for each in _at(self._phrases, "row", name)] for name in made_of["rows"]]
        sentences = [
            fill(_at(self._phrases, "sentence", name))
            for name in made_of["sentences"]
            if name not in _NOT_IN_DIGESTS
        ]
        return [(label, value) for label, value in rows if value], [each for each in sentences if each]

    def page(self, layout: str, around: Mapping[str, Any]) -> str:
        """Return a layout filled with plain text, which the layout escapes.

        Raises:
            TextRefusedError: as above.
        """
        return _filled(environment().get_template(f"{self._version}/{layout}"), around)

    def _body(self, purpose: Purpose, fill: Callable[[str], str], calendar_url: str) -> Body:
        """Return what an email says; what comes out empty is left out."""
        made_of = _at(self._letters, purpose)
        phrases = self._phrases
        rows = [(*_at(phrases, "row", name), name in self._letters["gone"]) for name in made_of["rows"]]
        filled = [(fill(label), fill(value), gone) for label, value, gone in rows]
        sentences = [fill(_at(phrases, "sentence", name)) for name in made_of["sentences"]]
        return Body(
            greeting=fill(_at(phrases, "greeting")),
            heading=fill(_at(phrases, purpose, "heading")),
            rows=[row for row in filled if row[1]],
            sentences=[each for each in sentences if each],
            link=(fill(_at(phrases, "family_calendar")), calendar_url) if calendar_url else None,
            why=fill(_at(phrases, "why")),
        )

    def _laid_out(self, layout: str, body: Body, around: Mapping[str, str]) -> str:
        template = environment().get_template(f"{self._version}/{layout}")
        return _filled(template, {**vars(body), **around})

    def _plain(self, values: Values) -> Values:
        if self._language.direction == "ltr":
            return values
        return {name: _ISOLATE.format(value) if value else "" for name, value in values.items()}


def _isolated(name: str, value: str) -> str:
    """Return a value as HTML with a direction of its own; a time is never broken over two lines."""
    style = ' style="white-space:nowrap"' if name.endswith(_TIMES_OF_DAY) else ""
    return f"<bdi{style}>{escape(value)}</bdi>"


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """Return the environment of all templates; phrases are ours, and what is filled in comes escaped."""
    return ImmutableSandboxedEnvironment(
        loader=PackageLoader("notifications", _FOLDER),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _compiled(source: str) -> Template:
    return environment().from_string(source)


def _filled(template: Template, values: Mapping[str, Any]) -> str:
    try:
        return template.render(values)
    except TemplateError:
        # Its text may quote what was to be filled in, so it is not chained.
        raise TextRefusedError(Reason.TEXT_MISSING) from None


@cache
def read(version: str, name: str) -> Mapping[str, Any]:
    """Return a file of a version of the texts.

    Raises:
        TextRefusedError: if there is none.
    """
    try:
        return tomllib.loads((files("notifications") / _FOLDER / version / f"{name}.toml").read_text())
    except OSError:
        raise TextRefusedError(Reason.TEXT_MISSING) from None


def _at(phrases: Any, *path: str) -> Any:
    for name in path:
        if name not in phrases:
            raise TextRefusedError(Reason.TEXT_MISSING)
        phrases = phrases[name]
    return phrases
