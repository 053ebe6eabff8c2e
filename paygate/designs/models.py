"""`Design`: a payment page configuration (SPG-FRM-40, SPG-DSN)."""

from django.db import models
from django.db.models import Q

from paygate.tenants.owned import TenantOwned


class Design(TenantOwned):
    """What a merchant's pages and letters wear: data only, no style sheet and no script (safety.md PP-6)."""

    name = models.CharField(max_length=80)
    accent = models.CharField(max_length=7)  # "#0b5f6b": buttons and links
    font = models.CharField(max_length=20, default="system")  # a name of the safe list
    logo = models.BinaryField(blank=True)  # PNG, written anew by us (UP-5); empty for none
    logo_width = models.PositiveSmallIntegerField(default=0)  # as it is shown, in CSS pixels; 0 without one
    logo_height = models.PositiveSmallIntegerField(default=0)
    is_default = models.BooleanField(default=False)  # worn where no other is chosen (SPG-DSN-04)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=60)

    class Meta(TenantOwned.Meta):
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "name"], name="one_design_per_name"),
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(is_default=True), name="one_default_design"
            ),
        ]

    def __str__(self) -> str:
        return self.name
