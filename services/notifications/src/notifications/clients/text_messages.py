"""Write a text message: the long text, or the short one where the long one costs too much."""

from notifications.clients.phrases import SMS_PHRASES, Phrasebook, Values
from notifications.domain.languages import Language, TextRefusedError
from notifications.domain.messages import Content, Purpose
from notifications.domain.planning import DistrictRules
from notifications.domain.reasons import Reason
from notifications.domain.segments import count, plain


def sms(phrasebook: Phrasebook, purpose: Purpose, name: str, values: Values) -> str:
    """Return one text of a purpose, as it is sent."""
    return plain(phrasebook.line(purpose, name, values=values))


def text_message(
    phrasebook: Phrasebook,
    purpose: Purpose,
    values: Values,
    language: Language,
    *,
    most_parts: int,
    rules: DistrictRules,
) -> Content:
    """Return the first text of a purpose that costs no more than so many parts; 0 for no limit.

    Raises:
        TextRefusedError: if there is none, or none is short enough.
    """
    for name in SMS_PHRASES:
        text = sms(phrasebook, purpose, name, values)
        cost = count(text)
        if not most_parts or cost.parts <= most_parts:
            return Content(
                language=language.tag,
                template_version=rules.languages.texts_version,
                text=text,
                parts=cost.parts,
                encoding=cost.encoding,
            )
    raise TextRefusedError(Reason.TEXT_TOO_LONG)
