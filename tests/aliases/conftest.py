"""Two merchants, a card, and other master keys."""

import base64
from datetime import UTC, datetime

import pytest

from paygate.cards.number import Card, CardNumber, Expiry, SecurityCode
from paygate.tenants.models import Merchant

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
NUMBER = "9010003150000001"


@pytest.fixture
def neighbour(merchant) -> Merchant:
    return Merchant.objects.create(customer_id="100002", name="Hotel Seeblick", created_at=NOW)


@pytest.fixture
def card() -> Card:
    return Card(CardNumber.parse(NUMBER), Expiry(2028, 11), SecurityCode("917"), "Anna Muster")


@pytest.fixture
def master_keys(settings):
    """Set the master keys of the installation: each letter is a key of its own."""

    def put(**letters: str) -> None:
        settings.PAYGATE_VAULT_KEYS = {
            name: base64.b64encode(letter.encode() * 32).decode() for name, letter in letters.items()
        }

    put(k1="a")
    return put
