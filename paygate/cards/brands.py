"""The table of card brands: which numbers are whose, how long they are, and what security code they carry."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from paygate.methods import method


@dataclass(frozen=True, slots=True)
class Brand:
    """The cards of one brand in one family of numbers."""

    name: str  # the payment method: "VISA"
    prefixes: tuple[str, ...]  # how its numbers begin; a range of prefixes is written out by `_range`
    lengths: tuple[int, ...]  # how many digits a number has
    code_lengths: tuple[int, ...] = (3,)  # how many digits the security code has
    code_mandatory: bool = True  # Maestro cards exist with and without a code (S-5)
    test: bool = False  # pretend cards of the sandbox; no bank issues such numbers

    @property
    def label(self) -> str:
        """The name for people."""
        return method(self.name).label


def _range(first: int, last: int) -> tuple[str, ...]:
    return tuple(str(prefix) for prefix in range(first, last + 1))


def _test(name: str, prefix: str, *, length: int = 16, code_mandatory: bool = True) -> Brand:
    # The sandbox takes any code with its cards (S-2), so the length is not held against the brand.
    return Brand(name, (prefix,), (length,), code_lengths=(3, 4), code_mandatory=code_mandatory, test=True)


_LONG: Final = (16, 17, 18, 19)

# The longest prefix decides: 6703 is Bancontact although 67 is Maestro.
BRANDS: Final = (
    Brand("VISA", ("4",), (13, 16, 19)),
    Brand("MASTERCARD", _range(51, 55) + _range(2221, 2720), (16,)),
    Brand(
        "MAESTRO",
        ("50", *_range(56, 58), "5893", "6304", "6390", "67"),
        (12, 13, 14, 15, *_LONG),
        code_mandatory=False,
    ),
    Brand("AMEX", ("34", "37"), (15,), code_lengths=(4,)),
    Brand("DINERS", (*_range(300, 305), "3095", "36", "38", "39"), (14, 15, *_LONG)),
    Brand("DINERS", ("6011", *_range(644, 649), "65"), _LONG),  # Discover, the same network
    Brand("JCB", _range(3528, 3589), _LONG),
    Brand("BANCONTACT", ("6703",), _LONG),
    Brand("UNIONPAY", ("62", "81"), _LONG),
    _test("VISA", "9010"),
    _test("MASTERCARD", "9030"),
    _test("MAESTRO", "9040", code_mandatory=False),
    _test("DINERS", "9050"),
    _test("JCB", "9060"),
    _test("AMEX", "9070"),
    _test("UNIONPAY", "9100"),
    _test("BANCONTACT", "91108", length=17),
)

_BY_PREFIX: Final = {prefix: brand for brand in BRANDS for prefix in brand.prefixes}
_LONGEST_PREFIX: Final = max(len(prefix) for prefix in _BY_PREFIX)


def brand_of(digits: str) -> Brand | None:
    """Whose number begins with these digits? Test cards count only where the installation takes them."""
    brand = any_brand_of(digits)
    return None if brand is not None and brand.test and not settings.PAYGATE_TEST_CARDS else brand


def any_brand_of(digits: str) -> Brand | None:
    """The same for real and test cards alike: what must not stand in a text is no question of settings."""
    for length in range(min(_LONGEST_PREFIX, len(digits)), 0, -1):
        if brand := _BY_PREFIX.get(digits[:length]):
            return brand
    return None
