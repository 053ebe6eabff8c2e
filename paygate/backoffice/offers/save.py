"""Save a filled-in form: once, however often it is submitted (safety.md ID-6), and sent with it if wished."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from paygate.backoffice.models import UsedForm
from paygate.checkpoints import reached
from paygate.lifecycle.moves import together
from paygate.offers.models import Offer


def save_once(
    form_id: UUID, make: Callable[[], Offer], *, merchant_id: int, now: datetime
) -> tuple[UUID, bool]:
    """The id of the offer that this form made, and whether it was made now.

    The offer and the mark on the form are one transaction, so of two submits at once one makes an offer and the
    other is led to it. Raises what `make` raises; then nothing was made.
    """
    made = _made_before(form_id)
    if made:
        return made, False
    try:
        with together():
            offer = make()
            UsedForm.objects.create(merchant_id=merchant_id, form_id=form_id, offer=offer, used_at=now)
    except IntegrityError:
        made = _made_before(form_id)
        if made is None:
            raise
        return made, False
    reached("offer.saved")
    return offer.pk, True


def _made_before(form_id: UUID) -> UUID | None:
    return UsedForm.objects.filter(form_id=form_id).values_list("offer_id", flat=True).first()
