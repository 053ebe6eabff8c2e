"""Towns for the stories of this room, and what was said in them when a story fails."""

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack

import pytest

from tests.mail.post import open_post
from tests.postgres import DURABLE, start_cluster
from tests.processes.town import Town

LAST_LINES = 40  # of each log, where a story failed
DATABASES = ("sqlite", "postgresql")
TOLD = pytest.StashKey[list[str]]()
HERE = pytest.StashKey[Town]()

logging.getLogger("mail.log").setLevel(logging.WARNING)  # the letters themselves are looked at


@pytest.fixture(scope="session")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Town]]:
    """The town on each database, built when the first story takes place there."""
    built: dict[str, Town] = {}
    with ExitStack() as at_the_end:

        def town_on(database: str) -> Town:
            if database not in built:
                post = at_the_end.enter_context(open_post())
                cluster = start_cluster(DURABLE) if database == "postgresql" else None
                if cluster:
                    at_the_end.callback(cluster.close)
                built[database] = Town(tmp_path_factory.mktemp(database), post, cluster)
                at_the_end.callback(built[database].close)
            return built[database]

        yield town_on


@pytest.fixture(params=DATABASES)
def town(request: pytest.FixtureRequest, towns: Callable[[str], Town]) -> Iterator[Town]:
    """One town for all stories on one database; each story has merchants of its own."""
    town = towns(request.param)
    request.node.stash[HERE] = town
    yield town
    town.forget()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> list[str]:
    """Lines to be read at the end of the run: figures that are stated, not only kept below a bound."""
    return request.config.stash.setdefault(TOLD, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(TOLD, []):
        terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and HERE in item.stash:
        for name, lines in item.stash[HERE].told().items():
            report.sections.append((f"log of {name}", "\n".join(lines[-LAST_LINES:])))
    return report
