"""From a next step to a page: template, policy, and the few named values it shows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from paygate.acquiring.choose import contracts_for
from paygate.acquiring.declines import PAYER_TEXT
from paygate.checkout import next_step as step
from paygate.checkout.models import Attempt, Session
from paygate.checkout.shop_pages import belongs_to, narrowed
from paygate.checkout.states import AttemptState
from paygate.links.payable import totals_of, why_closed
from paygate.methods import METHODS
from paygate.money.display import money_text
from paygate.offers.payable import WhyNot
from paygate.paypage import addresses
from paygate.paypage.closed_pages import closed, facts_of
from paygate.paypage.details_pages import ask_address
from paygate.paypage.frame import CARD, ended, show
from paygate.paypage.fronts import Front, front_of_session, moment
from paygate.paypage.headers import bank_page
from paygate.paypage.payer import Payer
from paygate.paypage.way_back import way_back
from paygate.tenants.kept import Given, Kept

METHOD_SECONDS: Final = 10


def ask_means(
    request: HttpRequest, front: Front, payer: Payer, *, before: step.AskMeans | None = None, notice: str = ""
) -> HttpResponse:
    """The choice of methods, or the card form where there is nothing to choose; `before`: how the last try ended."""
    assert front.amount is not None, "a means is asked for once the amount is known"
    contracts = narrowed(contracts_for(front.terminal, front.amount.currency), front.methods)
    cards = [contract.method for contract in contracts if METHODS[contract.method].is_card]
    others = [contract.method for contract in contracts if not METHODS[contract.method].is_card]
    wanted = request.GET.get("method", "")
    if cards and (not others or wanted == CARD or wanted in cards):
        return ask_card(
            request, front, payer, cards=cards, has_choice=bool(others), before=before, notice=notice
        )
    if wanted in others:
        return ask_wallet(request, front, payer, wanted)
    rows = [(CARD, _("Card"), cards, f"{front.here}?method={CARD}")] if cards else []
    rows += [(method, METHODS[method].label, [], f"{front.here}?method={method}") for method in others]
    values = {
        **front.summary,
        "methods": rows,
        "cancel_action": front.cancel,
        "form_token": payer.form_token(front.subject),
        **_told(before, notice, _("Choose again below, or leave this page.")),
    }
    if front.details:
        values["details_href"] = front.details
    return show(request, "choose", _("Choose how to pay"), values)


def ask_card(
    request: HttpRequest,
    front: Front,
    payer: Payer,
    *,
    cards: list[str],
    has_choice: bool,
    before: step.AskMeans | None = None,
    notice: str = "",
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The card form. What was typed of a card is not shown again (safety.md CD-10)."""
    values = {
        **front.summary,
        "action": front.pay,
        "cancel_action": front.cancel,
        "form_token": payer.form_token(front.subject),
        "attempt_id": str(uuid4()),
        "revision": front.revision,
        "brands": cards,
        "keeps_card": front.keeps_card,
        "ask_holder": front.asks_holder,
        "needs_holder": front.asks_holder,
        "errors": dict(errors or {}),
        **_told(before, notice, _("You can pay below, or leave this page.")),
    }
    if has_choice:
        values["back_href"] = front.here
    elif front.details:
        values["details_href"] = front.details
    return show(request, "card", _("Pay by card"), values, status=422 if errors else 200)


def _told(before: step.AskMeans | None, notice: str, how_to_go_on: str) -> dict[str, Any]:
    """What stands above the choice: how the last try ended, and what else is new."""
    before = before or step.AskMeans()
    bank_says = _in_the_banks_words(before.bank_says)
    if before.canceled:
        notice = _("You canceled the payment. Nothing has been charged.") + " " + how_to_go_on
    elif before.interrupted:
        notice = _("Your payment was not completed. Nothing has been charged. You can try again.")
    return {
        "is_declined": before.declined,
        "declined": str(PAYER_TEXT) if before.declined and not before.canceled else "",
        "notice": notice or bank_says,
    }


