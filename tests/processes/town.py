"""A town: one data folder, one database, a mail server, and as many of the product's processes as a story needs.

The settings are the product's own, also about durability. Every process writes a log, which is shown when a test
fails. Time is moved for all of them at once, by the file that PAYGATE_CLOCK_OFFSET names (safety.md TE-3).
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.mail.post import Post, free_port
from tests.postgres import LIMITED, Cluster
from tests.processes.gate import Gate
from tests.processes.steward import Steward
from tests.processes.wire import WebBuyer

CHECKOUT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
LEASE_SECONDS = 200  # longer than anything belongs to a process that no longer lives


def paygate(*arguments: str) -> list[str]:
    """A command of the command line."""
    return [sys.executable, "-m", "paygate.operations", *arguments]


@dataclass
class Running:
    """One process of the product with everything it started."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path
    port: int = 0

    own: set[int] = field(default_factory=set)  # the processes of ours below it, once it is ready

    def is_alive(self) -> bool:
        """Does it run, and all that it needs?"""
        return self.process.poll() is None and not any(_is_dead(pid) for pid in self.own)

    def kill(self) -> None:
        """kill -9, the whole of it."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, as an operator does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def is_ready(self) -> bool:
        """Does it answer? Raises where it died instead."""
        assert self.process.poll() is None, (
            f"{self.name} ended with {self.process.returncode}:\n{self.log.read_text()}"
        )
        answers = _read(f"http://127.0.0.1:{self.port}/health/ready") is not None
        if answers:
            self.own = _children(self.process.pid)
        return answers

    def until_killed(self) -> None:
        """Wait until it has killed itself at its checkpoint, and end what is left of it. Raises if it never does."""
        wait_for(lambda: not self.is_alive(), f"the end of {self.name}")
        if not self.own:
            assert self.process.returncode == -signal.SIGKILL, self.log.read_text()
        self.kill()


def _children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def _is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):  # gone before it was looked at, or while
        return True


@dataclass
class Town:
    """Where a story takes place."""

    data: Path
    post: Post
    cluster: Cluster | None = None  # PostgreSQL; without one the database is a SQLite file in the data folder
    processes: list[Running] = field(default_factory=list)
    kept: dict[str, list[Running]] = field(default_factory=lambda: {"web": [], "worker": []})
    passed: int = 1  # seconds that were skipped; never none, so that the workers follow the shifted clock
    started: int = 0

    def __post_init__(self) -> None:
        (self.data / "logs").mkdir(parents=True)
        self.set_clock()
        self.gate = Gate(lambda: [running.port for running in self.processes if running.port])
        self.acquirer = f"http://127.0.0.1:{free_port()}"
        self.run("migrate")
        self.simulator = self._start_simulator()
        self.steward = self._start_steward()

    def environment(self, **more: str) -> dict[str, str]:
        """What every process here is told."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PAYGATE_", "DATABASE_URL", "EMAIL_URL", "DJANGO_", "PYTHONDONTWRITE"))
        }
        return kept | {
            "PAYGATE_DATA": str(self.data / "data"),
            "PAYGATE_PUBLIC_URL": self.gate.url,
            "PAYGATE_SIMULATOR_URL": self.acquirer,
            "PAYGATE_CLOCK_OFFSET": f"@{self.data / 'offset'}",
            "DATABASE_URL": self.cluster.url if self.cluster else "",
            "PAYGATE_DATABASE_ROLES": LIMITED,
            "EMAIL_URL": self.post.url,
            # Where nothing was compiled beside the code, a hundred starts need not compile it a hundred times.
            "PYTHONPYCACHEPREFIX": str(self.data.parent / "compiled"),
        } | more  # fmt: skip

    # Processes.

    def web(self, *, crash_at: str = "") -> Running:
        """A web server of its own, as `paygate web` starts it; `until_ready` before anybody goes there."""
        port = free_port()
        command = self.steward.ask("web_command")
        command[command.index("--port") + 1] = str(port)
        command[command.index("--workers") + 1] = "1"  # one process of ours behind each port
        return self.start("web", command, port=port, crash_at=crash_at)

    def worker(self, *, crash_at: str = "") -> Running:
        """A job process."""
        return self.start("worker", paygate("worker"), crash_at=crash_at)

    def keep(self, *, webs: int, workers: int) -> list[int]:
        """Let exactly so many healthy processes run from now on, and no other. The ports of the web servers."""
        kept = [*self.kept["web"][:webs], *self.kept["worker"][:workers]]
        for running in self.processes:
            if running not in kept:
                running.kill()
        self.processes = [running for running in kept if running.is_alive()]
        for name, wanted, begin in (("web", webs, self.web), ("worker", workers, self.worker)):
            alive = [running for running in self.kept[name] if running in self.processes]
            self.kept[name] = alive + [begin() for _ in range(wanted - len(alive))]
        self.until_ready(*self.kept["web"])
        return [web.port for web in self.kept["web"]]

    def start(self, name: str, command: list[str], *, port: int = 0, crash_at: str = "") -> Running:
        """Any command, in a process group of its own that ends with this process."""
        self.started += 1
        log = self.data / "logs" / f"{self.started:04}-{name}.log"
        guard = shutil.which("setpriv")
        with log.open("ab") as file:
            process = subprocess.Popen(
                [guard, "--pdeathsig", "KILL", *command] if guard else command,
                env=self.environment(PORT=str(port or 8000), PAYGATE_CRASH_AT=crash_at, **self._rights(name)),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd=CHECKOUT,
                start_new_session=True,
            )
        running = Running(f"{name} {self.started}", process, log, port)
        self.processes.append(running)
        return running

    def _rights(self, name: str) -> dict[str, str]:
        """Web and jobs own nothing in the database, as in production (safety.md SE-4)."""
        is_limited = self.cluster is not None and name in ("web", "worker")
        return {"DATABASE_URL": self.cluster.limited_url} if self.cluster and is_limited else {}

    def run(self, *arguments: str, crash_at: str = "") -> int:
        """A command that ends by itself; it ends well unless it was told to crash. Its exit code."""
        running = self.start(arguments[0], paygate(*arguments), crash_at=crash_at)
        code = running.process.wait(timeout=120)
        assert code == 0 or crash_at, running.log.read_text()
        return code

    def until_ready(self, *webs: Running) -> None:
        """Wait for web servers to answer."""
        wait_for(lambda: all(web.is_ready() for web in webs), "the web servers", seconds=START_SECONDS)

    def kill_all(self) -> None:
        """kill -9 of whatever still runs."""
        for running in self.processes:
            running.kill()

    def close(self) -> None:
        """Nothing of the town is left running."""
        self.kill_all()
        self.simulator.kill()
        self.gate.close()
        assert self.steward.process.stdin is not None
        self.steward.process.stdin.close()
        self.steward.process.wait(timeout=20)

    def _start_simulator(self) -> Running:
        """Acquirer, bank and 3-D Secure, with a book of their own. Nothing that happens to the others touches them."""
        port = self.acquirer.rpartition(":")[2]
        book = str(self.data / "acquirer.sqlite3")
        running = self.start("simulator", paygate("simulator", "--port", port, "--ledger", book))
        self.processes.remove(running)
        wait_for(lambda: _read(f"{self.acquirer}/simulator/ledger") is not None, "the simulator")
        return running

    def _start_steward(self) -> Steward:
        log = (self.data / "logs" / "steward.log").open("a")
        return Steward(
            subprocess.Popen(
                [sys.executable, "-m", "tests.processes.steward"],
                env=self.environment(DJANGO_SETTINGS_MODULE="paygate.project.settings"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=CHECKOUT,
                start_new_session=True,
            )
        )

    # Time.

    def set_clock(self) -> None:
        part = self.data / "offset.part"
        part.write_text(str(self.passed))
        part.replace(self.data / "offset")

    def let_pass(self, seconds: int) -> None:
        """Time passes for everybody, and brings what every minute brings."""
        self.passed += seconds
        self.set_clock()
        self.steward.ask("minute")

    def bury(self) -> None:
        """After a worker's death: as much time passes as the others need to see that it is dead."""
        self.steward.ask("bury")
        self.let_pass(LEASE_SECONDS)

    def until_idle(self) -> None:
        """Wait until no job is due and none runs."""
        wait_for(lambda: not self.steward.ask("busy"), "the jobs")

    def until(self, is_so: Callable[[], bool], what: str, *, left: Sequence[str] = ()) -> None:
        """Let minutes pass, and the workers do what is due, until something is so."""
        for _ in range(40):
            self.until_idle()
            if is_so():
                return
            self.let_pass(60)
        raise AssertionError(f"it never came to this: {what}. {list(left)}")

    # What the processes said.

    def told(self) -> dict[str, list[str]]:
        """What each process wrote in this story, but for what is usual."""
        logs = sorted((self.data / "logs").glob("*.log"))
        lines = {log.stem: log.read_text(errors="replace").splitlines() for log in logs}
        return {name: unusual for name, all_lines in lines.items() if (unusual := _unusual(all_lines))}

    def forget(self) -> None:
        """The story is over: its logs are not looked at again."""
        for log in (self.data / "logs").glob("*.log"):
            os.truncate(log, 0)

    # Both sides.

    def buyer(self, port: int) -> WebBuyer:
        """A browser that knows the town by its public address and is served by this process."""
        return WebBuyer(self.gate.url, port)

    def book_of_acquirer(self, terminal: str) -> list[dict[str, Any]]:
        """What the pretend acquirer did at this terminal, oldest first."""
        book = _read(f"{self.acquirer}/simulator/ledger") or []
        return [row for row in book if row["terminal"] == terminal]

    def let_go_wrong(self, op: str, mode: str, *, terminal: str) -> None:
        """The next such message at this terminal meets with trouble."""
        fault = {"target": "acquirer", "op": op, "mode": mode, "match": {"terminal": terminal}}
        assert _read(f"{self.acquirer}/simulator/faults", json.dumps(fault).encode()) is not None

    def story(self, link: dict[str, Any]) -> dict[str, Any]:
        """What our books say of a link."""
        story: dict[str, Any] = self.steward.ask("story", link=link["id"])
        return story


def _read(url: str, body: bytes | None = None) -> Any:
    """What an address answers, from JSON; None where nobody answers."""
    try:
        with urllib.request.urlopen(url, body, timeout=30) as answer:
            return json.load(answer)
    except (urllib.error.URLError, OSError):
        return None


def _unusual(lines: list[str]) -> list[str]:
    return [line for line in lines if '"level": "info"' not in line]


def wait_for(happens: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    """Wait for other processes to get there."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, f"{what}: not in {seconds} s"
        time.sleep(0.05)
