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
from typing import Any, Final

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
    "--tb=no",
    "--no-header",
)
PASSED, FAILED, HUNG = 0, 1, -1  # pytest's exit codes; any other one (2 to 5) is no verdict
KILLED: Final = {FAILED, HUNG}


class Traced:
    """Notes which test ran which lines of a file, and how long each test took."""

    def __init__(self, file: Path) -> None:
        self.file = str(file)
        self.tests_of: dict[int, set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        def line(frame: FrameType, event: str, arg: object) -> Any:
            self.tests_of[frame.f_lineno].add(item.nodeid)
            return line

        def call(frame: FrameType, event: str, arg: object) -> Any:
            return line if frame.f_code.co_filename == self.file else None

        begun = time.monotonic()
        threading.settrace(call)
        sys.settrace(call)
        yield
        sys.settrace(None)
        threading.settrace(None)
        self.seconds[item.nodeid] = time.monotonic() - begun

    def judges(self, mutant: Mutant) -> list[str]:
        """The tests that run the changed lines, the quickest first; all of them for what runs at import."""
        lines = range(mutant.first, mutant.last + 1)
        tests = (
            set().union(*(self.tests_of.get(line, ()) for line in lines))
            if mutant.first
            else set(self.seconds)
        )
        return sorted(tests, key=lambda test: (self.seconds[test], test))


class Judge:
    """Has run a file's tests once, and runs them again in a copy of itself for each mutant."""

    def __init__(self, judged: Judged, root: Path) -> None:
        self.file, self.root = root / judged.file, root
        self.before = self.file.read_text()
        self.traced = Traced(self.file)
        with _silence():
            code = pytest.main([*QUIET, *judged.tests], plugins=[self.traced])
        if code != PASSED:
            raise SystemExit(f"The tests of {judged.file} do not pass as they are (pytest says {int(code)}).")
        self.module = importlib.import_module(judged.file.removesuffix(".py").replace("/", "."))
        self.limit = 30 + 10 * sum(self.traced.seconds.values())
        self._keep_database()

    def verdict(self, mutant: Mutant) -> int:
        """pytest's exit code for this mutant, or HUNG. Without a test that runs it, it passes."""
        tests = self.traced.judges(mutant)
        if not tests:
            return PASSED
        self._bring_database_back()
        code = _in_a_copy(lambda: self._run(mutant, tests), self.limit)
        return self._imported_anew(mutant, tests) if code == AGAIN else code

    def _run(self, mutant: Mutant, tests: Sequence[str]) -> int:
        from tests.mutants.place import put

        try:
            if not put(self.module, self.before, mutant.source):
                return AGAIN
        except Exception:
            return AGAIN  # what cannot be imported shows it there
        return int(pytest.main([*QUIET, *tests]))

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
        self.kept = self.database.with_suffix(".kept")
        if self.database.exists():
            with sqlite3.connect(self.database) as now, sqlite3.connect(self.kept) as kept:
                now.backup(kept)

    def _bring_database_back(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.database}{suffix}").unlink(missing_ok=True)
        if self.kept.exists():
            shutil.copy(self.kept, self.database)


AGAIN: Final = 99  # only a new import shows what this mutant does


def _in_a_copy(run: Callable[[], int], limit: float) -> int:
    """The answer of `run` in a fork of this process; HUNG when it takes longer than `limit` seconds."""
    child = os.fork()
    if child == 0:
        code = 98
        try:
            os.setpgid(0, 0)
            with _silence():
                code = run()
        finally:
            os._exit(code)
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 97
        time.sleep(0.02)
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
