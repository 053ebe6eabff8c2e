"""`UsedForm`: a rendered form that was submitted once (safety.md ID-6)."""

from django.db import models

from paygate.offers.models import Offer
from paygate.tenants.owned import TenantOwned


class UsedForm(TenantOwned):
    """A create form and the offer it made. Of two submits of the same form, the constraint lets one through."""

    form_id = models.UUIDField()  # made when the form was rendered
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "form_id"], name="form_used_once")]

    def __str__(self) -> str:
        return f"{self.form_id} {self.offer_id}"
