"""The life of a delivery."""

from typing import Final

from django.db.models import TextChoices

from paygate.lifecycle.moves import Lifecycle


class DeliveryState(TextChoices):
    """How far a call got."""

    QUEUED = "QUEUED"  # due at its next try
    DONE = "DONE"  # the other side answered with 2xx
    GIVEN_UP = "GIVEN_UP"  # not accepted in 72 hours


LIFE: Final = Lifecycle(
    {
        DeliveryState.QUEUED: {DeliveryState.DONE, DeliveryState.GIVEN_UP},
        DeliveryState.GIVEN_UP: {DeliveryState.QUEUED},
        DeliveryState.DONE: set(),
    }
)
