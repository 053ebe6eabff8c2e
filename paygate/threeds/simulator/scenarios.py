"""The table of test cards and what their pretend issuer says (docs/spec/sandbox.md, sections 2 and 3)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Scenario(StrEnum):
    """What happens to a card in 3-D Secure, written as the guide writes it."""

    FRICTIONLESS = "frictionless Y"  # recognised without being asked
    ATTEMPT = "attempt"  # the issuer takes no part, the scheme answers for it
    UNUSABLE = "none usable"  # a technical reason
    CHALLENGE = "challenge Y"  # asked, and the answer is the payer's choice
    CHALLENGE_ATTEMPT = "challenge A"
    CHALLENGE_REFUSED = "challenge N"  # asked, and refused whatever the payer does
    CHALLENGE_BROKEN = "challenge, then failure"
    ABSENT = "none"  # the brand has no 3-D Secure


class Press(StrEnum):
    """What the payer does on the issuer's page."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CANCEL = "cancel"


F, A, U = Scenario.FRICTIONLESS, Scenario.ATTEMPT, Scenario.UNUSABLE
C, CA, CN, CB = (
    Scenario.CHALLENGE,
    Scenario.CHALLENGE_ATTEMPT,
    Scenario.CHALLENGE_REFUSED,
    Scenario.CHALLENGE_BROKEN,
)
NO = Scenario.ABSENT

CARDS: Final[Mapping[str, Scenario]] = {
    # 2.1 Visa
    "9010003150000001": F,
    "9010003750000005": U,
    "9010004950000001": C,
    "9010004250000008": CA,
    "9010004350000007": CN,
    "9010004150000009": CB,
    "9010403104000000": F,
    "9010503104000007": F,
    "9010403153150003": F,
    "9010403153900001": F,
    "9010100000020013": F,  # the guide does not say
    "9010103204160007": F,  # asks for authentication at the authorization, even after one
    # 2.2 Mastercard
    "9030003150000007": F,
    "9030003750000001": U,
    "9030004950000007": C,
    "9030003204000003": CA,
    "9030004350000003": CN,
    "9030004150000005": CB,
    "9030403104000006": F,
    "9030503104000003": F,
    "9030403153150009": F,
    "9030403153900007": F,
    "9030100000021017": F,
    "9030103204160003": F,
    # 2.3 American Express and Maestro
    "9070003150000008": F,
    "9070003750000002": U,
    "9070004950000008": C,
    "9070004250000005": CA,
    "9070004350000004": CN,
    "9070004150000006": CB,
    "9070103204160004": F,
    "9040103204160001": F,
    # 3.1 The older section. A redirect is a challenge; "not enrolled" with a shift is an attempt without one.
    "9010100052000004": C,
    "9010101052000002": A,
    "9010100052101000": C,
    "9010100352000001": A,
    "9010101052101008": U,
    "9010101152000001": U,
    "9010100152000003": CN,
    "9010101052900003": F,
    "9010500004000004": F,
    "9010400004000007": F,
    "9010000004150008": F,
    "9030100052000000": C,
    "9030100052101006": C,
    "9030100352000007": A,
    "9030101052101004": U,
    "9030101152000007": U,
    "9030100152000009": CN,
    "9030101052900009": F,
    "9030500004000000": F,
    "9030400004000003": F,
    "9030000004150004": F,
    "9070100052000001": C,
    "9070100052101007": C,
    "9070100352000008": A,
    "9070101052101005": U,
    "9070101152000008": U,
    "9070100152000000": CN,
    "9070101052900000": F,
    # 3.2 Other brands
    "9050100052000005": C,
    "9050100052101001": C,
    "9050100352000002": A,
    "9050101052101009": U,
    "9050101152000002": U,
    "9050100152000004": CN,
    "9050101052900004": F,
    "9040100052000008": C,
    "9040100052101004": C,
    "9040100352000005": A,
    "9040100152000007": CN,
    "9040101052900007": F,
    "9060100052000003": NO,
    "9060101052900002": NO,
    "9080100052000009": NO,
    "9080101052900008": NO,
    "9090100052000007": NO,
    "9090101052900006": NO,
    "91108000500000005": C,
    "91108001501800005": CN,
    "9100100052000005": C,  # the payer chooses
    # 3.3 Cards for other features
    "9030100000001019": F,
    "9030100000002017": F,
    "9030100000003015": F,
    "9030101052000008": A,
    "9070101052000009": A,
    "9050101052000003": A,
}

# What a mandated challenge makes of a card that would not be asked. A technical reason stays one.
MANDATED: Final[Mapping[Scenario, Scenario]] = {F: C, A: CA}

ANSWERS: Final[Mapping[Scenario, str]] = {
    F: "Y",
    A: "A",
    U: "U",
}  # transStatus of the ARes; all others are asked
APPROVED: Final[Mapping[Scenario, str]] = {C: "Y", CA: "A", CN: "N", CB: "U"}  # after "Approve"

MASTERCARD_PREFIXES: Final = ("903", "904")
WITH_METHOD_URL: Final = ("901", "907")  # these issuers look at the browser first, but for the plainest cards
WITHOUT_METHOD_URL: Final = ("90100031", "90100049", "901040315315")


def scenario_for(number: str, *, mandated: bool) -> Scenario | None:
    """What happens to this card; None if it is none of the guide's."""
    scenario = CARDS.get(number)
    return MANDATED.get(scenario, scenario) if mandated and scenario is not None else scenario


def eci_for(number: str, status: str, *, recurring: bool = False) -> str:
    """What the scheme of this card writes for a status; Mastercard has a word of its own for the first of a series."""
    if number.startswith(MASTERCARD_PREFIXES):
        return {"Y": "07" if recurring else "02", "A": "01"}.get(status, "00")
    return {"Y": "05", "A": "06"}.get(status, "07")
