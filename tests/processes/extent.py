"""How long the stories of this room last: short in `make test`, long in `make soak` (PAYGATE_SOAK=1)."""

import os

SOAK = os.environ.get("PAYGATE_SOAK") == "1"

CROWD = 100  # payers on one link
MANY = 200 if SOAK else 60  # payers who all pay one link for many payments
ROUNDS = 200 if SOAK else 10  # of crowds, on each database
TIMES = 20 if SOAK else 1  # that a process is killed at each checkpoint
CHAOS_SECONDS = 120 if SOAK else 15  # of load while processes are killed
OUTAGES = 10 if SOAK else 1  # of the database, in the middle of payments
SEED = int(os.environ.get("PAYGATE_CHAOS_SEED") or 4711)  # of what happens at random here
STEADY_SECONDS = 120 if SOAK else 5  # of two payments a second on SQLite
