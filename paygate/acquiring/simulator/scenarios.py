"""What the pretend acquirer answers: a table of test cards and amounts (docs/spec/sandbox.md, sections 2 to 4).

Only these numbers work; any other card is unknown to the pretend banks (sandbox.md S-1). What 3-D Secure does with a
card is not told here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Case(StrEnum):
    """How the bank behind a test card behaves when it is asked for money."""

    AUTHORIZED = "AUTHORIZED"
    SHIFT_REFUSED = "SHIFT_REFUSED"  # authorized, but the merchant stays liable although 3-D Secure succeeded
    DECLINED = "DECLINED"
    BY_AMOUNT = "BY_AMOUNT"  # as the last two digits of the amount say
    PARTIAL = "PARTIAL"  # half of it, where the request allows less
    SOFT_DECLINE = "SOFT_DECLINE"  # the bank asks for authentication, always
    NOT_AUTHENTICATED = "NOT_AUTHENTICATED"  # 3-D Secure fails, so nobody should ask; who asks is declined
    ONLY_AUTHENTICATED = "ONLY_AUTHENTICATED"  # authorized with full authentication, else declined
    OWN_PAGE = "OWN_PAGE"  # the payer decides on the pretend wallet page


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is answered to one authorization."""

    code: str = "00"  # of the table in declines.py, or "00"
    shift_refused: bool = False
    less: bool = False  # half the amount
    own_page: bool = False


APPROVE: Final = Verdict()
INVALID_CARD: Final = Verdict("14")
DECLINE: Final = Verdict("05")

# By brand and chapter, in the order of the document.
CARDS: Final[Mapping[str, Case]] = {
    # Visa, 3-D Secure 2
    "9010003150000001": Case.AUTHORIZED,
    "9010003750000005": Case.AUTHORIZED,
    "9010004950000001": Case.AUTHORIZED,
    "9010004250000008": Case.AUTHORIZED,
    "9010004350000007": Case.NOT_AUTHENTICATED,
    "9010004150000009": Case.AUTHORIZED,
    "9010403104000000": Case.AUTHORIZED,
    "9010503104000007": Case.AUTHORIZED,
    "9010403153150003": Case.DECLINED,
    "9010403153900001": Case.BY_AMOUNT,
    "9010100000020013": Case.PARTIAL,
    "9010103204160007": Case.SOFT_DECLINE,
    # Mastercard, 3-D Secure 2
    "9030003150000007": Case.AUTHORIZED,
    "9030003750000001": Case.AUTHORIZED,
    "9030004950000007": Case.AUTHORIZED,
    "9030003204000003": Case.AUTHORIZED,
    "9030004350000003": Case.NOT_AUTHENTICATED,
    "9030004150000005": Case.AUTHORIZED,
    "9030403104000006": Case.AUTHORIZED,
    "9030503104000003": Case.AUTHORIZED,
    "9030403153150009": Case.DECLINED,
    "9030403153900007": Case.BY_AMOUNT,
    "9030100000021017": Case.PARTIAL,
    "9030103204160003": Case.SOFT_DECLINE,
    # American Express and Maestro, 3-D Secure 2
    "9070003150000008": Case.AUTHORIZED,
    "9070003750000002": Case.AUTHORIZED,
    "9070004950000008": Case.AUTHORIZED,
    "9070004250000005": Case.AUTHORIZED,
    "9070004350000004": Case.NOT_AUTHENTICATED,
    "9070004150000006": Case.AUTHORIZED,
    "9070103204160004": Case.SOFT_DECLINE,
    "9040103204160001": Case.SOFT_DECLINE,
    # Visa, 3-D Secure 1
    "9010100052000004": Case.AUTHORIZED,
    "9010101052000002": Case.AUTHORIZED,
    "9010100052101000": Case.SHIFT_REFUSED,
    "9010100352000001": Case.AUTHORIZED,
    "9010101052101008": Case.AUTHORIZED,
    "9010101152000001": Case.AUTHORIZED,
    "9010100152000003": Case.NOT_AUTHENTICATED,
    "9010101052900003": Case.BY_AMOUNT,
    "9010500004000004": Case.AUTHORIZED,
    "9010400004000007": Case.AUTHORIZED,
    "9010000004150008": Case.DECLINED,
    # Mastercard, 3-D Secure 1
    "9030100052000000": Case.AUTHORIZED,
    "9030100052101006": Case.SHIFT_REFUSED,
    "9030100352000007": Case.AUTHORIZED,
    "9030101052101004": Case.AUTHORIZED,
    "9030101152000007": Case.AUTHORIZED,
    "9030100152000009": Case.NOT_AUTHENTICATED,
    "9030101052900009": Case.BY_AMOUNT,
    "9030500004000000": Case.AUTHORIZED,
    "9030400004000003": Case.AUTHORIZED,
    "9030000004150004": Case.DECLINED,
    # American Express, 3-D Secure 1
    "9070100052000001": Case.AUTHORIZED,
    "9070100052101007": Case.SHIFT_REFUSED,
    "9070100352000008": Case.AUTHORIZED,
    "9070101052101005": Case.AUTHORIZED,
    "9070101152000008": Case.AUTHORIZED,
    "9070100152000000": Case.NOT_AUTHENTICATED,
    "9070101052900000": Case.BY_AMOUNT,
    # Diners
    "9050100052000005": Case.AUTHORIZED,
    "9050100052101001": Case.SHIFT_REFUSED,
    "9050100352000002": Case.AUTHORIZED,
    "9050101052101009": Case.AUTHORIZED,
    "9050101152000002": Case.AUTHORIZED,
    "9050100152000004": Case.NOT_AUTHENTICATED,
    "9050101052900004": Case.BY_AMOUNT,
    # Maestro, 3-D Secure 1
    "9040100052000008": Case.AUTHORIZED,
    "9040100052101004": Case.SHIFT_REFUSED,
    "9040100352000005": Case.AUTHORIZED,
    "9040100152000007": Case.NOT_AUTHENTICATED,
    "9040101052900007": Case.BY_AMOUNT,
    # JCB, MyOne, Bonus
    "9060100052000003": Case.AUTHORIZED,
    "9060101052900002": Case.BY_AMOUNT,
    "9080100052000009": Case.AUTHORIZED,
    "9080101052900008": Case.BY_AMOUNT,
    "9090100052000007": Case.AUTHORIZED,
    "9090101052900006": Case.BY_AMOUNT,
    # Bancontact
    "91108000500000005": Case.ONLY_AUTHENTICATED,
    "91108001501800005": Case.NOT_AUTHENTICATED,
    # UnionPay
    "9100100052000005": Case.OWN_PAGE,
    # Instalments; cards behind Apple Pay
    "9030100000001019": Case.AUTHORIZED,
    "9030100000002017": Case.AUTHORIZED,
    "9030100000003015": Case.AUTHORIZED,
    "9030101052000008": Case.AUTHORIZED,
    "9070101052000009": Case.AUTHORIZED,
    "9050101052000003": Case.AUTHORIZED,
}

