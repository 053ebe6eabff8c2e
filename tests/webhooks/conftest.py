"""A merchant with calls to make, and a server of the merchant that takes them."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.db import transaction

from paygate.clock import now
from paygate.webhooks.models import Delivery
from paygate.webhooks.outbox import call
from tests.webhooks.shop import Shop, open_shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


@pytest.fixture
def tell(merchant) -> Callable[..., Delivery]:
    """Have an address called, as a use case does."""

    def tell(url: str, at: datetime | None = None) -> Delivery:
        with transaction.atomic():
            return call("test", url, about="entry:7", merchant_id=merchant.pk, now=at or now())

    return tell


@pytest.fixture
def fresh() -> Callable[[Delivery], Delivery]:
    """The row as it is now."""
    return lambda delivery: Delivery.objects.get(pk=delivery.pk)
