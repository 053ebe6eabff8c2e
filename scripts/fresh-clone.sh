#!/usr/bin/env bash
# Try the two commands of the README where nothing of ours is installed: from a clean clone of what is committed,
# as root and as an ordinary user.
#
# usage: scripts/fresh-clone.sh [--test]        with --test, `make test` is tried as well
set -euo pipefail
cd "$(dirname "$0")/.."

with_tests=no
case "${1:-}" in
"") ;;
--test) with_tests=yes ;;
*) echo "usage: scripts/fresh-clone.sh [--test]" >&2 && exit 2 ;;
esac

FIRST_START_SECONDS=900
SECOND_START_SECONDS=10

scratch="$(mktemp -d)"
chmod 755 "$scratch"
guest=""
running=""
failed=0

say() { printf '[fresh clone] %s\n' "$*"; }
fail() { say "FAILED: $*"; failed=1; }

tidy_up() {
    [ -z "$running" ] || kill -KILL -- "-$running" 2>/dev/null || true
    [ -z "$guest" ] || userdel --remove "$guest" 2>/dev/null || true
    rm -rf "$scratch"
}
trap tidy_up EXIT
trap 'exit 130' INT TERM

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

is_ready() {
    python3 - "http://localhost:$1/health/ready" 2>/dev/null <<'PYTHON'
import sys
import urllib.request

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
sys.exit(opener.open(sys.argv[1], timeout=2).status != 200)
PYTHON
}

# as WHO COMMAND... : run as root or as the guest, with nothing of our environment but the way to the packages.
as() {
    local who="$1" name home kept=()
    shift
    home="$(getent passwd "$who" | cut -d: -f6)"
    for name in $(compgen -e | grep -E '^(PIP_|UV_)|^(https?|no|all)_proxy$|^(HTTPS?|NO|ALL)_PROXY$|^SSL_CERT_'); do
        kept+=("$name=${!name}")
    done
    local command=(env -i "HOME=$home" "USER=$who" LANG=C.UTF-8 CI=true
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${kept[@]}" "$@")
    if [ "$who" = "$(id -un)" ]; then
        "${command[@]}"
    else
        runuser -u "$who" -- "${command[@]}"
    fi
}

# start WHO FOLDER PORT LOG SECONDS : start the product and wait until it is ready; the seconds it took go to $took.
start() {
    local who="$1" folder="$2" port="$3" log="$4" limit="$5" began=$SECONDS
    set -m # A process group of its own, so that it can be ended as a whole.
    as "$who" "PORT=$port" "PAYGATE_DATA=$folder/../data-$who" make -C "$folder" run </dev/null >"$log" 2>&1 &
    running=$!
    set +m
    until is_ready "$port"; do
        if ! kill -0 "$running" 2>/dev/null || [ $((SECONDS - began)) -ge "$limit" ]; then
            tail -n 40 "$log"
            stop
            return 1
        fi
        sleep 0.3
    done
    took=$((SECONDS - began))
}

stop() {
    local waited=0
    kill -TERM -- "-$running" 2>/dev/null || true
    while kill -0 -- "-$running" 2>/dev/null; do
        sleep 0.5
        waited=$((waited + 1))
        if [ "$waited" -ge 60 ]; then
            kill -KILL -- "-$running" 2>/dev/null || true
            fail "the product did not end within 30 s of being asked to"
            break
        fi
    done
    wait "$running" 2>/dev/null || true
    running=""
}

try() {
    local who="$1" folder="$scratch/$1" port took
    say "As $who: cloning ..."
    git clone --quiet . "$folder"
    mkdir "$scratch/data-$who"
    chown -R "$who" "$folder" "$scratch/data-$who"
    port="$(free_port)"

    if start "$who" "$folder" "$port" "$scratch/$who.log" "$FIRST_START_SECONDS"; then
        say "As $who: first start ready after $took s."
        stop
        if start "$who" "$folder" "$port" "$scratch/$who.log" "$FIRST_START_SECONDS"; then
            say "As $who: second start ready after $took s."
            [ "$took" -lt "$SECOND_START_SECONDS" ] || fail "the second start took $SECOND_START_SECONDS s or more"
            stop
        else
            fail "make run as $who, second start"
        fi
    else
        fail "make run as $who"
    fi

    if [ "$with_tests" = yes ]; then
        say "As $who: make test ..."
        as "$who" make -C "$folder" test </dev/null || fail "make test as $who"
    fi
    left="$(as "$who" git -C "$folder" status --porcelain)"
    [ -z "$left" ] || fail "the clone is no longer clean: $left"
}

if [ -n "$(git status --porcelain)" ]; then
    say "Note: what is not committed is not tried."
fi
try "$(id -un)"
if [ "$(id -u)" -eq 0 ]; then
    guest="paygate-guest-$$"
    useradd --create-home --shell /bin/bash "$guest"
    try "$guest"
else
    say "Not root: the half that runs as root is left out."
fi
say "$([ "$failed" = 0 ] && echo 'All of it worked.' || echo 'Something FAILED, see above.')"
exit "$failed"
