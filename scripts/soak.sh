#!/usr/bin/env bash
# Run what takes longer than `make test` may: crowds, kills, load and stories of chance, many times over, with figures
# at the end.
#
# usage: scripts/soak.sh
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/stages.sh

scripts/setup.sh test
packages=()
with_postgresql
[ ${#packages[@]} -eq 0 ] || scripts/system-packages.sh "${packages[@]}"

export PAYGATE_SOAK=1
stage "ten thousand seeds" tests seeds sqlite --numprocesses 2 tests/seeds
stage "real processes, long" with_processes
sum_up
