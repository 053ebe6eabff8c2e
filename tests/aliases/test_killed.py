"""`paygate rotate-vault-key` is killed in the middle, by the system, and called again (safety.md CD-6)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.on_sqlite

PAYGATE = [sys.executable, "-m", "paygate.operations"]
CARDS = 1200  # more than two words of progress

MAKE = f"""
import django
django.setup()
from datetime import timedelta
from django.db import transaction
from paygate import clock
from paygate.aliases import vault
from paygate.cards.number import Card, CardNumber, Expiry
from paygate.tenants.context import within
from paygate.tenants.models import Merchant
now = clock.now()
merchant = Merchant.objects.create(customer_id="100001", name="Hotel Alpenblick", created_at=now)
card = Card(CardNumber.parse("9010003150000001"), Expiry(2034, 12), holder="Anna Muster")
with within(merchant.pk), transaction.atomic():
    for number in range({CARDS}):
        place, ends = f"alias {{number}}", now + timedelta(days=9)
        vault.keep(card, merchant_id=merchant.pk, place=place, expires_at=ends, now=now)
"""

JUDGE = """
import django
django.setup()
from paygate.aliases.models import VaultEntry, VaultKey
from paygate.aliases.vault import opens
from paygate.tenants.context import across_tenants
with across_tenants():
    rows = list(VaultEntry.objects.select_related("key"))
print(sum(opens(row, merchant_id=row.merchant_id, place=row.place) for row in rows))
print(sum(row.key.active for row in rows), VaultKey.objects.filter(destroyed_at=None).count())
"""


def test_a_rotation_that_is_killed_loses_no_card_and_ends_when_called_again(tmp_path: Path) -> None:
    env = os.environ | {"PAYGATE_DATA": str(tmp_path), "DATABASE_URL": ""}
    env |= {"DJANGO_SETTINGS_MODULE": "paygate.project.settings", "PYTHONPATH": os.getcwd()}

    def said(*command: str) -> list[str]:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=100, check=True)
        return done.stdout.split()

    said(*PAYGATE, "migrate")
    said(sys.executable, "-c", MAKE)

    with subprocess.Popen(
        [*PAYGATE, "rotate-vault-key"], env=env, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == f"500 of {CARDS} cards\n"
        running.kill()
    opened, new, keys = (int(number) for number in said(sys.executable, "-c", JUDGE))
    assert opened == CARDS
    assert 500 <= new < CARDS
    assert keys == 2

    assert "Done:" in said(*PAYGATE, "rotate-vault-key")
    assert said(sys.executable, "-c", JUDGE) == [str(CARDS), str(CARDS), "1"]
