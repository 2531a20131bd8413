"""Write digests: each item as a section's part, and the letter round them; and the page that ends emails."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel.lists import format_list

from notifications.clients.phrases import Phrasebook, Values
from notifications.clients.text_messages import sms, text_message
from notifications.domain.digests import DigestLetter, Section
from notifications.domain.languages import Language
from notifications.domain.messages import Content, Purpose
from notifications.domain.names import inert
from notifications.domain.planning import DistrictRules, Letter
from notifications.domain.roster import Channel, Student
from notifications.domain.segments import plain

#: The cut of names in the short text, which must fit when the long one does not.
_SHORT_CHARS = 40
#: Stands for the items where only the words round them are wanted.
_NEWS = "\u241f"


@dataclass(frozen=True)
class _Named:
    """A section with its heading."""

    name: str
    contents: Sequence[Content]


def digest_item(
    phrasebook: Phrasebook, values: Values, letter: Letter, language: Language, rules: DistrictRules
) -> Content:
    """Return what a digest says of one fact; without a calendar entry, of which a mail can carry only one.

    Raises:
        TextRefusedError: if there is no text for it.
    """
    purpose = letter.news.purpose
    subject = html = ""
    if letter.channel is Channel.SMS:
        text = sms(phrasebook, purpose, "sms", values).removesuffix(_end(phrasebook)).rstrip()
    else:
        subject = phrasebook.line(purpose, "subject", values=values)
        rows, sentences = phrasebook.body_lines(purpose, values)
        around = {
            "heading": phrasebook.line(purpose, "heading", values=values),
            "rows": rows,
            "sentences": sentences,
        }
        text, html = (phrasebook.page(name, around) for name in ("digest_item.txt", "digest_item.html"))
        html = f'<div lang="{language.tag}" dir="{language.direction}">\n{html}\n</div>'
    return Content(
        language=language.tag,
        template_version=rules.languages.texts_version,
        subject=subject,
        text=text,
        html=html,
    )


def digest_letter(
    phrasebook: Phrasebook, letter: DigestLetter, language: Language, rules: DistrictRules
) -> Content:
    """Return the complete content of a digest.

    Raises:
        TextRefusedError: if there is no text that may go out, or none that is short enough.
    """
    names = _names(letter.sections)
    students = plain(format_list(names, locale=language.locale))
    fallback = rules.languages.fallback
    values = {
        "student": students,
        "student_short": inert(students, longest_chars=_SHORT_CHARS),
        "sender": rules.sender.name,
        "contact": rules.sender.contact_in(language.tag, fallback=fallback),
        "portal": rules.sender.portal_in(language.tag, fallback=fallback),
        "news": _in_one_line(letter.sections),
    }
    if letter.channel is Channel.SMS:
        most_parts = rules.preferences.digest_parts
        return text_message(phrasebook, Purpose.DIGEST, values, language, most_parts=most_parts, rules=rules)
    heading = phrasebook.line(Purpose.DIGEST, "heading", values=values)
    around = {
        "language": language.tag,
        "direction": language.direction,
        "greeting": phrasebook.line("greeting", values={}),
        "heading": heading,
        "of_the_day": phrasebook.line("sentence", "of_the_day", values={}),
        "questions": phrasebook.line("sentence", "questions", values=values),
        "why": phrasebook.line("why", values=values),
        "sender": values["sender"],
        "sections": [
            _Named(name, section.contents) for name, section in zip(names, letter.sections, strict=True)
        ],
    }
    return Content(
        language=language.tag,
        template_version=rules.languages.texts_version,
        subject=phrasebook.line(Purpose.DIGEST, "subject", values=values),
        text=phrasebook.page("digest.txt", around) + "\n",
        html=phrasebook.page("digest.html", around),
    )


def unsubscribe_page(phrasebook: Phrasebook, language: Language, rules: DistrictRules, *, done: bool) -> str:
    """Return the page that asks whether to end emails of a kind, or says that they are ended."""
    contact = rules.sender.contact_in(language.tag, fallback=rules.languages.fallback)
    values = {"sender": rules.sender.name, "contact": contact}
    names = ("title", "question", "button", "done")
    lines = {name: phrasebook.line("unsubscribe", name, values=values) for name in names}
    around = {"language": language.tag, "direction": language.direction, **lines}
    return phrasebook.page("unsubscribe.html", around if done else {**around, "done": ""})


def _end(phrasebook: Phrasebook) -> str:
    """Return how text messages end; a digest says it once, after all its items."""
    filled = sms(phrasebook, Purpose.DIGEST, "sms", {"sender": "", "news": _NEWS})
    return filled.rpartition(_NEWS)[2].lstrip("\u2069 ")


def _names(sections: Sequence[Section]) -> list[str]:
    """Return what each student is called, with the family name where two have the same given one."""
    given = [inert(each.student.given_name) for each in sections]
    return [
        name if name and given.count(name) == 1 else _whole_name(section.student)
        for name, section in zip(given, sections, strict=True)
    ]


def _whole_name(student: Student) -> str:
    return inert(f"{student.given_name} {student.family_name}")


def _in_one_line(sections: Sequence[Section]) -> str:
    """Return all news after one another; each names its student."""
    return " ".join(each.text for section in sections for each in section.contents)
