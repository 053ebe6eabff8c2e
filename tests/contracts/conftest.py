"""Every connector and every 3-D Secure server, by every way there is to their pretended other sides."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import settings

from paygate.acquiring.connector import Connector
from paygate.acquiring.registry import KINDS
from paygate.acquiring.simulator import ledger
from paygate.threeds.registry import SERVERS
from paygate.threeds.server import ThreeDSServer
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


@pytest.fixture(params=sorted(SERVERS))
def server(request: pytest.FixtureRequest, way: str) -> ThreeDSServer:
    return SERVERS[request.param]


@dataclass
class Listener:
    """Where results are sent to, server to server, and what came."""

    url: str = ""
    received: list[bytes] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A server that takes whatever is posted."""
    heard = Listener()

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Ear) as ear:
        heard.url = f"http://127.0.0.1:{ear.server_address[1]}/3ds/result"
        thread = threading.Thread(target=ear.serve_forever)
        thread.start()
        yield heard
        ear.shutdown()
        thread.join()
