"""The stage that the stories of this room are told on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paygate.merchants.models import Terminal
from paygate.tenants.context import within
from tests.cast import a_terminal
from tests.make.desks import CARDS, WALLETS, desk
from tests.seeds.story import Theatre
from tests.seeds.world import stage


@pytest.fixture
def theatre(transactional_db: None, own_folders: None, tmp_path: Path) -> Iterator[Theatre]:
    """A hotel with two terminals, before anything has happened."""
    with stage(tmp_path) as place:
        reception = desk().terminal
        with within(reception.merchant_id):
            takes: dict[str, Any] = dict.fromkeys((*CARDS, *WALLETS), ("CHF",))
            bar = a_terminal(reception.merchant, "17000012", **takes)
            Terminal.objects.filter(pk=bar.pk).update(cancel_without_shift=True)
        place.keep()
        yield Theatre(place, (reception, bar))
