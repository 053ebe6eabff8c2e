"""A merchant with a terminal."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from paygate.acquiring.models import Contract
from paygate.merchants.models import Terminal
from paygate.tenants.context import within
from paygate.tenants.models import Merchant


@pytest.fixture
def terminal(db: None) -> Iterator[Terminal]:
    """The terminal of a test merchant, whose rows are in view."""
    merchant = Merchant.objects.create(
        customer_id="245294", name="Hotel Alpenblick", created_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    with within(merchant.pk):
        yield Terminal.objects.create(merchant_id=merchant.pk, number="17795278", kind="SPG")


def sign(terminal: Terminal, method: str, *currencies: str, active: bool = True) -> Contract:
    """A contract of this terminal with the simulator."""
    contract: Contract = Contract.objects.create(
        merchant_id=terminal.merchant_id,
        terminal=terminal,
        method=method,
        currencies=list(currencies),
        connector="simulator",
        acquirer_merchant_id="MID-1",
        active=active,
    )
    return contract