def ask_wallet(request: HttpRequest, front: Front, payer: Payer, method: str) -> HttpResponse:
    """One button that leads to the wallet."""
    values = {
        **front.summary,
        "method": method,
        "method_name": METHODS[method].label,
        "keeps_wallet": front.keeps_card and METHODS[method].storable,
        "action": front.pay,
        "cancel_action": front.cancel,
        "back_href": front.here,
        "form_token": payer.form_token(front.subject),
        "attempt_id": str(uuid4()),
        "revision": front.revision,
    }
    return show(request, "wallet", METHODS[method].label, values)


def confirm_card(request: HttpRequest, front: Front, payer: Payer) -> HttpResponse:
    """The shop told the card: one button, which a browser with scripts presses by itself, and the bank may ask."""
    values = {
        **front.summary,
        "action": front.pay,
        "cancel_action": front.cancel,
        "form_token": payer.form_token(front.subject),
        "attempt_id": str(uuid4()),
        "revision": front.revision,
    }
    return show(request, "confirm", _("One moment, please"), values)


def of_session(
    request: HttpRequest, session: Session, payer: Payer, seen: step.NextStep, *, now: datetime
) -> HttpResponseBase:
    """The page of a session for what comes next."""
    front = front_of_session(session)
    own = belongs_to(session, payer.browser)
    token = payer.form_token(session.token)
    base = {**front.summary, "form_token": token, "continue_action": addresses.go_on(session)}
    match seen:
        case step.AskMeans() | step.AskAddress() | step.ConfirmCard() if session.offer is None and not own:
            return _to_ones_own_visit(request, session)
        case step.AskAddress() if session.offer is None:
            return ask_address(request, front, payer, seen)
        case step.ConfirmCard():
            return confirm_card(request, front, payer)
        case step.Ready():
            return (
                HttpResponseRedirect(way_back(session, seen)) if own else closed(request, front, WhyNot.PAID)
            )
        case step.AskMeans():
            return ask_means(request, front, payer, before=seen)
        case step.AskAmount() | step.AskAddress():  # the link's page asks
            return HttpResponseRedirect(front.here)
        case step.LookAtBrowser():
            values = {
                **base,
                "method_url": seen.method_url,
                "method_data": seen.method_data,
                "status_url": addresses.status(session),
                "wait_seconds": METHOD_SECONDS,
            }
            return bank_page(request, show(request, "wait", _("One moment, please"), values))
        case step.Challenge():
            values = {
                **base,
                "acs_url": seen.url,
                "creq": seen.fields["creq"],
                "session_data": seen.fields["threeDSSessionData"],
                "cancel_action": addresses.cancel_session(session),
            }
            return bank_page(
                request, show(request, "challenge", _("Your bank wants to confirm it is you"), values)
            )
        case step.Elsewhere():
            return show(request, "elsewhere", _("One moment, please"), {**base, "onward_url": seen.url})
        case step.GoOn() if own:
            return show(request, "returned", _("One moment, please"), base)
        case step.GoOn():
            return _without_its_half(request, session)
        case step.Wait():
            values = {**base, "status_url": addresses.status(session), "wait_seconds": METHOD_SECONDS}
            return show(request, "wait", _("One moment, please"), values)
        case step.Checking():
            values = {
                **base,
                "status_url": addresses.status(session),
                "next_href": addresses.session(session),
            }
            return show(request, "checking", _("We are checking your payment"), values)
        case step.Paid():
            return _paid(request, session, own=own)
        case step.Failed() | step.Aborted():
            return _not_paid(request, session, seen, own=own, now=now)
        case step.Closed():
            return closed(request, front, seen.why)


def _in_the_banks_words(words: str) -> str:
    return _("Your bank says: %(words)s") % {"words": words} if words else ""


_PAID_BY: Final = Kept(
    lambda: (
        Attempt.objects.select_related("entry")
        .filter(session=Given("session_id", Session._meta.pk), state=AttemptState.PAID)
        .order_by()
    )
)


