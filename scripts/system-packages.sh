#!/usr/bin/env bash
# Install Debian packages when we are root; otherwise name the exact command and stop.
#
# usage: scripts/system-packages.sh PACKAGE...
set -euo pipefail

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    {
        echo "[setup] Missing on this machine: $*"
        echo "[setup] Please run this once, then try again:"
        echo "[setup]   sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
    } >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
echo "[setup] Installing with apt-get: $*"
install() { apt-get install -y -q --no-install-recommends "$@" </dev/null; }
# The package lists of a fresh machine may be empty or old.
install "$@" || { apt-get update -q </dev/null && install "$@"; }
