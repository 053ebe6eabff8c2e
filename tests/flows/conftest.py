"""After every story the books hold together, here and at the acquirer (safety.md 23)."""

from collections.abc import Iterator

import pytest

from tests.invariants import assert_invariants_hold


@pytest.fixture(autouse=True)
def invariants_hold(db: None, own_folders: None) -> Iterator[None]:
    """Whatever was told, and however it ended."""
    yield
    assert_invariants_hold()
