"""One offer: its state, link, QR code, letters, payments and story, and what can be done with it."""

from collections.abc import Callable
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.addresses import Address
from paygate.backoffice.doorman import doorman
from paygate.backoffice.journal.words import marks_of
from paygate.backoffice.letters.words import mail_mark, what_sending_does
from paygate.backoffice.offers.payment_fields import BOOKINGS, CONDITIONS
from paygate.backoffice.offers.tries import tries_of
from paygate.backoffice.pages import page
from paygate.backoffice.saying_why import saying_why_not
from paygate.backoffice.timeline import Moment, name_of, names_at, newest_first, told
from paygate.backoffice.visit import Visit
from paygate.checkout.models import Registration
from paygate.designs.models import Design
from paygate.journal.models import Entry
from paygate.languages import LANGUAGES, ui_language
from paygate.lifecycle.moves import history
from paygate.mail.archive import letters_about
from paygate.mail.bounces import why_refused
from paygate.mail.models import Mail
from paygate.mail.states import MailState
from paygate.merchants.licence import Feature
from paygate.merchants.roles import Permission
from paygate.methods import METHODS
from paygate.money.display import money_text
from paygate.offers.change import disable, restore
from paygate.offers.find import offer_of
from paygate.offers.letter import words_of
from paygate.offers.link import link_of
from paygate.offers.models import Offer, Source
from paygate.offers.send import send_offer, sending_of
from paygate.offers.states import OfferState
from paygate.qr import png


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def show(request: Visit, offer_id: UUID) -> HttpResponse:
    """The offer with everything that is known about it."""
    offer = offer_of(request.actor, str(offer_id))
    link = link_of(offer, request.merchant, offer.terminal.number)
    payments = list(Entry.objects.filter(single_use_of=str(offer.pk)))
    about = [f"entry:{payment.transaction_id}" for payment in payments]
    letters = list(letters_about(f"offer:{offer.pk}", *about))
    names = names_at(request.merchant.pk)
    return page(
        request,
        "offers/show.html.jinja",
        {
            "offer": offer,
            "state": offer.state_at(request.now),
            "sending": sending_of(offer),
            "being_paid": offer.is_claimed_at(request.now),
            "may_edit": Permission.EDIT_OFFERS in request.actor.permissions,
            "may_change": Permission.EDIT_OFFERS in request.actor.permissions and offer.source != Source.API,
            "may_restore": offer.state == OfferState.DISABLED and _could_be_paid_again(offer, request),
            "link": link,
            "mailto": mailto(offer, link),
            "open_mail": request.GET.get("open") == "mail",
            "booking": BOOKINGS[offer.booking][0],
            "condition": CONDITIONS[offer.condition][0],
            "language_name": LANGUAGES[ui_language(offer.language)],
            "address": Address.of_row(offer.address).lines(ui_language(get_language())),
            "design_name": _design_name(offer),
            "stored": _stored(offer) if offer.save_means else "",
            "created_by": name_of(offer.created_by, names),
            "letters": letters,
            "not_delivered": bool(letters) and _did_not_arrive(letters[0]),
            "refused": why_refused(offer.payer_email) if offer.payer_email else "",
            "mail_mark": mail_mark,
            "payments": payments,
            "tries": tries_of(offer) if offer.attempts else [],
            "mark_of": marks_of(payments),
            "methods": METHODS,
            "story": newest_first(_story(offer, letters, names)),
        },
    )


def _did_not_arrive(mail: Mail) -> bool:
    """Was it given up, or did it come back (safety.md EM-8)? Of an offer, its last letter counts."""
    return mail.state == MailState.GIVEN_UP or mail.bounced_at is not None


def _design_name(offer: Offer) -> str:
    named = Design.objects.filter(pk=offer.design_id) if offer.design_id else None
    return named.values_list("name", flat=True).get() if named else ""


def _stored(offer: Offer) -> str:
    """What became of the buyer's card or wallet, which was to be stored (SPG-FRM-37, 39)."""
    registered = Registration.objects.select_related("alias").filter(session__offer=offer)
    registration = registered.order_by("-pk").first()
    if registration and registration.name:
        alias, named = registration.alias, {"alias": registration.name}
        if alias is None:
            return _("Stored as %(alias)s, and forgotten since.") % named
        if not alias.is_card:
            return _("%(wallet)s is stored as %(alias)s.") % {"wallet": METHODS[alias.method].label, **named}
        return _("The card is stored as %(alias)s.") % named
    if offer.state == OfferState.PAID:
        return _("Nothing was stored.")
    return _("The card or the wallet is stored with the payment.")


def _could_be_paid_again(offer: Offer, request: Visit) -> bool:
    return offer.expires_at > request.now and not (
        offer.max_attempts and offer.attempts >= offer.max_attempts
    )


def _story(offer: Offer, letters: list[Mail], names: dict[str, str]) -> list[Moment]:
    moments = told(history(offer), names, dict(OfferState.choices))
    if offer.first_opened_at:
        moments.append(Moment(_("Link opened for the first time"), offer.first_opened_at))
    moments += [
        Moment(_("Letter to %(address)s") % {"address": mail.recipient}, mail.queued_at) for mail in letters
    ]
    return sorted(moments, key=lambda moment: moment.at)


def mailto(offer: Offer, link: str) -> str:
    """The offer for the sender's own mail program, in the words of its letter (SPG-BTN-06, SPG-FLOW-07).

    No files: a mail program takes none from an address (SPG-MAI-12).
    """
    words = words_of(offer, amount=money_text(offer.amount, ui_language(offer.language)))
    parts = (words.salutation, words.text, link, words.signature)
    body = "\r\n\r\n".join(part.replace("\n", "\r\n") for part in parts if part)
    return f"mailto:{quote(offer.payer_email, safe='@')}?subject={quote(words.subject)}&body={quote(body)}"


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def qr_code(request: Visit, offer_id: UUID) -> HttpResponse:
    """The payment link as a picture; with `?download` as a file (SPG-FRM-52)."""
    offer = offer_of(request.actor, str(offer_id))
    response = HttpResponse(
        png(link_of(offer, request.merchant, offer.terminal.number)), content_type="image/png"
    )
    if "download" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="payment-link-{offer.pk}.png"'
    return response


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def send(request: Visit, offer_id: UUID) -> HttpResponse:
    """Send the offer letter, the first time or again (SPG-BTN-01). A form that was sent already sends nothing more."""
    return _done(
        request,
        offer_id,
        lambda pk: send_offer(pk, seen=request.POST.get("sent", ""), by=request.actor, now=request.now),
        what_sending_does(),
    )


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def take_back(request: Visit, offer_id: UUID) -> HttpResponse:
    """Disable an open offer; the way back is on the page."""
    words = _("The link is disabled. “Restore” makes it payable again.")
    return _done(request, offer_id, lambda pk: disable(pk, by=request.actor, now=request.now), words)


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def bring_back(request: Visit, offer_id: UUID) -> HttpResponse:
    """Make a disabled offer payable again."""
    return _done(
        request,
        offer_id,
        lambda pk: restore(pk, by=request.actor, now=request.now),
        _("The link can be paid again."),
    )


def _done(request: Visit, offer_id: UUID, act: Callable[[UUID], None], words: str) -> HttpResponse:
    """Do it, and say on the offer's page that it was done, or why not."""
    offer = offer_of(request.actor, str(offer_id))
    with saying_why_not(request):
        act(offer.pk)
        messages.success(request, words)
    return redirect("backoffice:offer", offer.pk)
