"""From what the issuer said to who bears the risk, and whether money may be asked for at all.

The tables are those of safety.md 7.3 and 7.4, row by row; `decide` is the one place that reads them (3D-10).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from paygate.methods import METHODS


class Condition(StrEnum):
    """What the merchant asks of 3-D Secure before money is asked for (behaviour.md G-2)."""

    NONE = "NONE"
    ATTEMPTED = "THREE_DS_AUTHENTICATION_SUCCESSFUL_OR_ATTEMPTED"
    CHALLENGE = "WITH_SUCCESSFUL_THREE_DS_CHALLENGE"


class WhyNot(StrEnum):
    """Why no authorization is asked for: the error names of the wire."""

    CONDITION_NOT_SATISFIED = "CONDITION_NOT_SATISFIED"
    AUTHENTICATION_FAILED = "3DS_AUTHENTICATION_FAILED"
    ABORTED = "TRANSACTION_ABORTED"


class Liable(StrEnum):
    """Who pays for fraud."""

    THREEDS = "THREEDS"  # the issuer, because of 3-D Secure
    MERCHANT = "MERCHANT"


class AuthenticationType(StrEnum):
    """How the payer was recognised."""

    STRONG = "STRONG_CUSTOMER_AUTHENTICATION"
    FRICTIONLESS = "FRICTIONLESS"
    ATTEMPT = "ATTEMPT"
    EXEMPTION = "EXEMPTION"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class AuthenticationResult:
    """How an authentication ended. The value is never stored and never printed (safety.md CD-1)."""

    status: str  # Y, A, N, U, R, I, or what else came
    eci: str = ""
    value: str = ""  # for the authorization message only
    challenged: bool = False  # the payer was asked, and the result came server to server
    cancelled: bool = False  # challengeCancel 01: the payer pressed cancel
    recurring: bool = False  # the first of a series: Mastercard then says 07 for authenticated
    exempted: bool = False  # an exemption was asked for and accepted
    server_trans_id: str = ""
    ds_trans_id: str = ""
    version: str = ""
    purchase_date: str = ""  # as in the AReq, for the authorization (safety.md 3D-7)

    def __repr__(self) -> str:
        return f"<AuthenticationResult {self.status} eci={self.eci} challenged={self.challenged}>"

    @classmethod
    def unusable(cls) -> Self:
        """U: a card in no range, no common version, or nobody answered."""
        return cls(status="U")


@dataclass(frozen=True, slots=True)
class Decision:
    """May money be asked for, and who bears the risk as far as 3-D Secure goes."""

    authorize: bool
    refusal: WhyNot | None = None
    do_not_retry: bool = False
    eci: str = ""  # what the authorization message says; empty where none is sent
    shift: bool = False
    liable_entity: Liable | None = None
    authenticated: bool | None = None  # None: absent on the wire
    authentication_type: AuthenticationType | None = None  # None: absent on the wire


@dataclass(frozen=True, slots=True)
class Eci:
    """One row of safety.md 7.3: what each scheme writes for the same thing."""

    authenticated: str
    attempted: str
    none: str
    exempted: str
    data_only: str
    authenticated_recurring: str


VISA_FAMILY: Final = Eci("05", "06", "07", exempted="07", data_only="07", authenticated_recurring="05")
MASTERCARD_FAMILY: Final = Eci("02", "01", "00", exempted="06", data_only="04", authenticated_recurring="07")
MASTERCARD_METHODS: Final = frozenset({"MASTERCARD", "MAESTRO"})


def eci_of(method: str) -> Eci:
    """The scheme's row of the ECI table."""
    return MASTERCARD_FAMILY if method in MASTERCARD_METHODS else VISA_FAMILY


def _fits(result: AuthenticationResult, eci: Eci) -> bool:
    """Is there a value, and is the ECI the one for this status? (safety.md 3D-8)"""
    expected = {
        "Y": eci.authenticated_recurring if result.recurring else eci.authenticated,
        "A": eci.attempted,
    }
    return bool(result.value) and result.eci == expected.get(result.status)


def _frictionless(result: AuthenticationResult, eci: Eci) -> bool:
    return result.status == "Y" and not result.challenged and _fits(result, eci)


def _after_challenge(result: AuthenticationResult, eci: Eci) -> bool:
    return result.status == "Y" and result.challenged and _fits(result, eci)


def _attempted(result: AuthenticationResult, eci: Eci) -> bool:
    return result.status == "A" and _fits(result, eci)


def _unproven(result: AuthenticationResult, eci: Eci) -> bool:
    return result.status in {"Y", "A"}


def _exempted(result: AuthenticationResult, eci: Eci) -> bool:
    return result.status == "I" or result.exempted


def _cancelled(result: AuthenticationResult, eci: Eci) -> bool:
    return result.cancelled


def _failed(result: AuthenticationResult, eci: Eci) -> bool:
    return result.status == "N"


def _rejected(result: AuthenticationResult, eci: Eci) -> bool:
    return result.status == "R"


def _asked_in_vain(result: AuthenticationResult, eci: Eci) -> bool:
    return result.challenged


