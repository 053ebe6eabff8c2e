"""After every story the books hold together, here and at the acquirer (safety.md 23)."""

from collections.abc import Callable, Iterator

import pytest

from paygate.jobs.interface import run_due
from paygate.jobs.sweep import sweep
from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence
from paygate.tenants.context import within
from tests.api.program import Program, program_of
from tests.flows.buyer import Buyer
from tests.invariants import assert_invariants_hold
from tests.make.desks import Desk, desk


@pytest.fixture(autouse=True)
def invariants_hold(request: pytest.FixtureRequest, db: None, own_folders: None) -> Iterator[None]:
    """Whatever was told, and however it ended. A story that breaks some on purpose names them: `breaks("INV-14")`."""
    yield
    named = request.node.get_closest_marker("breaks")
    assert_invariants_hold(but=named.args if named else ())


@pytest.fixture
def hotel() -> Iterator[Desk]:
    """A merchant with every feature, in view while the test runs."""
    hotel = desk()
    with within(hotel.merchant.pk):
        Licence.objects.create(merchant=hotel.merchant, features=[feature.value for feature in Feature])
        yield hotel


@pytest.fixture
def shop(hotel: Desk) -> Desk:
    """The same, where it is a shop with a program of its own."""
    return hotel


@pytest.fixture
def later(settings) -> Callable[[int], None]:
    """So many seconds after the beginning, the jobs that are due run."""

    def run(seconds: int) -> None:
        settings.PAYGATE_CLOCK_OFFSET = str(seconds)
        sweep()
        run_due()

    return run


@pytest.fixture
def program(hotel: Desk) -> Program:
    return program_of(hotel.merchant)


@pytest.fixture
def carla() -> Buyer:
    """A buyer with a browser of her own."""
    return Buyer()
