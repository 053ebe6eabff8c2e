"""A person's postal address: the fields that forms show and the wire knows (behaviour.md F-5)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Self


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

    @property
    def is_empty(self) -> bool:
        """Is nothing known?"""
        return not any(asdict(self).values())

    def as_row(self) -> dict[str, str]:
        """What is stored: the fields that are filled in."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def of_row(cls, row: Mapping[str, str]) -> Self:
        """From what `as_row` gave; unknown fields of later versions are left aside."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in row.items() if name in known})
