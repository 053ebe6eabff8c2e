"""Towns for the stories of this room, and what was said in them when a story fails."""

import logging
from collections.abc import Iterator

import pytest

from tests.mail.post import open_post
from tests.postgres import DURABLE, Cluster, start_cluster
from tests.processes.town import Town

LAST_LINES = 40  # of each log, where a story failed
USUAL = '"level": "info"'
TOLD = pytest.StashKey[list[str]]()

_towns: list[Town] = []

logging.getLogger("mail.log").setLevel(logging.WARNING)  # the letters themselves are looked at


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server with full durability."""
    cluster = start_cluster(DURABLE)
    yield cluster
    cluster.close()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One town for all stories on one database; each story has merchants of its own."""
    url = request.getfixturevalue("cluster").url if request.param == "postgresql" else ""
    with open_post() as post:
        town = Town(tmp_path_factory.mktemp(request.param), url, post)
        _towns.append(town)
        yield town
        town.close()
        _towns.remove(town)


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> "list[str]":
    """Lines to be read at the end of the run: figures that are stated, not only kept below a bound."""
    return request.config.stash.setdefault(TOLD, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(TOLD, []):
        terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> "Iterator[None]":
    report = yield
    if report.failed:  # type: ignore[attr-defined]  # what comes back is the report
        for town in _towns:
            for log in sorted((town.data / "logs").glob("*.log"))[-6:]:
                lines = [line for line in log.read_text(errors="replace").splitlines() if USUAL not in line]
                shown = "\n".join(lines[-LAST_LINES:])
                report.sections.append((f"{town.data.name} {log.name}", shown))  # type: ignore[attr-defined]
    return report
