# What scripts that run many checks share; sourced by them. Each check runs even when one before it failed, and one
# summary says how they ended.

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
    summary+=("$(printf '%-28s %-7s %5d s' "$name" "$result" $((SECONDS - start)))")
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

# One story after the other, because real processes want the machine for themselves. The clusters that they start
# belong to the user `postgres`, so not everything can lie within our own scratch folder.
with_processes() {
    local report="$scratch/reports/processes.xml"
    : >"$report"
    .venv/bin/python -m pytest --quiet --junit-xml "$report" -p no:randomly --timeout 300 \
        --basetemp "$scratch/tmp/processes" tests/processes
}

# with_postgresql : PostgreSQL where it is missing, for whoever may install it.
with_postgresql() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || packages+=(postgresql)
}

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

# sum_up : the summary, and the exit code of everything.
sum_up() {
    printf '\n== summary\n'
    printf '%s\n' "${summary[@]}"
    printf '%-28s %-7s %5d s\n' "all of it" "$([ "$failed" = 0 ] && echo passed || echo FAILED)" $((SECONDS - began))
    count_tests
    exit "$failed"
}
