"""Who bears the risk: the tables of safety.md 7.3 and 7.4, row by row for each scheme."""

from dataclasses import fields, replace

import pytest

from paygate.methods import METHODS
from paygate.threeds.liability import (
    AuthenticationResult,
    Condition,
    Decision,
    Liable,
    after_authorisation,
    decide,
)

VALUE = "AAECAwQFBgcICQoLDA0ODxAREhM="
CONDITIONS = (Condition.NONE, Condition.ATTEMPTED, Condition.CHALLENGE)

# Scheme: ECI when authenticated, attempted, neither, exempted, data only (7.3).
SCHEMES = {
    "VISA": ("05", "06", "07", "07", "07"),
    "VPAY": ("05", "06", "07", "07", "07"),
    "AMEX": ("05", "06", "07", "07", "07"),
    "DINERS": ("05", "06", "07", "07", "07"),
    "BANCONTACT": ("05", "06", "07", "07", "07"),
    "MASTERCARD": ("02", "01", "00", "06", "04"),
    "MAESTRO": ("02", "01", "00", "06", "04"),
}
FIT, NONE, EXEMPT, DATA, NO = "the scheme's", "none", "exempted", "data only", "-"

YES = "yes"
CONDITION = "CONDITION_NOT_SATISFIED"
FAILED = "3DS_AUTHENTICATION_FAILED"
ABORTED = "TRANSACTION_ABORTED"

