"""`Contract`: a terminal's agreement with one acquirer for one method (SPG-REQ-02)."""

from django.db import models

from paygate.methods import METHODS
from paygate.tenants.owned import TenantOwned


def method_choices() -> list[tuple[str, str]]:
    """Every method by its name; a function, so that a new method needs no migration."""
    return [(row.name, row.label) for row in METHODS.values()]


class Contract(TenantOwned):
    """What a terminal may take, in which currencies, and who is asked for the money."""

    terminal = models.ForeignKey("merchants.Terminal", on_delete=models.PROTECT, related_name="contracts")
    method = models.CharField(max_length=20, choices=method_choices)
    currencies = models.JSONField(default=list)  # ISO 4217 codes, in the order in which they are offered
    connector = models.CharField(max_length=40)  # a kind of registry.py
    acquirer_merchant_id = models.CharField(max_length=35)  # the acquirer's number for the merchant
    acquirer_bin = models.CharField(max_length=11, blank=True)  # told to 3-D Secure
    active = models.BooleanField(default=True)

    class Meta(TenantOwned.Meta):
        ordering = ["terminal", "pk"]
        constraints = [
            # SPG-FRM-03: a method exists once per terminal; several terminals split it.
            models.UniqueConstraint(
                fields=["merchant", "terminal", "method"], name="one_contract_per_method"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {', '.join(self.currencies)}"

    def takes(self, currency: str) -> bool:
        """May it be used for this currency now? Both the contract and the method must allow it."""
        return self.active and currency in self.currencies and METHODS[self.method].takes(currency)