# The last two digits of the amount in minor units (sandbox.md 2.4). Endings that are not listed are declined.
ENDINGS: Final[Mapping[int, Verdict]] = {
    0: APPROVE,
    1: Verdict(shift_refused=True),
    **{ending: Verdict(f"{ending:02}") for ending in (3, 4, 5, 9, 12, 14, 30, 33, 34, 43, 51, 62)},
}

# Mastercard's brands and the others have codes of their own for "authenticate first" (sandbox.md 5).
SOFT_CODES: Final[Mapping[str, str]] = {"9010": "65", "9070": "65", "9030": "1A", "9040": "1A"}

WALLETS: Final = frozenset({"TWINT", "POSTFINANCEPAY"})
IN_APP: Final = frozenset({"BANCONTACT"})  # cards that may be paid with in an app, where no number is told

# TWINT refuses some amounts whatever the payer chooses (sandbox.md 4): minor units -> code.
WALLET_AMOUNTS: Final[Mapping[tuple[str, int], str]] = {("TWINT", 6651): "05", ("TWINT", 6661): "68"}

CHOICES: Final[Mapping[str, str]] = {"approve": "00", "refuse": "05", "cancel": "17"}

AUTHENTICATED: Final = frozenset({"05", "02"})  # ECI of full authentication (behaviour.md G-9)


def verdict(number: str, minor: int, *, eci: str = "", allow_partial: bool = False) -> Verdict:
    """What the bank behind this card answers to this amount in minor units."""
    match CARDS.get(number):
        case None:
            return INVALID_CARD
        case Case.AUTHORIZED:
            return APPROVE
        case Case.SHIFT_REFUSED:
            return replace(APPROVE, shift_refused=True)
        case Case.DECLINED | Case.NOT_AUTHENTICATED:
            return DECLINE
        case Case.BY_AMOUNT:
            return ENDINGS.get(minor % 100, DECLINE)
        case Case.PARTIAL:
            return replace(APPROVE, less=allow_partial)
        case Case.SOFT_DECLINE:
            return Verdict(SOFT_CODES[number[:4]])
        case Case.ONLY_AUTHENTICATED:
            return APPROVE if eci in AUTHENTICATED else DECLINE
        case Case.OWN_PAGE:
            return replace(APPROVE, own_page=True)


def wallet_code(method: str, minor: int, choice: str) -> str:
    """What comes of the payer's choice (`approve`, `refuse`, `cancel`) on the wallet page."""
    code = CHOICES[choice]
    return WALLET_AMOUNTS.get((method, minor), code) if choice == "approve" else code
