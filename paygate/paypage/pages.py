"""From a next step to a page: template, policy, and the few named values it shows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from paygate.acquiring.choose import contracts_for
from paygate.acquiring.declines import PAYER_TEXT
from paygate.checkout import next_step as step
from paygate.checkout.asking import asks
from paygate.checkout.models import Session
from paygate.checkout.states import AttemptState
from paygate.languages import LANGUAGES, moment_text
from paygate.methods import METHODS
from paygate.money.display import money_text
from paygate.offers.models import Offer
from paygate.offers.payable import WhyNot
from paygate.paypage import addresses
from paygate.paypage.headers import bank_page, result_page
from paygate.paypage.payer import Payer
from paygate.paypage.way_back import way_back
from paygate.paypage.wears import wears

CARD: Final = "CARD"  # one entry for all card brands (behaviour.md F-3)
METHOD_SECONDS: Final = 10

CLOSED_PAGES: Final[Mapping[WhyNot, str]] = {
    WhyNot.PAID: "paid",
    WhyNot.EXPIRED: "expired",
    WhyNot.DISABLED: "disabled",
    WhyNot.IN_PROGRESS: "in_progress",
}


def show(
    request: HttpRequest, template: str, title: str, values: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """One payment page."""
    language, here = translation.get_language() or "en", urlsplit(settings.PAYGATE_PUBLIC_URL)
    languages = [
        (code, name, f"?{urlencode({**_method(request), 'lang': code})}", code == language)
        for code, name in LANGUAGES.items()
        if request.method in {"GET", "HEAD"}
    ]
    context = {
        "page_title": title,
        "language": language,
        "languages": languages,
        "csp_nonce": request.csp_nonce,  # type: ignore[attr-defined]  # set by django-csp
        "test": settings.PAYGATE_ENV != "production",
        **(wears(request, values.get("design_id")) if "merchant_name" in values else {}),
        "host": here.netloc,
        "is_encrypted": here.scheme == "https",
        **values,
    }
    return render(request, f"paypage/{template}.html.jinja", context, status=status)


def with_method(request: HttpRequest) -> str:
    """The query that takes a chosen method along to another page."""
    chosen = _method(request)
    return f"?{urlencode(chosen)}" if chosen else ""


def _method(request: HttpRequest) -> dict[str, str]:
    return {"method": request.GET["method"]} if request.GET.get("method") in {CARD, *METHODS} else {}


def ended(
    request: HttpRequest, template: str, title: str, values: Mapping[str, Any], *, status: int = 200
) -> HttpResponseBase:
    """A page after which nothing follows here."""
    return result_page(request, show(request, template, title, values, status=status))


def summary(offer: Offer) -> dict[str, Any]:
    """What stands beside the form: only what is shown (safety.md LN-3)."""
    return {
        "merchant_name": offer.merchant.name,
        "design_id": offer.design_id,
        "amount": offer.amount,
        "description": offer.description,
        "reference": offer.reference,
        "expires_at_text": moment(offer.expires_at, offer.merchant.zone),
        "test": not offer.merchant.live,
    }


def moment(at: datetime, zone: str) -> str:
    """A moment as people write it, in the merchant's zone (safety.md TM-5)."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{moment_text(local, translation.get_language() or 'en')} {local.tzname()}"


def ask_means(
    request: HttpRequest, offer: Offer, payer: Payer, *, before: step.AskMeans | None = None, notice: str = ""
) -> HttpResponse:
    """The choice of methods, or the card form where there is nothing to choose; `before`: how the last try ended."""
    contracts = contracts_for(offer.terminal, offer.currency)
    cards = [contract.method for contract in contracts if METHODS[contract.method].is_card]
    others = [contract.method for contract in contracts if not METHODS[contract.method].is_card]
    wanted = request.GET.get("method", "")
    if cards and (not others or wanted == CARD or wanted in cards):
        return ask_card(
            request, offer, payer, cards=cards, has_choice=bool(others), before=before, notice=notice
        )
    if wanted in others:
        return ask_wallet(request, offer, payer, wanted)
    link = addresses.link(offer)
    rows = [(CARD, _("Card"), cards, f"{link}?method={CARD}")] if cards else []
    rows += [(method, METHODS[method].label, [], f"{link}?method={method}") for method in others]
    values = {
        **summary(offer),
        "methods": rows,
        "cancel_action": addresses.cancel(offer),
        "form_token": payer.form_token(str(offer.pk)),
        **_told(before, notice, _("Choose again below, or leave this page.")),
    }
    if asks(offer):
        values["details_href"] = addresses.details(offer)
    return show(request, "choose", _("Choose how to pay"), values)