# Final result | under NONE, ATT, CHA | ECI sent | shift | LiableEntity | Authenticated | AuthenticationType (7.4).
# A result reads: status, asked or not, with value or not, the ECI that came, cancelled or not.
TABLE = [
    ("Y frictionless value fit", (YES, YES, CONDITION), FIT, True, "THREEDS", True, "FRICTIONLESS"),
    ("Y challenge value fit", (YES, YES, YES), FIT, True, "THREEDS", True, "STRONG_CUSTOMER_AUTHENTICATION"),
    ("A frictionless value fit", (YES, YES, CONDITION), FIT, True, "THREEDS", False, "ATTEMPT"),
    ("A challenge value fit", (YES, YES, CONDITION), FIT, True, "THREEDS", False, "ATTEMPT"),
    ("Y frictionless novalue fit", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", False, "NONE"),
    ("Y challenge novalue fit", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", False, "NONE"),
    ("A frictionless novalue fit", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", False, "NONE"),
    ("Y frictionless value misfit", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", False, "NONE"),
    ("Y challenge value misfit", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", False, "NONE"),
    ("Y challenge value noeci", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", False, "NONE"),
    ("A challenge value misfit", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", False, "NONE"),
    ("U frictionless novalue noeci", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", None, "NONE"),
    ("U challenge novalue noeci", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", False, "NONE"),
    ("U challenge value authenticated", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", False, "NONE"),
    ("I frictionless novalue noeci", (YES, CONDITION, CONDITION), EXEMPT, False, "MERCHANT", False, "EXEMPTION"),
    ("I frictionless value dataonly", (YES, CONDITION, CONDITION), DATA, False, "MERCHANT", False, "EXEMPTION"),
    ("I frictionless value authenticated", (YES, CONDITION, CONDITION), EXEMPT, False, "MERCHANT", False, "EXEMPTION"),
    ("N challenge novalue noeci cancelled", (ABORTED, ABORTED, ABORTED), NO, False, None, None, None),
    ("U challenge novalue noeci cancelled", (ABORTED, ABORTED, ABORTED), NO, False, None, None, None),
    ("Y challenge value fit cancelled", (ABORTED, ABORTED, ABORTED), NO, False, None, None, None),
    ("N frictionless novalue noeci", (FAILED, FAILED, FAILED), NO, False, None, None, None),
    ("N challenge novalue noeci", (FAILED, FAILED, FAILED), NO, False, None, None, None),
    ("R frictionless novalue noeci", (FAILED, FAILED, FAILED), NO, False, None, None, None),
    ("R challenge novalue noeci", (FAILED, FAILED, FAILED), NO, False, None, None, None),
    ("C frictionless novalue noeci", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", None, "NONE"),
    ("D challenge value authenticated", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", False, "NONE"),
    ("S frictionless novalue noeci", (YES, CONDITION, CONDITION), NONE, False, "MERCHANT", None, "NONE"),
]  # fmt: skip


def told(story: str, scheme: str) -> AuthenticationResult:
    status, way, value, eci, *cancelled = story.split()
    authenticated, attempted, none, _exempted, data_only = SCHEMES[scheme]
    fitting = {"Y": authenticated, "A": attempted}.get(status, none)
    came = {
        "fit": fitting,
        "misfit": none if fitting != none else authenticated,
        "noeci": "",
        "authenticated": authenticated,
        "dataonly": data_only,
    }
    return AuthenticationResult(
        status=status,
        eci=came[eci],
        value=VALUE if value == "value" else "",
        challenged=way == "challenge",
        cancelled=bool(cancelled),
    )


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0].replace(" ", "-"))
def test_each_row_decides_as_the_table_says(row, scheme):
    story, cells, eci, shift, liable, authenticated, kind = row
    at, attempted, none, exempted, data_only = SCHEMES[scheme]
    sent = {
        FIT: at if story.startswith("Y") else attempted,
        NONE: none,
        EXEMPT: exempted,
        DATA: data_only,
        NO: "",
    }

    for condition, cell in zip(CONDITIONS, cells, strict=True):
        decision = decide(told(story, scheme), scheme, condition)

        assert decision == Decision(
            authorize=cell == YES,
            refusal=None if cell == YES else cell,
            do_not_retry=story.startswith("R"),
            eci=sent[eci],
            shift=shift,
            liable_entity=liable,
            authenticated=authenticated,
            authentication_type=kind,
        )


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("method", [name for name, row in METHODS.items() if not row.three_ds])
def test_a_brand_without_3d_secure_is_authorized_without_shift_whatever_the_condition(method, condition):
    decision = decide(AuthenticationResult.unusable(), method, condition)

    assert decision == Decision(authorize=True, eci="07", shift=False, liable_entity=Liable.MERCHANT)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_accepted_exemption_never_gives_a_shift(scheme):
    authenticated = told("Y frictionless value fit", scheme)

    decision = decide(replace(authenticated, exempted=True), scheme, Condition.NONE)

    assert (decision.authorize, decision.shift, decision.authentication_type) == (True, False, "EXEMPTION")
    assert decision.eci == SCHEMES[scheme][3]


def test_the_first_of_a_series_has_its_own_eci_at_mastercard():
    series = AuthenticationResult(status="Y", eci="07", value=VALUE, challenged=True, recurring=True)

    assert decide(series, "MASTERCARD", Condition.CHALLENGE).eci == "07"
    assert decide(series, "MASTERCARD", Condition.CHALLENGE).shift
    assert not decide(replace(series, recurring=False), "MASTERCARD", Condition.NONE).shift


def test_the_first_of_a_series_has_the_usual_eci_at_visa():
    series = AuthenticationResult(status="Y", eci="05", value=VALUE, challenged=True, recurring=True)

    decision = decide(series, "VISA", Condition.CHALLENGE)

    assert (decision.eci, decision.shift) == ("05", True)


def test_where_nobody_was_asked_nothing_is_known_and_nothing_goes_into_the_authorization():
    unusable = AuthenticationResult.unusable()

    said = {field.name: getattr(unusable, field.name) for field in fields(unusable)}
    assert {name: value for name, value in said.items() if value} == {"status": "U"}


def test_a_decision_promises_nothing_that_was_not_decided():
    decision = Decision(authorize=True)

    assert (decision.eci, decision.shift, decision.do_not_retry) == ("", False, False)


@pytest.mark.parametrize(
    ("story", "refused", "shift", "liable"),
    [
        ("Y challenge value fit", False, True, "THREEDS"),
        ("Y challenge value fit", True, False, "MERCHANT"),
        ("A frictionless value fit", False, True, "THREEDS"),
        ("A frictionless value fit", True, False, "MERCHANT"),
        ("U frictionless novalue noeci", False, False, "MERCHANT"),
        ("U frictionless novalue noeci", True, False, "MERCHANT"),
        ("I frictionless novalue noeci", False, False, "MERCHANT"),
    ],
)
def test_the_overall_shift_can_only_go_down_with_the_authorization(story, refused, shift, liable):
    decision = decide(told(story, "VISA"), "VISA", Condition.NONE)

    overall = after_authorisation(decision, shift_refused=refused)

    assert (overall.shift, overall.liable_entity) == (shift, liable)


def test_the_value_is_not_printed():
    result = AuthenticationResult(status="Y", eci="05", value=VALUE)

    assert VALUE not in repr(result)
    assert VALUE not in str(result)


def test_the_conditions_have_the_names_of_the_wire():
    assert [condition.value for condition in CONDITIONS] == [
        "NONE",
        "THREE_DS_AUTHENTICATION_SUCCESSFUL_OR_ATTEMPTED",
        "WITH_SUCCESSFUL_THREE_DS_CHALLENGE",
    ]
