"""Small lists of names, so that the demo's people look like the families of a large district."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random

EMAIL_DOMAIN = "example.org"  # RFC 2606: belongs to nobody

#: Kentucky's area codes. 555-0100 to 555-0199 are reserved for fiction in every one of them, so nobody is
#: ever called, and `phonenumbers` (9.0.43) holds them valid, so that the services treat them like real ones.
AREA_CODES = ("502", "859", "270", "606", "364")
#: Without the first one, which is the number that the demo sends from.
NUMBERS_PER_AREA = 99


@dataclass(frozen=True, kw_only=True)
class Culture:
    """One list of names and the language that its families speak at home.

    Attributes:
        language: BCP 47 tag.
        weight: how often it is drawn, against the other cultures.
    """

    language: str
    weight: int
    given: tuple[str, ...]
    family: tuple[str, ...]


def _culture(language: str, weight: int, given: str, family: str) -> Culture:
    return Culture(
        language=language, weight=weight, given=tuple(given.split()), family=tuple(family.split("|"))
    )


#: The languages are those that Jefferson County's families speak most.
CULTURES = (
    _culture(
        "en",
        45,
        "Ava Maya Grace Nora Zoë Imani Chloë Ruth Naomi Tessa Liam Miles Owen Caleb Jordan Malik Ezra Theo",
        "Baker|Carter|Dawson|O'Neill|Freeman|Greene|Hayes|Booker|Mattingly|Napier|Smith-Reyes|Quinn|Tolliver",
    ),
    _culture(
        "es",
        30,
        "Sofía Lucía Ximena José Íñigo Mateo Renée Ángel Inés Martín Belén Raúl Camila Joaquín",
        "García López|Núñez|Hernández|Muñoz|Peña Ortiz|Ramírez|Vásquez|Ibáñez|Castro|de la Cruz",
    ),
    _culture("rw", 6, "Aline Mugisha Keza Ineza Ganza Teta", "Uwimana|Habimana|Mukamana|Nkurunziza"),
    _culture("ar", 6, "Layla Yūsuf Noor Karīm Salma Omar", "al-Hādī|Haddad|Mansour|Khalīl"),
    _culture("so", 5, "Hodan Abdi Ayaan Fadumo Liban Sagal", "Warsame|Cabdi|Jaamac|Farax"),
    _culture("ne", 4, "Asmita Bibek Sunita Prakash Anjali Roshan", "Adhikari|Tamang|Gurung|Rai"),
    _culture("sw", 4, "Neema Baraka Zawadi Amani Juma Rehema", "Bahati|Mwamba|Kasongo|Ilunga"),
)


def seeded(*parts: object) -> Random:
    """Return a generator whose numbers depend on nothing but the parts."""
    return Random("\x1f".join(str(part) for part in parts))  # noqa: S311 - test data, not a secret


def culture(numbers: Random) -> Culture:
    """Draw a culture by its weight."""
    return numbers.choices(CULTURES, weights=[each.weight for each in CULTURES])[0]


def email(given: str, family: str, number: int) -> str:
    """Return an address that is unique by its number and can never reach anybody."""
    return f"{_plain(given)}.{_plain(family)}.{number}@{EMAIL_DOMAIN}"


def phone(number: int) -> str:
    """Return a fictitious phone number in E.164; they repeat after 495, as shared family phones do."""
    area = AREA_CODES[number // NUMBERS_PER_AREA % len(AREA_CODES)]
    return f"+1{area}55501{number % NUMBERS_PER_AREA + 1:02}"


def _plain(name: str) -> str:
    """Return the name in lower-case ASCII letters, for use in an email address."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in folded if letter.isalpha())
