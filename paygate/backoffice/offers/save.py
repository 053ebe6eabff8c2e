"""Save a filled-in form: once, however often it is submitted (safety.md ID-6), and sent with it if wished."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError

from paygate.backoffice.models import UsedForm
from paygate.checkpoints import reached
from paygate.lifecycle.moves import together
from paygate.offers.models import Offer
from paygate.tenants.kept import Given, Kept


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


_USED: Final = Kept(
    lambda: UsedForm.objects.filter(form_id=Given("form_id", UsedForm._meta.get_field("form_id"))).order_by()
)


def _made_before(form_id: UUID) -> UUID | None:
    used = _USED.first(form_id=form_id)
    return used.offer_id if used else None
