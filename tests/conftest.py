"""The few fixtures everybody needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from paygate.designs import choose as designs
from paygate.paypage import way_back
from paygate.tenants.numbers import forget
from tests.jobs.queue import lose_all_jobs

pytest_plugins = ["tests.cast"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what the database of this run does not have."""
    elsewhere = "on_sqlite" if settings.ON_POSTGRESQL else "on_postgresql"
    items[:] = [item for item in items if item.get_closest_marker(elsewhere) is None]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Each process has a database of its own."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The database of the run, with the walls between merchants in place."""
    from paygate.tenants.context import across_tenants
    from tests.walls import raise_most_walls

    with django_db_blocker.unblock(), across_tenants():
        raise_most_walls()


@pytest.fixture(autouse=True)
def in_english() -> None:
    """A page that another test read in German leaves its thread in German."""
    translation.activate("en")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has its own mail folder and its own pretend acquirer."""
    forget()
    designs.forget()
    way_back.forget()
    monkeypatch.setattr(settings, "PAYGATE_DATA", tmp_path)
    monkeypatch.setattr(settings, "PAYGATE_SIMULATOR_LEDGER", str(tmp_path / "simulator-ledger.sqlite3"))


@pytest.fixture(autouse=True)
def empty_queue(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Jobs of a test that committed them do not run in the next one: Django's flush leaves the engine's tables."""
    yield
    if "transactional_db" in request.fixturenames or _is_transactional(request):
        with django_db_blocker.unblock():
            lose_all_jobs()


def _is_transactional(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))
