"""The town's steward: a process beside the product's own, with the product's settings, that a test can ask.

It makes merchants and links, reads the books of both sides, and does what a minute brings. One question a line on
standard input, one answer a line on standard output, both in JSON. `python -m tests.processes.steward` starts it.
"""

import json
import subprocess
import sys
import traceback
from collections.abc import Callable
from threading import Lock
from typing import Any


class Steward:
    """The test's end of it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process, self._one_at_a_time = process, Lock()

    def ask(self, name: str, **arguments: Any) -> Any:
        """The answer to a question of the table below. Raises `RuntimeError` with what went wrong over there."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self._one_at_a_time:
            self.process.stdin.write(json.dumps([name, arguments]) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the steward died of {name}")
        went_well, answer = json.loads(line)
        if not went_well:
            raise RuntimeError(answer)
        return answer


def serve() -> None:
    """Answer until the other end is closed."""
    import django

    django.setup()
    from django.db import close_old_connections

    from tests.processes import errands

    for line in sys.stdin:
        name, arguments = json.loads(line)
        close_old_connections()
        try:
            errand: Callable[..., Any] = errands.ERRANDS[name]
            said = [True, errand(**arguments)]
        except Exception:
            said = [False, traceback.format_exc()]
        print(json.dumps(said, default=str), flush=True)


if __name__ == "__main__":
    serve()
