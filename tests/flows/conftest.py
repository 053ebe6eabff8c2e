"""After every story the books hold together, here and at the acquirer (safety.md 23)."""

from collections.abc import Iterator

import pytest

from tests.invariants import assert_invariants_hold


@pytest.fixture(autouse=True)
def invariants_hold(request: pytest.FixtureRequest, db: None, own_folders: None) -> Iterator[None]:
    """Whatever was told, and however it ended. A story that breaks some on purpose names them: `breaks("INV-14")`."""
    yield
    named = request.node.get_closest_marker("breaks")
    assert_invariants_hold(but=named.args if named else ())