def _anything(result: AuthenticationResult, eci: Eci) -> bool:
    return True


def _eci_authenticated(result: AuthenticationResult, eci: Eci) -> str:
    return eci.authenticated_recurring if result.recurring else eci.authenticated


def _eci_attempted(result: AuthenticationResult, eci: Eci) -> str:
    return eci.attempted


def _eci_none(result: AuthenticationResult, eci: Eci) -> str:
    return eci.none


def _eci_exempted(result: AuthenticationResult, eci: Eci) -> str:
    return eci.data_only if result.eci == eci.data_only else eci.exempted


def _no_eci(result: AuthenticationResult, eci: Eci) -> str:
    return ""


Refusals = Mapping[Condition, WhyNot]
NEVER_REFUSED: Final[Refusals] = {}
UNLESS_CHALLENGED: Final[Refusals] = {Condition.CHALLENGE: WhyNot.CONDITION_NOT_SATISFIED}
UNLESS_WITHOUT_CONDITION: Final[Refusals] = {
    Condition.ATTEMPTED: WhyNot.CONDITION_NOT_SATISFIED,
    Condition.CHALLENGE: WhyNot.CONDITION_NOT_SATISFIED,
}
ALWAYS_ABORTED: Final[Refusals] = dict.fromkeys(Condition, WhyNot.ABORTED)
ALWAYS_FAILED: Final[Refusals] = dict.fromkeys(Condition, WhyNot.AUTHENTICATION_FAILED)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the decision table."""

    applies: Callable[[AuthenticationResult, Eci], bool]
    refusals: Refusals  # the Conditions under which money is not asked for, and the reason
    eci: Callable[[AuthenticationResult, Eci], str]
    liable: Liable | None  # THREEDS is a shift; None where no money is asked for in any case
    authenticated: bool | None
    type: AuthenticationType | None
    do_not_retry: bool = False


# Read from the top; the first row that applies counts. Two rows stand higher than in safety.md: a payer who called the
# challenge off is believed whatever status comes with it, and an exemption never gives a shift (3D-12).
# U, and C, D or S as a final result, are the last two rows: "not authenticated" once the payer was asked, else nothing.
ROWS: Final[tuple[Row, ...]] = (
    Row(_cancelled, ALWAYS_ABORTED, _no_eci, None, None, None),
    Row(
        _exempted,
        UNLESS_WITHOUT_CONDITION,
        _eci_exempted,
        Liable.MERCHANT,
        False,
        AuthenticationType.EXEMPTION,
    ),
    Row(
        _frictionless,
        UNLESS_CHALLENGED,
        _eci_authenticated,
        Liable.THREEDS,
        True,
        AuthenticationType.FRICTIONLESS,
    ),
    Row(_after_challenge, NEVER_REFUSED, _eci_authenticated, Liable.THREEDS, True, AuthenticationType.STRONG),
    Row(_attempted, UNLESS_CHALLENGED, _eci_attempted, Liable.THREEDS, False, AuthenticationType.ATTEMPT),
    Row(_unproven, UNLESS_WITHOUT_CONDITION, _eci_none, Liable.MERCHANT, False, AuthenticationType.NONE),
    Row(_failed, ALWAYS_FAILED, _no_eci, None, None, None),
    Row(_rejected, ALWAYS_FAILED, _no_eci, None, None, None, do_not_retry=True),
    Row(_asked_in_vain, UNLESS_WITHOUT_CONDITION, _eci_none, Liable.MERCHANT, False, AuthenticationType.NONE),
    Row(_anything, UNLESS_WITHOUT_CONDITION, _eci_none, Liable.MERCHANT, None, AuthenticationType.NONE),
)
WITHOUT_THREE_DS: Final = Row(_anything, NEVER_REFUSED, _eci_none, Liable.MERCHANT, None, None)


def decide(result: AuthenticationResult, method: str, condition: Condition) -> Decision:
    """What follows from an authentication, for this method (its own name) and Condition (safety.md 7.4).

    For a brand without 3-D Secure the result is not looked at: pass `AuthenticationResult.unusable()`.
    """
    eci = eci_of(method)
    row = (
        next(row for row in ROWS if row.applies(result, eci))
        if METHODS[method].three_ds
        else WITHOUT_THREE_DS
    )
    why_not = row.refusals.get(condition)
    return Decision(
        authorize=why_not is None,
        refusal=why_not,
        do_not_retry=row.do_not_retry,
        eci=row.eci(result, eci),
        shift=row.liable is Liable.THREEDS,
        liable_entity=row.liable,
        authenticated=row.authenticated,
        authentication_type=row.type,
    )


@dataclass(frozen=True, slots=True)
class Liability:
    """Who bears the risk in the end; the 3-D Secure container on the wire keeps the values of the decision."""

    shift: bool
    liable_entity: Liable


def after_authorisation(decision: Decision, *, shift_refused: bool) -> Liability:
    """The overall shift, decided when the acquirer has answered. It can only go down (safety.md 3D-9)."""
    shift = decision.shift and not shift_refused
    return Liability(shift, Liable.THREEDS if shift else Liable.MERCHANT)
