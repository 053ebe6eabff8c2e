"""A design that nobody has saved yet, carried in an address from the back office to the payment pages."""

from dataclasses import asdict, dataclass
from typing import Final

from django.core import signing

GOOD_FOR: Final = 3600  # seconds
_SALT: Final = "paygate.designs.sample"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample page wears; the values were checked by whoever signs."""

    accent: str
    font: str
    language: str
    logo_of: int = 0  # the design whose logo it shows; 0 for none


def signed(sample: Sample, *, merchant_id: int) -> str:
    """The sample as a piece of an address that only we can make."""
    return signing.dumps({"merchant": merchant_id, **asdict(sample)}, salt=_SALT)


def read(spelled: str, *, merchant_id: int | None) -> Sample:
    """What `signed` gave. Raises `BadSignature` for anything else, what is too old, and other merchants'."""
    values = signing.loads(spelled, salt=_SALT, max_age=GOOD_FOR)
    if values.pop("merchant") != merchant_id:
        raise signing.BadSignature("another merchant's")
    return Sample(**values)
