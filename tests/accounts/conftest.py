"""What the stories of signing in share."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nobody_was_here_before():
    """The sign-in library counts requests in the cache."""
    cache.clear()
