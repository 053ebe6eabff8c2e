"""What every row of a merchant has in common: the merchant, and no way around it (safety.md TN-1, TN-3)."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from paygate.tenants.context import EVERY_TENANT, NoTenant, current
from paygate.tenants.inserting import insert
from paygate.tenants.models import Merchant

Row = TypeVar("Row", bound=models.Model)


class OwnedManager(models.Manager[Row]):
    """Answers with the rows of the merchant in context. Without a context it raises `NoTenant`."""

    def get_queryset(self) -> models.QuerySet[Row]:
        rows = super().get_queryset()
        merchant_id = current()
        if merchant_id is None:
            raise NoTenant(f"{self.model.__name__} was read without a merchant in context")
        return rows if merchant_id == EVERY_TENANT else rows.filter(merchant_id=merchant_id)

    def create(self, *args: Any, **kwargs: Any) -> Row:
        """A new row. Its SQL was made before, unlike that of a plain manager."""
        row = self.model(*args, **kwargs)
        insert(row)
        return row


@dataclass(frozen=True, slots=True)
class AppendOnly:
    """Rows that the database itself keeps from being changed or deleted (walls.py, safety.md AU-7)."""

    filled_once: tuple[str, ...] = ()  # columns that may be written as long as the column `by` is empty
    by: str = ""
    kept_months: int | None = None  # deleted no sooner by their column `at`; None: never


class TenantOwned(models.Model):
    """A row that belongs to one merchant. Related rows are read through the same manager."""

    APPEND_ONLY: ClassVar[AppendOnly | None] = None

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[OwnedManager[Self]] = OwnedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
