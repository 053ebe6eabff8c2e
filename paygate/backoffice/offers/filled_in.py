"""The form of an offer or a template as a request has it: with first values, or with what was sent."""

from collections.abc import Mapping
from typing import Any, TypeVar

from paygate.backoffice.offers.buyer_fields import designs_of
from paygate.backoffice.offers.forms import OfferForm
from paygate.backoffice.offers.letter_fields import in_words
from paygate.backoffice.visit import Visit
from paygate.merchants.letter_words import usual_in_all_languages
from paygate.merchants.licence import Feature
from paygate.merchants.models import Terminal

Kind = TypeVar("Kind", bound=OfferForm)


def filled_in(
    kind: type[Kind], request: Visit, terminals: list[Terminal], initial: Mapping[str, Any] | None = None
) -> Kind:
    """The form filled with these first values; without them, with what was sent."""
    if initial is not None:
        usual = usual_in_all_languages(request.merchant.pk)
        initial = {**in_words({}, {}, language=str(initial.get("language")), usual=usual), **initial}
    form = kind(
        request.POST if initial is None else None,
        terminals=terminals,
        zone=request.zone,
        now=request.now,
        designs=designs_of(request),
        stores_cards=Feature.SECURE_CARD_DATA in request.features,
        initial=initial,
    )
    form.merchant_id = request.merchant.pk
    return form
