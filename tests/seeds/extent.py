"""How many stories are told: in `make test`, in `make soak` (PAYGATE_SOAK=1), or one to look at (PAYGATE_SEED)."""

import os

SOAK = os.environ.get("PAYGATE_SOAK") == "1"

SEEDS = 10_000 if SOAK else 300
AT_ONCE = 50  # seeds of one test, so that the tests spread over the processors
STEPS = 40  # of one seed
EXAMPLES = 200 if SOAK else 10  # of hypothesis
ONE = os.environ.get("PAYGATE_SEED", "")  # tell this one, step by step

# Seeds that failed once, each with what they found; they stay for good.
KEPT: dict[int, str] = {
    20: "a card that must not be tried again, and another one in the same visit",
}
