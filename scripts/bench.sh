#!/usr/bin/env bash
# Measure how fast the product is, on a durable PostgreSQL of its own; prints one table and writes bench.json.
#
# BENCH_QUICK=1 makes a short run, to try; BENCH_ONLY=ac measures only these rows.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
compgen -G '/usr/lib/postgresql/*/bin/pgbench' >/dev/null || command -v pgbench >/dev/null ||
    scripts/system-packages.sh postgresql
exec .venv/bin/python -m bench
