#!/usr/bin/env bash
# Resolve the dependencies of pyproject.toml again and write both lock files: hashes, no addresses.
#
# uv.lock itself names the registry it was made with, so it stays out of the repository.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch" uv.lock' EXIT

uv="$(command -v uv || true)"
if [ -z "$uv" ]; then
    echo "[lock] uv is not on the PATH; fetching it for this once ..."
    python3 -m venv "$scratch/uv"
    "$scratch/uv/bin/python" -m pip install --quiet --disable-pip-version-check uv
    uv="$scratch/uv/bin/uv"
fi

export_lock() {
    local name="$1"
    shift
    echo "# Made by \`make lock\` from pyproject.toml; not written by hand." >"$scratch/$name.lock"
    "$uv" export --quiet --locked --no-header --no-emit-project --no-emit-index-url "$@" >>"$scratch/$name.lock"
    if grep -nE '[a-z]+://|--(extra-)?index-url|--find-links' "$scratch/$name.lock"; then
        echo "[lock] The $name lock would name an address; nothing was written." >&2
        exit 1
    fi
}

rm -f uv.lock
"$uv" lock
export_lock run --no-default-groups
export_lock test --all-groups
cp "$scratch/run.lock" "$scratch/test.lock" requirements/
echo "[lock] Wrote requirements/run.lock and requirements/test.lock."
