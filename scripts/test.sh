#!/usr/bin/env bash
# Run the checks one after the other, all of them even when one fails, and end with one summary.
#
# usage: scripts/test.sh all|quick
set -euo pipefail
cd "$(dirname "$0")/.."

extent="${1:?usage: scripts/test.sh all|quick}"
began=$SECONDS
summary=()
failed=0

# What tests leave in the temporary folder goes with them.
scratch="$(mktemp -d)"
mkdir "$scratch/reports" "$scratch/tmp"
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

# stage NAME COMMAND... : run one check, and note how it ended and how long it took.
stage() {
    local name="$1" start=$SECONDS result="passed"
    shift
    printf '\n== %s\n' "$name"
    "$@" || { result="FAILED"; failed=1; }
    summary+=("$(printf '%-22s %-7s %5d s' "$name" "$result" $((SECONDS - start)))")
}

in_scratch() { env TMPDIR="$scratch/tmp" "$@"; }

# tests REPORT DATABASE ARGUMENT... : pytest on one database; its figures are kept for the last line.
tests() {
    local report="$scratch/reports/$1.xml" database="$2"
    shift 2
    : >"$report"
    in_scratch env PAYGATE_TEST_DATABASE="$database" \
        .venv/bin/python -m pytest --quiet --junit-xml "$report" "$@"
}

on_sqlite() { tests sqlite sqlite --numprocesses 2 --ignore tests/browser; }

# The cluster's folder belongs to the user `postgres`, so it can't lie within our own scratch folder.
on_postgresql() {
    local report="$scratch/reports/postgresql.xml"
    : >"$report"
    .venv/bin/python -m tests.postgres run -- \
        env TMPDIR="$scratch/tmp" PAYGATE_TEST_DATABASE=postgresql \
        .venv/bin/python -m pytest --quiet --junit-xml "$report" --numprocesses 2 --ignore tests/browser
}

in_the_browser() { tests browser sqlite --timeout 300 tests/browser; }

tree() { git status --porcelain --untracked-files=all; }

tree_is_unchanged() { diff <(printf '%s' "$tree_before") <(tree) && echo "Nothing was changed or left behind."; }

count_tests() {
    .venv/bin/python - "$scratch"/reports/*.xml <<'PYTHON'
import sys
from xml.etree import ElementTree

passed = failed = 0
for path in sys.argv[1:]:
    try:
        suites = list(ElementTree.parse(path).iter("testsuite"))
    except ElementTree.ParseError:
        failed += 1  # The run ended before it could report.
        continue
    for suite in suites:
        bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        failed += bad
        passed += int(suite.get("tests", 0)) - bad - int(suite.get("skipped", 0))
print(f"{passed} passed, {failed} failed")
PYTHON
}

scripts/setup.sh test
if [ "$extent" = all ]; then
    packages=()
    command -v chromium >/dev/null || packages+=(chromium)
    [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || packages+=(fonts-dejavu-core)
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || packages+=(postgresql)
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
    stage "tests in the browser" in_the_browser
fi
if [ "$watch_tree" = yes ]; then
    stage "working tree" tree_is_unchanged
fi

printf '\n== summary\n'
printf '%s\n' "${summary[@]}"
printf '%-22s %-7s %5d s\n' "all of it" "$([ "$failed" = 0 ] && echo passed || echo FAILED)" $((SECONDS - began))
count_tests
exit "$failed"
