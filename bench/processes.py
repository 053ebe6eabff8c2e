"""What a process and its children have used: processor time and memory, as the kernel counts them."""

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_TICK: Final = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """A process and all that it started, as far as they live."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (facts := _stat(int(entry.name))):
            parents[int(entry.name)] = int(facts[1])
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def cpu_seconds(root: int) -> float:
    """Processor time of the whole tree so far, the dead children it has waited for included."""
    ticks = 0
    for pid in tree(root):
        if facts := _stat(pid):
            ticks += sum(int(facts[column]) for column in (11, 12, 13, 14))
    return ticks / _TICK


def rss_bytes(pids: Iterable[int]) -> int:
    """What these processes hold in memory now, without what several of them share."""
    total = 0
    for pid in pids:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        private = re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+) kB", text, re.MULTILINE)
        total += sum(map(int, private)) * 1024
    return total


def peak_bytes() -> int:
    """The most that this process has held in memory since it began."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and insist after a while."""
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _stat(pid: int) -> list[str] | None:
    """The columns of /proc/<pid>/stat from the state on; None when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