def _paid(request: HttpRequest, session: Session, *, own: bool) -> HttpResponseBase:
    """The receipt, for the browser that paid; for any other only that it was paid."""
    front = front_of_session(session)
    if not own:
        return closed(request, front, WhyNot.PAID)
    entry = _PAID_BY.get(session_id=session.pk).entry
    assert entry is not None
    language = translation.get_language() or "en"
    means = METHODS[entry.method].label + (f" •••• {entry.means[-4:]}" if entry.means else "")
    facts = [
        (_("Amount"), money_text(entry.amount, language)),
        (_("Paid to"), session.merchant.name),
        (_("For"), session.description),
        *([(_("Reference"), session.reference)] if session.reference else []),
        (_("Date"), moment(entry.authorized_at or entry.created_at, session.merchant.zone)),
        (_("Paid with"), means),
        (_("Transaction"), entry.transaction_id),
    ]
    lead = _("A confirmation is on its way to you by e-mail.") if session.payer_email else ""
    values = {
        **front.appearance,
        "facts": facts,
        "lead": lead,
        "onward_href": way_back(session, step.Paid()),
        "goes_on": True,
    }
    return ended(request, "paid", _("Thank you, your payment succeeded"), values)


def _without_its_half(request: HttpRequest, session: Session) -> HttpResponseBase:
    """Back from the bank in another browser, or without its cookies: no authorization can happen here (CD-3)."""
    values = {
        "merchant_name": session.merchant.name,
        "test": not session.merchant.live,
        "lead": _(
            "This browser no longer has what it needs to go on. Nothing has been charged. Open the payment link again"
            " in a quarter of an hour."
        ),
    }
    return ended(request, "failed", _("The payment did not go through"), values)


def _not_paid(
    request: HttpRequest, session: Session, seen: step.NextStep, *, own: bool, now: datetime
) -> HttpResponseBase:
    values: dict[str, Any] = front_of_session(session).appearance
    if again := _way_to_try_again(session, now=now):
        values["retry_href"] = again
    if own or "retry_href" in values:  # a link that is over says no more to others than its own page does
        values["facts"] = facts_of(session)
    if isinstance(seen, step.Failed) and seen.bank_says:
        values["notice"] = _in_the_banks_words(seen.bank_says)
    if own:
        values |= {"onward_href": way_back(session, seen), "goes_on": "retry_href" not in values}
    if isinstance(seen, step.Aborted):
        return ended(request, "aborted", _("You canceled the payment"), values)
    return ended(request, "failed", _("The payment did not go through"), values)


def _to_ones_own_visit(request: HttpRequest, session: Session) -> HttpResponseBase:
    """Another browser sees nothing of what was entered in this one: it begins for itself."""
    if session.link:
        return HttpResponseRedirect(addresses.multi_use(session.link))
    return closed(request, front_of_session(session), WhyNot.DISABLED)


def _way_to_try_again(session: Session, *, now: datetime) -> str:
    """Where this payer can begin anew; empty where that is over."""
    if session.offer:
        return addresses.link(session.offer) if session.offer.state_at(now) == "OPEN" else ""
    if session.link and why_closed(session.link, totals_of(session.link), now=now) is None:
        return addresses.multi_use(session.link)
    return ""


def not_found(request: HttpRequest) -> HttpResponseBase:
    """The one same page for unknown, foreign, malformed and deleted links (safety.md LN-2)."""
    return ended(request, "not_found", _("We cannot find this page"), {}, status=404)


def too_many(request: HttpRequest) -> HttpResponseBase:
    """Somebody guesses links."""
    return ended(request, "too_many", _("Too many requests"), {}, status=429)


def no_cookies(request: HttpRequest) -> HttpResponseBase:
    """The form did not come with the cookie that we gave to the browser."""
    return ended(request, "cookies", _("Please open the link again"), {}, status=403)


def busy(request: HttpRequest) -> HttpResponseBase:
    """We cannot say more this second."""
    return ended(request, "busy", _("One moment, please"), {}, status=503)


def bad_request(request: HttpRequest) -> HttpResponseBase:
    """What was sent is too large, or no form at all; nothing of it was kept."""
    return ended(request, "bad_request", _("This form could not be read"), {}, status=400)
