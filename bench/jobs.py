"""How many jobs a second can be asked for and run, on the engine that fits the database of the environment.

`python -m bench.jobs COUNT` prints both figures. It is a process of its own because the other engine needs other
settings.
"""

import json
import sys
import time

import django


def main(count: int) -> None:
    """Ask for so many jobs one by one, each in a transaction of its own, then run them all."""
    django.setup()
    from paygate.jobs.interface import run_due, task
    from paygate.operations.serve import prepare

    prepare()
    nothing = task("bench.nothing")(_nothing)
    begun = time.monotonic()
    for number in range(count):
        nothing.defer(number=number, unique=f"job {number}")
    asked = time.monotonic()
    ran = run_due()
    done = time.monotonic()
    assert ran == count, f"{ran} of {count} jobs ran"
    print(json.dumps({"asked": count / (asked - begun), "run": count / (done - asked)}))


def _nothing(*, number: int) -> None:
    """The least that a job can do."""


if __name__ == "__main__":
    main(int(sys.argv[1]))