def ask_card(
    request: HttpRequest,
    offer: Offer,
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
        **summary(offer),
        "action": addresses.pay(offer),
        "cancel_action": addresses.cancel(offer),
        "form_token": payer.form_token(str(offer.pk)),
        "attempt_id": str(uuid4()),
        "revision": offer.revision,
        "brands": cards,
        "errors": dict(errors or {}),
        **_told(before, notice, _("You can pay below, or leave this page.")),
    }
    if has_choice:
        values["back_href"] = addresses.link(offer)
    elif asks(offer):
        values["details_href"] = addresses.details(offer)
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


def ask_wallet(request: HttpRequest, offer: Offer, payer: Payer, method: str) -> HttpResponse:
    """One button that leads to the wallet."""
    values = {
        **summary(offer),
        "method": method,
        "method_name": METHODS[method].label,
        "action": addresses.pay(offer),
        "cancel_action": addresses.cancel(offer),
        "back_href": addresses.link(offer),
        "form_token": payer.form_token(str(offer.pk)),
        "attempt_id": str(uuid4()),
        "revision": offer.revision,
    }
    return show(request, "wallet", METHODS[method].label, values)


def closed(request: HttpRequest, offer: Offer, why: WhyNot) -> HttpResponseBase:
    """Why the link cannot be paid now. No personal data and no reference (safety.md LN-3)."""
    titles = {
        WhyNot.PAID: _("This has been paid"),
        WhyNot.EXPIRED: _("This payment link has expired"),
        WhyNot.DISABLED: _("This payment link is no longer available"),
        WhyNot.IN_PROGRESS: _("This is being paid at the moment"),
    }
    values: dict[str, Any] = {
        "merchant_name": offer.merchant.name,
        "design_id": offer.design_id,
        "test": not offer.merchant.live,
        "title": titles[why],
    }
    if why is WhyNot.PAID:
        values["lead"] = _("Thank you. There is nothing left to pay.")
    if why is WhyNot.IN_PROGRESS:
        values["status_url"] = addresses.link_status(offer)
    return ended(request, CLOSED_PAGES[why], titles[why], values)


def checked_elsewhere(request: HttpRequest, offer: Offer) -> HttpResponseBase:
    """Another browser's payment has no answer yet: the one text there is for it (safety.md OC-11)."""
    title = _("We are checking a payment")
    lead = _("A payment for this link is being checked with the bank. Please do not pay again.")
    values = {
        "merchant_name": offer.merchant.name,
        "design_id": offer.design_id,
        "test": not offer.merchant.live,
        "title": title,
        "lead": lead,
        "status_url": addresses.link_status(offer) + "?checking",
    }
    return ended(request, "in_progress", title, values)


def of_session(
    request: HttpRequest, session: Session, payer: Payer, seen: step.NextStep, *, now: datetime
) -> HttpResponseBase:
    """The page of a session for what comes next."""
    offer = session.offer
    assert offer is not None, "a session of Secure PayGate has an offer"
    own = session.browser == payer.browser
    token = payer.form_token(session.token)
    base = {**summary(offer), "form_token": token, "continue_action": addresses.go_on(session)}
    match seen:
        case step.AskMeans():
            return ask_means(request, offer, payer, before=seen)
        case step.AskAddress():  # the link's page asks
            return HttpResponseRedirect(addresses.link(offer))
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
            return closed(request, offer, seen.why)


def _in_the_banks_words(words: str) -> str:
    return _("Your bank says: %(words)s") % {"words": words} if words else ""


def facts_of(about: Offer | Session) -> list[tuple[str, str]]:
    """What a page says about a payment that was not made; nothing about the payer (safety.md LN-3)."""
    return [
        (_("Amount"), money_text(about.amount, translation.get_language() or "en")),
        (_("For"), about.description),
        *([(_("Reference"), about.reference)] if about.reference else []),
    ]


def _paid(request: HttpRequest, session: Session, *, own: bool) -> HttpResponseBase:
    """The receipt, for the browser that paid; for any other only that it was paid."""
    assert session.offer is not None
    if not own:
        return closed(request, session.offer, WhyNot.PAID)
    entry = session.attempts.select_related("entry").get(state=AttemptState.PAID).entry
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
        "merchant_name": session.merchant.name,
        "design_id": session.offer.design_id,
        "facts": facts,
        "lead": lead,
        "test": not session.merchant.live,
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
    offer = session.offer
    assert offer is not None
    values: dict[str, Any] = {
        "merchant_name": session.merchant.name,
        "design_id": offer.design_id,
        "test": not session.merchant.live,
    }
    if offer.state_at(now) == "OPEN":
        values["retry_href"] = addresses.link(offer)
    if own or "retry_href" in values:  # a link that is over says no more to others than its own page does
        values["facts"] = facts_of(session)
    if isinstance(seen, step.Failed) and seen.bank_says:
        values["notice"] = _in_the_banks_words(seen.bank_says)
    if own:
        values |= {"onward_href": way_back(session, seen), "goes_on": "retry_href" not in values}
    if isinstance(seen, step.Aborted):
        return ended(request, "aborted", _("You canceled the payment"), values)
    return ended(request, "failed", _("The payment did not go through"), values)


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
