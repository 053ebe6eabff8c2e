"""A merchant: the row that every row of a merchant points to."""

from django.db import models


class Merchant(models.Model):
    """One customer of this installation."""

    customer_id = models.CharField(max_length=8, unique=True)  # the number in links and on the wire
    name = models.CharField(max_length=120)  # shown to payers and to their banks
    live = models.BooleanField(
        default=False
    )  # real money; test merchants never reach a live connector (TN-7)
    zone = models.CharField(max_length=40, default="Europe/Zurich")
    country = models.CharField(max_length=2, default="CH")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.name}"
