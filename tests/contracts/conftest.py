"""Every connector and every 3-D Secure server, by every way there is to their pretended other sides."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from paygate.acquiring.connector import Connector
from paygate.acquiring.registry import KINDS
from paygate.acquiring.simulator import ledger
from paygate.threeds.simulator import store
from tests.simulator_process import SimulatorProcess, simulator_process


@pytest.fixture(scope="session")
def its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    """One simulator of its own for all tests of this process."""
    with simulator_process(tmp_path_factory.mktemp("simulator") / "ledger.sqlite3") as running:
        yield running


@pytest.fixture(params=["here", "over HTTP"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the simulator is reached. The tests plan faults and read its ledger in its file."""
    if request.param == "over HTTP":
        its_own: SimulatorProcess = request.getfixturevalue("its_own")
        monkeypatch.setattr(settings, "PAYGATE_SIMULATOR_URL", its_own.url)
        monkeypatch.setattr(settings, "PAYGATE_SIMULATOR_LEDGER", its_own.ledger)
        ledger.reset()
        store.reset()
    return str(request.param)


@pytest.fixture(params=[name for name, kind in KINDS.items() if not kind.live])
def connector(request: pytest.FixtureRequest, way: str) -> Connector:
    return KINDS[request.param].make()
