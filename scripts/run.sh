#!/usr/bin/env bash
# Set up what is missing and start the whole product: web, jobs and the demo merchant.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh run
exec .venv/bin/paygate serve --demo
