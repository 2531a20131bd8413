"""The packaged texts: a file of phrases a language, and of which of them each letter is made."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from jinja2 import PackageLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.domain.languages import Language, TextRefusedError
from notifications.domain.messages import Purpose
from notifications.domain.reasons import Reason

_FOLDER = "templates"
#: First strong isolate and its end: what they enclose has its own direction and turns nothing around it.
_ISOLATE = "\u2068{}\u2069"

#: What an item of a digest leaves out: all about an attached calendar entry, and what the digest says itself.
_NOT_IN_DIGESTS = frozenset({"entry_added", "entry_replaced", "entry_removed", "questions"})

Values = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Body:
    """An email's sentences, in the order in which they are read; rows are a label and what it labels."""

    greeting: str
    heading: str
    rows: Sequence[tuple[str, str]]
    sentences: Sequence[str]
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
        self._letters = _read(version, "letters")
        self._phrases = _read(version, language.tag)

    def line(self, *path: str, values: Values) -> str:
        """Return one phrase as plain text of one line.

        Args:
            path: where it is in the file, such as a purpose and `subject`.
            values: what may be filled in.

        Raises:
            TextRefusedError: if there is no such phrase, or if it asks for what there is not.
        """
        return " ".join(_filled(_compiled(_at(self._phrases, *path)), self._plain(values)).split())

    def text(self, purpose: Purpose, values: Values) -> str:
        """Return an email as plain text.

        Raises:
            TextRefusedError: as above.
        """
        plain = self._plain(values)
        body = self._body(purpose, lambda source: _filled(_compiled(source), plain))
        return self._laid_out("text.txt", body, {"sender": plain["sender"]})

    def html(self, purpose: Purpose, values: Values) -> str:
        """Return an email as HTML, in which what is filled in cannot turn the text around it.

        Raises:
            TextRefusedError: as above.
        """
        safe = {name: f"<bdi>{escape(value)}</bdi>" if value else "" for name, value in values.items()}
        body = self._body(purpose, lambda source: _filled(_compiled(source), safe))
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
        return _filled(_environment().get_template(f"{self._version}/{layout}"), around)

    def _body(self, purpose: Purpose, fill: Callable[[str], str]) -> Body:
        """Return what an email says; what comes out empty is left out."""
        made_of = _at(self._letters, purpose)
        phrases = self._phrases
        rows = [
            (fill(label), fill(value)) for label, value in (_at(phrases, "row", n) for n in made_of["rows"])
        ]
        sentences = [fill(_at(phrases, "sentence", name)) for name in made_of["sentences"]]
        return Body(
            greeting=fill(_at(phrases, "greeting")),
            heading=fill(_at(phrases, purpose, "heading")),
            rows=[(label, value) for label, value in rows if value],
            sentences=[each for each in sentences if each],
            why=fill(_at(phrases, "why")),
        )

    def _laid_out(self, layout: str, body: Body, around: Mapping[str, str]) -> str:
        template = _environment().get_template(f"{self._version}/{layout}")
        return _filled(template, {**vars(body), **around})

    def _plain(self, values: Values) -> Values:
        if self._language.direction == "ltr":
            return values
        return {name: _ISOLATE.format(value) if value else "" for name, value in values.items()}


@cache
def _environment() -> ImmutableSandboxedEnvironment:
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
    return _environment().from_string(source)


def _filled(template: Template, values: Mapping[str, Any]) -> str:
    try:
        return template.render(values)
    except TemplateError:
        # Its text may quote what was to be filled in, so it is not chained.
        raise TextRefusedError(Reason.TEXT_MISSING) from None


@cache
def _read(version: str, name: str) -> Mapping[str, Any]:
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
