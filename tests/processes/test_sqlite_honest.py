"""What SQLite really gives: web and jobs on one file, two payments a second, and nobody reads of a locked database."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.flows.buyer import MASTERCARD
from tests.processes.extent import STEADY_SECONDS
from tests.processes.judge import assert_all_ends_well
from tests.processes.town import Town
from tests.processes.wire import WebBuyer

EVERY_SECONDS = 0.5


@pytest.mark.timeout(120 + 4 * STEADY_SECONDS)
@pytest.mark.parametrize("town", ["sqlite"], indirect=True)
def test_two_payments_a_second_and_no_page_knows_of_a_locked_database(town, tell):
    port = town.keep(webs=1, workers=1)[0]
    links = town.steward.ask("links", number=int(STEADY_SECONDS / EVERY_SECONDS), booking="AUTOMATIC")

    with ThreadPoolExecutor(40) as payers:
        begun = time.monotonic()
        coming = []
        for at, link in enumerate(links):
            time.sleep(max(0, begun + at * EVERY_SECONDS - time.monotonic()))
            coming.append(payers.submit(paid, town, port, link))
        buyers = [payer.result() for payer in coming]

    assert {buyer.step for buyer in buyers} == {"paid"}
    assert {page.status for buyer in buyers for page in buyer.pages} == {200}
    assert not [line for lines in town.told().values() for line in lines if "locked" in line]
    assert_all_ends_well(town)
    waited = sorted(seconds for buyer in buyers for seconds in buyer.window.waited)
    tell.append(
        f"SQLite, two payments a second for {STEADY_SECONDS} s: {len(buyers)} paid, {len(waited)} requests, "
        f"p50 {at_share(waited, 0.5)} ms, p99 {at_share(waited, 0.99)} ms, longest {at_share(waited, 1)} ms"
    )


def paid(town: Town, port: int, link: dict[str, Any]) -> WebBuyer:
    carla = town.buyer(port)
    carla.open(link["path"])
    carla.pay_by_card(MASTERCARD)
    return carla


def at_share(waited: list[float], share: float) -> int:
    """How long so many of them waited at most, in milliseconds."""
    return round(1000 * waited[min(len(waited) - 1, int(share * len(waited)))])
