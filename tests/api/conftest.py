"""Programs of two merchants; after each test the books hold together."""

import pytest

from paygate.merchants.models import Terminal
from tests.api.program import Program, program_of
from tests.cast import Person


@pytest.fixture
def shop(alpenblick: Terminal) -> Program:
    """Hotel Alpenblick's program."""
    return program_of(alpenblick.merchant)


@pytest.fixture
def stranger(carla: Person) -> Program:
    """Another merchant's program."""
    return program_of(carla.merchant)
