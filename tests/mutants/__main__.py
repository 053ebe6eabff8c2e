"""Change the files that decide about money, one place at a time, and see that a test notices.

usage: python -m tests.mutants [PART-OF-A-FILE'S-NAME ...]

Prints each mutant that no test noticed, and one table; one without a verdict counts as a survivor. Ends with 1 when too
many survived.
"""

import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutants.judge import KILLED, PASSED, Judge
from tests.mutants.mutate import mutants
from tests.mutants.plan import MOST_SURVIVE, PLAN, Judged

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "docs" / "mutations.md"  # names those that cannot be told from the original, each with why


@dataclass
class Tally:
    """What became of the mutants of one file."""

    file: str
    killed: int = 0
    equivalent: int = 0
    survived: list[str] = field(default_factory=list)
    noticed: list[str] = field(default_factory=list)  # listed as equivalent, and yet a test failed


def judged(one: Judged) -> Tally:
    """In a process of its own, since a judge has imported everything."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            with os.fdopen(writing, "w", buffering=1) as out:
                _judge(one, out.write)
            code = 0
        except SystemExit as why:
            print(why, flush=True)
        finally:
            os._exit(code)
    os.close(writing)
    tally, listed = Tally(one.file), equivalent(one.file)
    with os.fdopen(reading) as lines:
        for line in lines:
            said, at, name = line.rstrip("\n").split(" ", 2)
            if int(said) in KILLED:
                tally.killed += 1
                if name in listed:
                    tally.noticed.append(name)
            elif int(said) == PASSED and name in listed:
                tally.equivalent += 1
            else:
                tally.survived.append(name)
                verdict = "" if int(said) == PASSED else f" (no verdict: pytest says {said})"
                print(f"{one.file}:{at}: {name}{verdict}", flush=True)
    if os.waitpid(child, 0)[1]:
        raise SystemExit(f"{one.file} could not be judged.")
    return tally


def _judge(one: Judged, write: Callable[[str], object]) -> None:
    found = mutants(ROOT / one.file, ROOT)
    Judge(one, ROOT, found, lambda mutant, said: write(f"{said} {mutant.line} {mutant.name}\n")).judge()


def equivalent(file: str) -> set[str]:
    """The names listed under a file's heading in docs/mutations.md."""
    section = LIST.read_text().partition(f"\n### {file}\n")[2].partition("\n### ")[0]
    return set(re.findall(r"^- `(.+?)`: ", section, re.MULTILINE))


def main(wanted: list[str]) -> int:
    os.chdir(ROOT)
    begun = time.monotonic()
    plan = [entry for entry in PLAN if not wanted or any(part in entry.file for part in wanted)]
    tallies = [judged(entry) for entry in plan]
    print(f"\n{'file':34} {'mutants':>8} {'killed':>7} {'equivalent':>11} {'survived':>9}")
    for one in tallies:
        survived = len(one.survived)
        of_all = one.killed + one.equivalent + survived
        print(f"{one.file:34} {of_all:8} {one.killed:7} {one.equivalent:11} {survived:9}")
    killed, survived = sum(one.killed for one in tallies), sum(len(one.survived) for one in tallies)
    share = survived / max(killed + survived, 1)
    for one in tallies:
        for name in one.noticed:
            print(f"{one.file}: noticed, though listed as equivalent: {name}")
    print(f"\n{share:.1%} survived, {MOST_SURVIVE:.0%} may; {time.monotonic() - begun:.0f} s")
    return 0 if share <= MOST_SURVIVE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
