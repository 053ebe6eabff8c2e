"""The payer's e-mail and address arrive, for an offer."""

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation

from paygate import clock
from paygate.checkout.asking import question_for
from paygate.checkout.details import take_details, wrong_with
from paygate.checkout.open import offer_behind, session_in
from paygate.offers.models import Offer
from paygate.offers.payable import NotPayable
from paygate.paypage import addresses, pages
from paygate.paypage.details_form import Typed, first_of_each, read_details
from paygate.paypage.details_pages import ask_address
from paygate.paypage.doors import payers_door, pressed
from paygate.paypage.fronts import front_of
from paygate.paypage.payer import Payer, page_language
from paygate.refusals import Problem, TermsRefused


@pressed
@payers_door
def tell(request: HttpRequest, customer_id: str, terminal_number: str, offer_id: str) -> HttpResponseBase:
    """Keep what the payer entered, and go on to the choice of means; an offer that asks for nothing takes nothing."""
    payer = Payer(request)
    offer = offer_behind(customer_id, terminal_number, offer_id)
    with translation.override(page_language(request, offer.language)):
        if not payer.sent_own_form(request, str(offer.pk)):
            return pages.no_cookies(request)
        typed = read_details(request, question_for(offer, None))
        problems = _keep(offer, typed, payer)
        if not problems:
            return HttpResponseRedirect(addresses.link(offer), status=303)
        wanted = question_for(offer, session_in(offer, payer.browser))
        errors = first_of_each(problems)
        return ask_address(request, front_of(offer), payer, wanted, errors=errors, typed=typed.shown_again)


def _keep(offer: Offer, typed: Typed, payer: Payer) -> list[Problem]:
    """What was wrong with it; nothing when it was kept, or when there is nothing to pay any more."""
    if typed.problems:
        return [*typed.problems, *wrong_with(offer, typed.details)]
    try:
        take_details(offer.pk, typed.details, browser=payer.browser, now=clock.now())
    except TermsRefused as refused:
        return list(refused.problems)
    except NotPayable:
        pass  # the link's page says why
    return []
