#!/usr/bin/env bash
# Put the code into its standard form and mend what ruff can mend.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
.venv/bin/ruff check --fix .
.venv/bin/ruff format .
