"""What the buyer will be sent, beside the form while it is filled in. Nothing is saved and nothing is sent."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import terminals_of
from paygate.backoffice.letter_frame import letter_response
from paygate.backoffice.offers.buyer_fields import designs_of
from paygate.backoffice.offers.forms import OfferForm, draft_of
from paygate.backoffice.visit import Visit
from paygate.languages import ui_language
from paygate.merchants.licence import Feature
from paygate.merchants.models import TerminalKind
from paygate.merchants.preferences import preferences_of
from paygate.merchants.roles import Permission
from paygate.money.display import money_text
from paygate.offers.letter import NO_LINK_YET, preview
from paygate.refusals import NotFound


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_http_methods(["GET", "HEAD", "POST"])
def letter_preview(request: Visit) -> HttpResponse:
    """The letter with what the form holds so far; what is missing or wrong is left open."""
    terminals = terminals_of(request, kind=TerminalKind.SPG)
    if not terminals:
        raise NotFound
    form = OfferForm(
        request.POST,
        terminals=terminals,
        zone=request.zone,
        now=request.now,
        designs=designs_of(request),
        stores_cards=Feature.SECURE_CARD_DATA in request.features,
    )
    settings = preferences_of(request.merchant.pk)
    draft, amount = draft_of(form, terminals, language=settings.language)
    draft.merchant, draft.pk = request.merchant, NO_LINK_YET
    written = preview(draft, amount=money_text(amount, ui_language(draft.language)) if amount else "…")
    return letter_response(written, as_text="text" in request.GET, language=ui_language(draft.language))
