"""The life of a delivery."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from paygate.lifecycle.moves import Lifecycle


class DeliveryState(TextChoices):
    """How far a call got."""

    QUEUED = "QUEUED", _("Waiting to be called")  # due at its next try
    DONE = "DONE", _("Delivered")  # the other side answered with 2xx
    GIVEN_UP = "GIVEN_UP", _("Given up")  # not accepted in 72 hours, or an address that nobody may call


LIFE: Final = Lifecycle(
    {
        DeliveryState.QUEUED: {DeliveryState.DONE, DeliveryState.GIVEN_UP},
        DeliveryState.GIVEN_UP: {DeliveryState.QUEUED},
        DeliveryState.DONE: set(),
    }
)
