#!/usr/bin/env bash
# Make .venv hold exactly what a lock file says, with the checkout importable from it and `.venv/bin/paygate` in place.
#
# usage: scripts/setup.sh run|test
#
# A stamp beside the packages names the lock file they came from, so that a second call installs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose="${1:?usage: scripts/setup.sh run|test}"
lock="requirements/$purpose.lock"
stamp=".venv/installed-$purpose"
checkout="$PWD"

say() { printf '[setup] %s\n' "$*"; }
refuse() { printf '[setup] %s\n' "$@" >&2; exit 1; }
hash_of() { sha256sum "$1" | cut -d' ' -f1; }

# Two commands started at the same moment must not install into each other.
if command -v flock >/dev/null; then
    exec 9<requirements
    flock --nonblock 9 || { say "Waiting for another set-up to end ..."; flock 9; }
fi

suitable_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.11 python3.12 /usr/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

make_environment() {
    local python
    if [ -L .venv ]; then
        refuse ".venv leads to $(readlink -f .venv), the environment of another checkout: it is not cleared from here."
    fi
    python="$(suitable_python)" || refuse \
        "Python 3.11 or 3.12 is needed and was not found. On Debian: apt-get install -y python3 python3-venv" \
        "Is it elsewhere? Say where: PYTHON=/path/to/python3 make run"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        scripts/system-packages.sh python3-venv
    fi
    say "Making .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv
}

# A checkout that was moved or copied brings an environment that points to its old place.
environment_is_sound() {
    .venv/bin/python -m pip --version >/dev/null 2>&1 &&
        [ "$(head -n 1 .venv/made-in 2>/dev/null || echo "$checkout")" = "$checkout" ]
}

install_with_uv() {
    uv pip install --python .venv/bin/python --require-hashes --no-deps --requirement "$lock"
}

install_with_pip() {
    local total line done=0
    total="$(grep -cE '^[A-Za-z0-9]' "$lock")"
    .venv/bin/python -m pip install --require-hashes --no-deps --no-input --disable-pip-version-check \
        --progress-bar off --requirement "$lock" |
        while read -r line; do
            case "$line" in
            "Collecting "*)
                done=$((done + 1))
                line="${line#Collecting }"
                say "  $done of at most $total: ${line%% *}"
                ;;
            "Installing collected packages:"*) say "  unpacking ..." ;;
            esac
        done
}

install_packages() {
    say "Installing what $lock lists; this takes a minute or two ..."
    if command -v uv >/dev/null; then
        # uv has settings of its own; where only pip knows the way to the packages, pip goes.
        install_with_uv && return
        say "uv could not install them; trying pip."
    fi
    install_with_pip || refuse "The packages could not be installed. Is the package registry within reach?"
}

# The project is used from where it lies: no build, no network.
install_project() {
    local site
    site="$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
    printf '%s\n' "$checkout" >"$site/paygate-checkout.pth"
    cat >.venv/bin/paygate <<LAUNCHER
#!/bin/sh
'''exec' "$checkout/.venv/bin/python" "\$0" "\$@"
' '''
import sys

from paygate.operations.cli import main

sys.exit(main())
LAUNCHER
    chmod 755 .venv/bin/paygate
    printf '%s\n' "$checkout" >.venv/made-in
}

compile_translations() {
    local source compiled
    while IFS= read -r source; do
        compiled="${source%.po}.mo"
        if [ ! -e "$compiled" ] || [ "$source" -nt "$compiled" ]; then
            say "Compiling $source"
            .venv/bin/pybabel --quiet compile --input-file "$source" --output-file "$compiled.new"
            mv "$compiled.new" "$compiled"
        fi
    done < <(find paygate -path '*/LC_MESSAGES/*.po')
}

if ! environment_is_sound; then
    make_environment
fi
if [ "$(cat "$stamp" 2>/dev/null)" != "$(hash_of "$lock")" ]; then
    install_packages
    # The test packages contain those of the product, in the same versions: both locks come from one resolution.
    if [ "$purpose" = test ]; then
        hash_of requirements/run.lock >.venv/installed-run
    fi
    hash_of "$lock" >"$stamp"
fi
if [ ! -x .venv/bin/paygate ] || [ ! -e .venv/made-in ]; then
    install_project
fi
compile_translations
