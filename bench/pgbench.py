"""The yardstick of a walk: pgbench sends the same statements, with nothing of ours in between.

Two recordings of a walk are laid side by side. A value that differs belongs to the one walk: a key the database gave
is taken from its own answer, as the product does; a random one becomes another one each time. All else stays.
"""

import os
import re
import resource
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.recording import Statement

DIGITS: Final = 12  # of the counter that makes a value another one: the last group of a UUID
FIRST: Final = 10 ** (DIGITS - 1)
A_CLIENT: Final = 100_000  # the counters of two clients are so far apart
FIRST_KEY: Final = 7_000_000  # keys the database gives begin here, so that they are told from other numbers
KEYS_A_TABLE: Final = 100_000
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RETURNS_KEY: Final = re.compile(r'INSERT INTO "(\w+)".*RETURNING "\w+"\."id"\s*$', re.DOTALL)
_JSON: Final = re.compile(r'\{"[^(]')
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


@dataclass(slots=True)
class Script:
    """A walk as pgbench understands it."""

    statements: list[Statement]
    twin: list[Statement]
    keys: dict[str, list[int]]  # of each table, the keys its rows got in the first walk
    per_client: str = ""  # a value that each client has its own of
    row: str = ""  # the key of a row that was there before and is used up: each walk has its own
    _variables: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The script."""
        self._find_values()
        lines = ["\\set i :i + 1", f"\\set n {FIRST} + :base + :client_id * {A_CLIENT} + :i"]
        lines += [f"\\set c {FIRST} + :client_id", "\\set row :n"]
        lines += [self._line(statement) for statement in self.statements]
        return "\n".join(lines) + "\n"

    def _find_values(self) -> None:
        for ours, other in zip(self.statements, self.twin, strict=True):
            for value, different in zip(ours.values, other.values, strict=True):
                if value is None or value == different or _MOMENT.search(value):
                    continue
                if DIGITS < len(value) <= 64 and not value.startswith(("{", "(")):
                    self._variables[value] = "n"
        for table, keys in self.keys.items():
            for number, key in enumerate(keys):
                self._variables[str(key)] = f"{table}_{number}"
        if self.row:
            self._variables[self.row] = "row"
        if self.per_client:
            self._variables[self.per_client] = "c"

    def _line(self, statement: Statement) -> str:
        sql = re.sub(r"\$(\d+)", lambda found: self._spelled(statement.values[int(found.group(1)) - 1]),
                     statement.sql)  # fmt: skip
        sql = " ".join(line.strip() for line in sql.rstrip("; \n").splitlines())
        returns = _RETURNS_KEY.match(sql)
        if returns is None or returns.group(1) not in self.keys:
            return f"{sql};"
        table = returns.group(1)
        inner = re.sub(r'RETURNING "\w+"\."id"\s*$', "RETURNING id", sql)
        if len(self.keys[table]) == 1:
            return f"{inner} AS {table}_0 \\gset"
        picked = ", ".join(f"(array_agg(id))[{n + 1}] AS {table}_{n}" for n in range(len(self.keys[table])))
        return f"WITH made AS ({inner}) SELECT {picked} FROM made \\gset"

    def _spelled(self, value: str | None) -> str:
        """A value as SQL. Parts that are the one walk's are put together from variables."""
        if value is None:
            return "NULL"
        if self._variables.get(value, "n") not in ("n", "c"):
            return f":{self._variables[value]}::bigint"
        if _JSON.match(value):
            return _quoted(value)
        found = [name for name in sorted(self._variables, key=len, reverse=True) if name in value]
        if not found:
            return _quoted(value)
        parts = re.split("|".join(f"({re.escape(name)})" for name in found), value)
        spelled = " || ".join(self._part(part) for part in parts if part)
        cast = "::uuid" if _UUID.fullmatch(value) else ""
        return f"({spelled}){cast}"

    def _part(self, part: str) -> str:
        variable = self._variables.get(part)
        if variable is None:
            return _quoted(part)
        if variable in ("n", "c"):
            return f"{_quoted(part[:-DIGITS])} || :{variable}::text"
        return f":{variable}::text"


def _quoted(text: str) -> str:
    """pgbench takes a colon before a letter for a variable of its own, wherever it stands."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\x3a").replace("\n", "\\n")
    return f"E'{escaped}'"


@dataclass(frozen=True, slots=True)
class Run:
    """What one run gave."""

    rate: float  # scripts a second, all clients together
    count: int
    cpu_seconds: float  # of pgbench itself


def numbers(clients: int, each: int, base: int) -> list[str]:
    """The counters that such a run will use."""
    return [
        str(FIRST + base + client * A_CLIENT + number)
        for client in range(clients)
        for number in range(1, each + 1)
    ]


def run(programs: Path, url: str, script: str, *, clients: int, each: int, base: int, merchant: int) -> Run:
    """Every client runs the script so many times."""
    before = _own_cpu_seconds()
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        done = subprocess.run(
            [
                str(programs / "pgbench"), "--no-vacuum", "--protocol", "prepared", "--client", str(clients),
                "--jobs", "2", "--transactions", str(each), "--define", f"base={base}", "--define", "i=0",
                "--file", file.name, url,
            ],
            env={**os.environ, "PGOPTIONS": f"-c paygate.tenant={merchant} -c lock_timeout=5000"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or found is None or "aborted" in done.stderr:
        raise RuntimeError(f"pgbench did not get through:\n{done.stdout[-1500:]}{done.stderr[-3000:]}")
    return Run(float(found.group(1)), clients * each, _own_cpu_seconds() - before)


def _own_cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
