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
        # Who asked for money before the deadline holds the offer until the answer is known: it stays OPEN so long, and
        # nothing is left that could pay an offer that has ended (docs/decisions/0012).
        OfferState.EXPIRED: set(),
        OfferState.DISABLED: {OfferState.OPEN},
        OfferState.PAID: set(),
    }
)
