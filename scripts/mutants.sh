#!/usr/bin/env bash
# Change the files that decide about money and 3-D Secure, one place at a time, and see that a test notices.
#
# usage: scripts/mutants.sh [PART-OF-A-FILE'S-NAME ...]
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
exec .venv/bin/python -m tests.mutants "$@"
