"""Change the files that decide about money, one place at a time, and see that a test notices.

usage: python -m tests.mutants [PART-OF-A-FILE'S-NAME ...]

Prints each mutant that no test noticed, and one table. Ends with 1 when too many survived, or with one nobody judged.
"""

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutants.mutate import mutants
from tests.mutants.plan import MOST_SURVIVE, PLAN, Judged

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = ROOT / "docs" / "mutations.md"  # lists those that cannot be told from the original


@dataclass
class Tally:
    """What became of the mutants of one file."""

    file: str
    killed: int = 0
    equivalent: int = 0
    survived: list[str] = field(default_factory=list)


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
        finally:
            os._exit(code)
    os.close(writing)
    tally, equivalent = Tally(one.file), _equivalent(one.file)
    with os.fdopen(reading) as lines:
        for line in lines:
            code_, name = line.rstrip("\n").split(" ", 1)
            if code_ in {"1", "-1"}:
                tally.killed += 1
            elif code_ == "0" and name.split(": ", 1)[1] in equivalent:
                tally.equivalent += 1
            else:
                tally.survived.append(name if code_ == "0" else f"{name} (no verdict: pytest says {code_})")
                print(f"{one.file}:{tally.survived[-1]}", flush=True)
    if os.waitpid(child, 0)[1]:
        raise SystemExit(f"{one.file} could not be judged.")
    return tally


def _judge(one: Judged, write: "object") -> None:
    from tests.mutants.judge import Judge

    found = mutants(ROOT / one.file, ROOT)
    judge = Judge(one, ROOT)
    for mutant in found:
        begun = time.monotonic()
        write(f"{judge.verdict(mutant)} {mutant.name}\n")
        print("T", round(time.monotonic() - begun, 1), mutant.name[:60], file=sys.stderr, flush=True)  # type: ignore[operator]


def _equivalent(file: str) -> set[str]:
    return set()


def main(wanted: list[str]) -> int:
    os.chdir(ROOT)
    begun = time.monotonic()
    plan = [one for one in PLAN if not wanted or any(part in one.file for part in wanted)]
    tallies = [judged(one) for one in plan]
    print(f"\n{'file':34} {'mutants':>7} {'killed':>7} {'equivalent':>10} {'survived':>8}")
    for tally in tallies:
        survived = len(tally.survived)
        print(f"{tally.file:34} {tally.killed + tally.equivalent + survived:7} {tally.killed:7} {tally.equivalent:10} {survived:8}")
    killed, survived = sum(one.killed for one in tallies), sum(len(one.survived) for one in tallies)
    share = survived / ((killed + survived) or 1)
    print(f"\n{share:.1%} survived, {MOST_SURVIVE:.0%} may; {time.monotonic() - begun:.0f} s")
    return 0 if share <= MOST_SURVIVE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
