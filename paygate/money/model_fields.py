"""The columns behind an amount, and the attribute that reads them as `Money` (safety.md MO-1)."""

from django.db import models

from paygate.money.amount import Money
from paygate.money.currencies import exponent


class ExponentChanged(AssertionError):
    """A stored amount has another number of minor digits than its currency has today (safety.md INV-18)."""


class Priced(models.Model):
    """A row with an amount of more than nothing.

    A child names this Meta too, else the constraint is lost: `class Meta(TenantOwned.Meta, Priced.Meta)`. A child with
    constraints of its own writes `constraints = [*Priced.Meta.constraints, ...]`.
    """

    amount_minor = models.BigIntegerField()  # whole minor units
    currency = models.CharField(max_length=3)  # ISO 4217 code
    exponent = models.PositiveSmallIntegerField()  # digits of the minor unit when the amount was written

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0),
                name="%(app_label)s_%(class)s_amount_positive",
            ),
        ]

    @property
    def amount(self) -> Money:
        """The amount. Raises `ExponentChanged` rather than show a hundredfold."""
        if self.exponent != exponent(self.currency):
            raise ExponentChanged(f"{self.currency} was stored with {self.exponent} minor digits")
        return Money(self.amount_minor, self.currency)


def columns(money: Money) -> dict[str, int | str]:
    """The columns of a `Priced` row: `Model.objects.create(**columns(money), ...)`."""
    return {"amount_minor": money.minor, "currency": money.currency, "exponent": money.exponent}
