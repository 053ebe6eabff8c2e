"""Who the stories about 3-D Secure are told of."""

import pytest

from paygate.tenants.context import within
from paygate.threeds.asking import ChallengeNeeded
from tests.threeds.builders import CHALLENGE, ask, authentication, terminal


@pytest.fixture
def desk(db):
    made = terminal()
    with within(made.merchant_id):
        yield made


@pytest.fixture
def challenged(desk):
    """A payer stands before the bank's page."""
    auth = authentication(CHALLENGE, at=desk)
    outcome = ask(auth, CHALLENGE)
    assert isinstance(outcome, ChallengeNeeded)
    return auth
