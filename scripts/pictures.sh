#!/usr/bin/env bash
# Renew the pictures of the product: the browser tests look at each page anyway, here they keep what they saw. Those of
# the quick guide are kept in paygate/backoffice/static/backoffice/guide/, in each language.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
PAYGATE_PICTURES="$PWD/docs/pictures" .venv/bin/python -m pytest tests/browser -q -p no:randomly
