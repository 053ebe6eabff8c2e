"""From a customer number, as it stands in links, to the merchant (safety.md LN-2)."""

from paygate.tenants.models import Merchant

_known: dict[str, int] = {}


def merchant_id_of(customer_id: str) -> int | None:
    """The merchant with this number, or None. A number never changes hands, so each process asks for it once.

    What may change, such as name and zone, is read with the row that is looked for.
    """
    known = _known.get(customer_id)
    if known is None:
        known = Merchant.objects.filter(customer_id=customer_id).values_list("pk", flat=True).first()
        if known is not None:
            _known[customer_id] = known
    return known


def forget() -> None:
    """Ask again: for tests, which begin with an empty database each."""
    _known.clear()
