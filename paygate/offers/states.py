"""The life of an offer (safety.md 2.3)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from paygate.lifecycle.moves import Lifecycle


class OfferState(TextChoices):
    """The four states; "sent" and "in payment" are marks beside them (SPG-STA)."""

    OPEN = "OPEN", _("Open")  # the link can be paid
    PAID = "PAID", _("Paid")  # a payment succeeded; the link is spent
    EXPIRED = "EXPIRED", _("Expired")  # nobody paid in time
    DISABLED = "DISABLED", _("Disabled")  # the merchant took it back, or the tries are used up


LIFE = Lifecycle(
    {
        OfferState.OPEN: {OfferState.PAID, OfferState.EXPIRED, OfferState.DISABLED},
        # A payer may be at the issuer's page when the deadline passes. Money that has moved wins.
        OfferState.EXPIRED: {OfferState.PAID},
        OfferState.DISABLED: {OfferState.PAID, OfferState.OPEN},
        OfferState.PAID: set(),
    }
)
