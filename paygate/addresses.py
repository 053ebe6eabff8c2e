"""A person's postal address: the fields that forms show and the wire knows (behaviour.md F-5)."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Final, Self

from babel import Locale
from babel.core import get_global

# The Unicode tables know the numbers of countries as other names of their letters, those of former countries too,
# which have letters of their own that are other names of later ones, and some letters that ISO 3166 does not give.
_ALIASES: Final[Mapping[str, list[str]]] = get_global("territory_aliases")
_NAMED: Final = Locale("en").territories
_NOT_GIVEN: Final = frozenset({"EU", "XA", "XB", "XK", "ZZ"})
_WITHDRAWN: Final = frozenset({"230", "249", "278", "280", "720", "736", "886"})

COUNTRIES: Final[Mapping[str, str]] = {  # the 249 of ISO 3166-1: two letters -> three digits
    letters[0]: number
    for number, letters in sorted(_ALIASES.items())
    if number.isdigit()
    and len(letters) == 1
    and number not in _WITHDRAWN
    and letters[0] in _NAMED
    and letters[0] not in _ALIASES
    and letters[0] not in _NOT_GIVEN
}


SALUTATIONS: Final = ("FEMALE", "MALE", "DIVERSE", "COMPANY")  # as on the wire


@cache
def country_names(language: str) -> tuple[tuple[str, str], ...]:
    """All countries with their letters, in the order of their names in a language."""
    names = Locale(language).territories
    return tuple(
        sorted(((code, names.get(code, code)) for code in COUNTRIES), key=lambda row: _sorted_as(row[1]))
    )


def country_name(code: str, language: str) -> str:
    """What a language calls a country; its letters where it has no name for it."""
    name: str = Locale(language).territories.get(code, code)
    return name


def _sorted_as(name: str) -> str:
    """Marks on letters do not count: Österreich stands with O."""
    return "".join(
        sign for sign in unicodedata.normalize("NFD", name) if not unicodedata.combining(sign)
    ).lower()


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address, as far as it is known; each field on one line."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    street: str = ""
    street2: str = ""
    zip: str = ""
    city: str = ""
    country: str = ""  # ISO 3166, two letters
    phone: str = ""
    salutation: str = ""  # one of SALUTATIONS
    state: str = ""  # ISO 3166-2, with or without the country: ZH or CH-ZH
    vat_number: str = ""  # a company's

    @property
    def is_empty(self) -> bool:
        """Is nothing known?"""
        return not self.as_row()

    def as_row(self) -> dict[str, str]:
        """What is stored: the fields that are filled in."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}

    @classmethod
    def of_row(cls, row: Mapping[str, str]) -> Self:
        """From what `as_row` gave; unknown fields of later versions are left aside."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in row.items() if name in known})

    def lines(self, language: str) -> list[str]:
        """As it is written on an envelope, and the phone number below."""
        return [
            line
            for line in (
                self.company,
                f"{self.first_name} {self.last_name}".strip(),
                self.street,
                self.street2,
                f"{self.zip} {self.city} {self.state}".strip(),
                country_name(self.country, language) if self.country else "",
                self.phone,
            )
            if line
        ]
