"""The few fixtures everybody needs."""

from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Each process has a database of its own."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """The database of the run, with the walls between merchants in place."""
    from paygate.tenants.context import across_tenants
    from paygate.tenants.walls import raise_walls

    with django_db_blocker.unblock(), across_tenants():  # type: ignore[attr-defined]  # pytest-django's own type
        raise_walls()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has its own mail folder and its own pretend acquirer."""
    monkeypatch.setattr(settings, "PAYGATE_DATA", tmp_path)
    monkeypatch.setattr(settings, "PAYGATE_SIMULATOR_LEDGER", str(tmp_path / "simulator-ledger.sqlite3"))
