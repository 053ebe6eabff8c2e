"""Invariants of 3-D Secure and of amounts (safety.md 23): INV-12, INV-13, INV-18."""

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Count, F, Min, Q, Value

from paygate.checkout import told_proof
from paygate.checkout.models import Attempt, Session
from paygate.checkout.states import MONEY_ASKED, AttemptState
from paygate.journal.models import Entry, Kind, Movement
from paygate.links.models import Link, LinkTotal
from paygate.money.currencies import exponent
from paygate.money.model_fields import Priced
from paygate.offers.models import Offer
from paygate.operations.invariants_view import Broken, View
from paygate.threeds.liability import AuthenticationResult, AuthenticationType, Condition, Decision, decide
from paygate.threeds.models import Authentication

PRICED: Final[tuple[type[Priced], ...]] = (Offer, Session, Attempt, Authentication, Entry, Movement)

LINKS: Final[tuple[type[Link | LinkTotal], ...]] = (Link, LinkTotal)

_ASKED_FOR: Final = (
    "method", "recurring", "gave_up", "trans_status", "eci", "has_value", "result_eci", "result_has_value",
    "challenge_cancel", "final_status", "condition",
)  # fmt: skip
_COLUMNS: Final = (
    "merchant_id", "session__condition", "shift_offered", "told_proof",
    "entry__method", "entry__liability_shift", "entry__authenticated", "entry__authentication_type",
    *(f"authentication__{name}" for name in _ASKED_FOR),
)  # fmt: skip


def money_was_asked_for_by_the_table(view: View) -> Iterator[Broken]:
    """INV-12: the decision of 7.4, taken again from what is stored, allows what was asked for."""
    for row, decision in _decisions():
        if not decision.authorize:
            yield _broken(row, f"was asked for against the table ({decision.refusal})")


def no_more_is_claimed_than_was_proven(view: View) -> Iterator[Broken]:
    """INV-13: liability shift, and how the payer was recognised, at most as the stored authentication says.

    A value that could not be read again for the authorization is worth less than what is stored of it, never more. A
    program's own 3-D Secure server counts by the same table.
    """
    for row, decision in _decisions():
        shift = row["entry__liability_shift"] or row["shift_offered"]
        known = {"", AuthenticationType.NONE, decision.authentication_type or ""}
        if shift and not decision.shift:
            yield _broken(row, "has a liability shift without an authentication that gives it")
        elif (row["entry__authenticated"] and not decision.authenticated) or (
            row["entry__authentication_type"] not in known
        ):
            yield _broken(row, "claims more than the authentication says")


def an_authentication_is_used_once(view: View) -> Iterator[Broken]:
    """INV-13: it is spent by its own entry, of its own attempt, and by no other (safety.md 3D-2)."""
    rows = Attempt.objects.filter(entry__isnull=False, authentication__isnull=False).filter(
        Q(authentication__used_at=None)
        | ~Q(entry__authentication=F("authentication"))
        | Q(entry__authentication=None)
        | ~Q(authentication__method=F("entry__method"))
    )
    for pk, merchant_id in rows.order_by().values_list("pk", "merchant_id"):
        yield Broken(f"attempt {pk} did not spend its own authentication", merchant_id)
    twice = Entry.objects.filter(authentication__isnull=False).order_by()
    for row in twice.values("authentication_id", "merchant_id").annotate(n=Count("pk")).filter(n__gt=1):
        yield Broken(
            f"authentication {row['authentication_id']} is used {row['n']} times", row["merchant_id"]
        )


def amounts_have_their_currencys_exponent(view: View) -> Iterator[Broken]:
    """INV-18."""
    kinds = [
        model._default_manager.order_by()
        .annotate(of=Value(model.__name__))
        .values_list("of", "currency", "exponent")
        .distinct()
        for model in [*PRICED, *LINKS]
    ]
    for name, currency, digits in kinds[0].union(*kinds[1:]):
        if digits != exponent(currency):
            yield Broken(f"{name} in {currency} with {digits} digits", None)


def an_amount_stays_the_same_all_the_way(view: View) -> Iterator[Broken]:
    """INV-18: offer, session, attempt, authentication, entry and question say the same amount."""
    paid, asked = Q(state=AttemptState.PAID), Q(state__in=[AttemptState.PAID, *MONEY_ASKED])
    rows = Attempt.objects.filter(
        _differ("entry") & Q(entry__isnull=False)
        | _differ("authentication") & Q(authentication__isnull=False)
        | _differ("session") & asked
        | _differ("offer") & Q(offer__isnull=False) & paid
    )
    for pk, entry, merchant_id in rows.order_by().values_list("pk", "entry_id", "merchant_id"):
        yield Broken(f"attempt {pk} (entry {entry}): the amount changed on the way", merchant_id)
    other = Movement.objects.filter(
        _differ("entry") & Q(kind__in=[Kind.AUTHORIZE, Kind.CANCEL, Kind.REFUND])
        | _differ("about") & Q(kind=Kind.REVERSE)
        | ~Q(entry__exponent=F("exponent"))
    )
    for pk, kind, entry, merchant_id in other.order_by().values_list("pk", "kind", "entry_id", "merchant_id"):
        yield Broken(f"movement {pk} ({kind}) of entry {entry} has another amount", merchant_id)


def _differ(other: str) -> Q:
    """Amount, currency or exponent is another than that of a row it refers to."""
    same = Q(**{f"{other}__{name}": F(name) for name in ("amount_minor", "currency", "exponent")})
    return ~same


def _decisions() -> Iterator[tuple[dict[str, Any], Decision]]:
    """Each combination of facts under which money was asked for, with what the table says to it."""
    rows = Attempt.objects.filter(entry__isnull=False).order_by()
    for row in rows.values(*_COLUMNS).annotate(n=Count("pk"), example=Min("entry_id")):
        yield row, decide(_result(row), row["entry__method"], _condition(row))


def _condition(row: dict[str, Any]) -> Condition:
    """As the authentication was begun for; the session's where the method has none."""
    return Condition(row["authentication__condition"] or row["session__condition"])


def _result(row: dict[str, Any]) -> AuthenticationResult:
    """What the authentication came to, as `threeds/asking.py` gave it. Of the value only that there was one."""
    if row["authentication__method"] is None:
        told = row["told_proof"]
        return told_proof.of_row(told) if told else AuthenticationResult.unusable()
    fact = {name: row[f"authentication__{name}"] for name in _ASKED_FOR}
    challenged = fact["trans_status"] == "C"
    has_value = fact["result_has_value"] if challenged else fact["has_value"]
    usable = not fact["gave_up"]
    return AuthenticationResult(
        status=fact["final_status"]
        or "N",  # money that is asked for before the result is known is not allowed
        eci=(fact["result_eci"] if challenged else fact["eci"]) if usable else "",
        value="stored" if has_value and usable else "",
        challenged=challenged,
        cancelled=challenged and usable and fact["challenge_cancel"] == "01",
        recurring=fact["recurring"],
    )


def _broken(row: dict[str, Any], why: str) -> Broken:
    others = f" and {row['n'] - 1} more" if row["n"] > 1 else ""
    return Broken(f"entry {row['example']}{others} {why}", row["merchant_id"])
