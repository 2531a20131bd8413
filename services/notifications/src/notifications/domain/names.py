"""Make what people typed inert, whichever channel shows it."""

import re
import unicodedata

#: Longer names are cut: they would push the time and the place out of a text message.
LONGEST_NAME_CHARS = 60
_CUT = "..."

#: Joiners that several scripts and emoji need; every other invisible character goes.
_KEPT_INVISIBLE = {"\u200c", "\u200d"}
#: Mail programs and phones make a link of `evil.com`, also with these full stops of other scripts.
_LINKING_DOT = re.compile(r"(?<=\w)([.\u3002\uff0e\uff61])(?=\w)")
_LINKING_SIGN = re.compile(r"(?<=\S)@(?=\S)")


def inert(text: str, *, longest_chars: int = LONGEST_NAME_CHARS) -> str:
    """Return a name as harmless text of one line; empty if nothing visible is left.

    Invisible characters go, bidirectional controls among them, so that a name cannot turn the text around
    it; line breaks become spaces, so that it cannot start a header or a line; and a full stop between two
    letters gets a space, so that no program makes a link of it. Escaping is the template's.
    """
    visible = "".join(_shown(character) for character in unicodedata.normalize("NFC", text))
    unlinked = _LINKING_SIGN.sub(" @ ", _LINKING_DOT.sub(r"\1 ", visible.replace("://", ": ")))
    line = " ".join(unlinked.split())
    return line if len(line) <= longest_chars else line[: longest_chars - len(_CUT)].rstrip() + _CUT


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    if category.startswith("C") and character not in _KEPT_INVISIBLE:
        return ""
    return character
