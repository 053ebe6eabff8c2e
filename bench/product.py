"""The product under load: a durable PostgreSQL of its own, web and job processes as `paygate serve` starts them."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench import processes

CHECKOUT: Final = Path(__file__).resolve().parents[1]
START_SECONDS: Final = 60
# The pretend acquirer's ledger lies here: in memory, because what an acquirer's disk costs is not ours.
IN_MEMORY: Final = Path("/dev/shm") if Path("/dev/shm").is_dir() else None


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def own_environment(database_url: str) -> Iterator[Path]:
    """Environment and data folder of the product for as long as the block lasts; Django can be set up in it."""
    with tempfile.TemporaryDirectory(prefix="paygate-bench-", dir=IN_MEMORY) as folder:
        for name in [name for name in os.environ if name.startswith("PAYGATE_")]:
            del os.environ[name]
        port = free_port()
        os.environ.update(
            DJANGO_SETTINGS_MODULE="paygate.project.settings",
            DATABASE_URL=database_url,
            EMAIL_URL="",
            PORT=str(port),
            PAYGATE_DATA=folder,
            PAYGATE_PUBLIC_URL=f"http://localhost:{port}",
        )
        yield Path(folder)


class Server:
    """One process with its children, and what it has used."""

    def __init__(self, command: list[str], *, port: int = 0, **environment: str) -> None:
        self.port = port
        self.folder = tempfile.TemporaryDirectory(prefix="paygate-bench-log-")
        self.log = Path(self.folder.name) / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **environment},
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if port:
            self._wait_until_it_answers(port)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        processes.stop(self.process)
        self.folder.cleanup()

    @property
    def cpu_seconds(self) -> float:
        """Of all its processes so far."""
        return processes.cpu_seconds(self.process.pid)

    @property
    def rss_bytes(self) -> int:
        """Of all its processes now."""
        return processes.rss_bytes(processes.tree(self.process.pid))

    def _wait_until_it_answers(self, port: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=1):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-2000:]}")


def web(*, threads: int | None = None) -> Server:
    """The web server as `paygate web` starts it; with another number of threads, to compare."""
    command = web_command(threads=threads)
    return Server(command, port=int(os.environ["PORT"]))


def web_beside(database_url: str) -> Server:
    """The same web server on another database, for one client at a time."""
    port = free_port()
    command = web_command(threads=1)
    command[command.index("--port") + 1] = str(port)
    return Server(
        command, port=port, DATABASE_URL=database_url, PAYGATE_PUBLIC_URL=f"http://localhost:{port}"
    )


def web_command(*, threads: int | None = None) -> list[str]:
    """The product's own command line."""
    from paygate.operations.serve import web_command as as_served

    command = as_served("127.0.0.1")
    if threads is not None:
        command[command.index("--blocking-threads") + 1] = str(threads)
    return command


def constant_page(size: int) -> Server:
    """The same server with the same settings, sending a page of so many bytes whatever is asked."""
    port = free_port()
    command = web_command()
    command[command.index("--port") + 1] = str(port)
    command[-1] = "bench.constant:application"
    return Server(command, port=port, BENCH_PAGE_BYTES=str(size))


def worker() -> Server:
    """The job process."""
    return Server([sys.executable, "-m", "paygate.operations", "worker"])
