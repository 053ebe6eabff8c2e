"""Which tests run which lines of a file, and what they say to each of its mutants; one process for each verdict."""

import contextlib
import importlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Final, cast

import pytest

from tests.mutants.mutate import Mutant
from tests.mutants.plan import Judged

QUIET: Final = (
    "-q",
    "-x",
    "-p",
    "no:randomly",
    "-p",
    "no:cacheprovider",
    "--reuse-db",
    "--timeout=60",  # seconds of one test: a mutant that waits for ever fails it
    "-o",
    "timeout_func_only=true",  # the first one also makes the database, which is no mutant's fault
    "--tb=no",
    "--no-header",
)
PASSED, FAILED, HUNG = 0, 1, -1  # pytest's exit codes; any other one (2 to 5) is no verdict
KILLED: Final = {FAILED, HUNG}
AGAIN: Final = 99  # only a new import shows what this mutant does


class Judge:
    """Runs a file's tests once, traced, and then, while pytest still holds them, in a copy of itself for each mutant.

    A plugin of pytest: what it has collected and set up for the first run is there for every mutant.
    """

    def __init__(
        self, judged: Judged, root: Path, mutants: Sequence[Mutant], say: Callable[[Mutant, int], object]
    ) -> None:
        self.judged, self.root, self.mutants, self.say = judged, root, mutants, say
        self.file = root / judged.file
        self.before = self.file.read_text()
        self.tests_of: dict[int, set[str]] = defaultdict(set)  # by the line they run
        self.seconds: dict[str, float] = {}
        self.noticed_at: dict[str, int] = {}  # of each test that noticed a mutant: of which verdict
        self.failed = ""  # the test that did, in this process

    def judge(self) -> None:
        """Say a verdict about each mutant. Raises SystemExit when the tests do not pass as they are."""
        with _silence():
            code = pytest.main([*QUIET, *self.judged.tests], plugins=[self])
        if code != PASSED:
            raise SystemExit(
                f"The tests of {self.judged.file} do not pass as they are: {self.failed or code!r}"
            )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = report.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            return False  # they could not be collected
        from tests.mutants.place import forget  # what belongs to the house is imported by its tests

        self.items = {item.nodeid: item for item in session.items}
        # What is set up once stays so: the session, not nothing, comes after the last test.
        self.afterwards = cast("pytest.Item", session)
        self.module = importlib.import_module(self.judged.file.removesuffix(".py").replace("/", "."))
        for item in session.items:
            forget(self.module)
            self._run_traced(item)
            if self.failed:
                return True
        self.limit = 30 + 10 * sum(self.seconds.values())
        self._keep_database()
        for number, mutant in enumerate(self.mutants):
            self.say(mutant, self._verdict(number, mutant))
        return True

    def _run_traced(self, item: pytest.Item) -> None:
        """Note which lines a test runs, and how long it takes."""
        file = str(self.file)

        def line(frame: FrameType, event: str, arg: object) -> Any:
            self.tests_of[frame.f_lineno].add(item.nodeid)
            return line

        def call(frame: FrameType, event: str, arg: object) -> Any:
            return line if frame.f_code.co_filename == file else None

        begun = time.monotonic()
        threading.settrace(call)
        sys.settrace(call)
        item.ihook.pytest_runtest_protocol(item=item, nextitem=self.afterwards)
        sys.settrace(None)
        threading.settrace(None)
        self.seconds[item.nodeid] = time.monotonic() - begun

    def _judges(self, mutant: Mutant) -> list[str]:
        """The tests that run the changed lines; all of them for what runs at import.

        Those that noticed another mutant come first, the latest of them before the others, and then the quickest;
        those that empty the database at the end of all, as pytest has them.
        """
        lines = range(mutant.first, mutant.last + 1)
        tests = (
            set().union(*(self.tests_of.get(line, ()) for line in lines))
            if mutant.first
            else set(self.seconds)
        )
        return sorted(
            tests,
            key=lambda test: (
                _empties_database(self.items[test]),
                -self.noticed_at.get(test, 0),
                self.seconds[test],
                test,
            ),
        )

    def _verdict(self, number: int, mutant: Mutant) -> int:
        """PASSED, FAILED, HUNG, or an exit code that is no verdict. Without a test that runs it, it passes."""
        tests = self._judges(mutant)
        if not tests:
            return PASSED
        self._bring_database_back()
        self.noticed.unlink(missing_ok=True)
        code = _in_a_copy(lambda: self._run(mutant, tests), self.limit)
        if self.noticed.exists():
            self.noticed_at[self.noticed.read_text()] = number + 1
        return self._imported_anew(mutant, tests) if code == AGAIN else code

    def _run(self, mutant: Mutant, tests: Sequence[str]) -> int:
        from tests.mutants.place import put

        try:
            if not put(self.module, self.before, mutant.source):
                return AGAIN
        except Exception:
            return AGAIN  # what cannot be imported shows it there
        for test, following in zip(tests, [*tests[1:], ""], strict=True):
            item = self.items[test]
            item.ihook.pytest_runtest_protocol(item=item, nextitem=self.items.get(following, self.afterwards))
            if self.failed:
                self.noticed.write_text(test)
                return FAILED
        return PASSED

    def _imported_anew(self, mutant: Mutant, tests: Sequence[str]) -> int:
        """The slow way: a copy of the checkout with the changed file, and a Python that imports it from the start."""
        with tempfile.TemporaryDirectory(prefix="paygate-mutant-") as folder:
            for name in ("paygate", "tests", "docs", "pyproject.toml"):
                if (self.root / name).is_dir():
                    shutil.copytree(self.root / name, Path(folder, name))
                else:
                    shutil.copy(self.root / name, folder)
            Path(folder, self.file.relative_to(self.root)).write_text(mutant.source)
            files = dict.fromkeys(test.split("::")[0] for test in tests)  # a test's own name may have changed
            command = [sys.executable, "-m", "pytest", *QUIET, *files]
            try:
                ended = subprocess.run(command, cwd=folder, capture_output=True, timeout=self.limit)
            except subprocess.TimeoutExpired:
                return HUNG
        return ended.returncode

    def _keep_database(self) -> None:
        from django.db import connection, connections

        connections.close_all()
        self.database = Path(connection.creation.test_db_signature()[1])
        self.kept, self.noticed = self.database.with_suffix(".kept"), self.database.with_suffix(".noticed")
        if self.database.exists():
            with sqlite3.connect(self.database) as now, sqlite3.connect(self.kept) as kept:
                now.backup(kept)

    def _bring_database_back(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.database}{suffix}").unlink(missing_ok=True)
        if self.kept.exists():
            shutil.copy(self.kept, self.database)


def _empties_database(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    fixtures = getattr(item, "fixturenames", ())
    return "transactional_db" in fixtures or bool(marker and marker.kwargs.get("transaction"))


def _in_a_copy(run: Callable[[], int], limit: float) -> int:
    """The answer of `run` in a fork of this process; HUNG when it takes longer than `limit` seconds."""
    child = os.fork()
    if child == 0:
        code = 98
        try:
            os.setpgid(0, 0)
            code = run()
        finally:
            os._exit(code)
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 97
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return HUNG


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Nothing of what the tests print."""
    sys.stdout.flush()
    kept = os.dup(1), os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        for one in (*kept, nothing):
            os.close(one)
