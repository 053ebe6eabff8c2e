#!/usr/bin/env bash
# Tell one story of chance again, step by step, and judge it.
#
# usage: PAYGATE_SEED=4711 scripts/seeds.sh
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
exec .venv/bin/python -m pytest --quiet --capture no -k happens tests/seeds/test_seeds.py
