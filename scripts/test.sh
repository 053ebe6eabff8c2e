#!/usr/bin/env bash
# Run the checks one after the other, all of them even when one fails, and end with one summary.
#
# usage: scripts/test.sh all|quick
set -euo pipefail
cd "$(dirname "$0")/.."

extent="${1:?usage: scripts/test.sh all|quick}"
source scripts/stages.sh

# Not in parallel with others: browser and processes have stages of their own.
apart=(--ignore tests/browser --ignore tests/processes)

on_sqlite() { tests sqlite sqlite --numprocesses 2 "${apart[@]}"; }

# The cluster's folder belongs to the user `postgres`, so it can't lie within our own scratch folder.
on_postgresql() {
    local report="$scratch/reports/postgresql.xml"
    : >"$report"
    .venv/bin/python -m tests.postgres run -- \
        env TMPDIR="$scratch/tmp" PAYGATE_TEST_DATABASE=postgresql \
        .venv/bin/python -m pytest --quiet --junit-xml "$report" --numprocesses 2 "${apart[@]}"
}

in_the_browser() { tests browser sqlite --timeout 300 tests/browser; }

tree() { git status --porcelain --untracked-files=all; }

tree_is_unchanged() { diff <(printf '%s' "$tree_before") <(tree) && echo "Nothing was changed or left behind."; }

scripts/setup.sh test
if [ "$extent" = all ]; then
    packages=()
    command -v chromium >/dev/null || packages+=(chromium)
    [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || packages+=(fonts-dejavu-core)
    with_postgresql
    [ ${#packages[@]} -eq 0 ] || scripts/system-packages.sh "${packages[@]}"
fi

# Only where nobody edits beside the run can a changed tree be blamed on it.
watch_tree=no
if [ "$extent" = all ] && [ -n "${CI:-}" ] && tree_before="$(tree 2>/dev/null)"; then
    watch_tree=yes
fi

[ "$extent" = quick ] || stage "format" .venv/bin/ruff format --check .
stage "lint" .venv/bin/ruff check .
stage "types" in_scratch .venv/bin/mypy
stage "imports" .venv/bin/lint-imports --no-logo
stage "tests on SQLite" on_sqlite
if [ "$extent" = all ]; then
    stage "tests on PostgreSQL" on_postgresql
    stage "tests with real processes" with_processes
    stage "tests in the browser" in_the_browser
fi
if [ "$watch_tree" = yes ]; then
    stage "working tree" tree_is_unchanged
fi

sum_up
