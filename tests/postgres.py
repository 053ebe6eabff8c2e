"""A PostgreSQL cluster of our own for the tests: made in a temporary folder, gone with the process that asked for it.

`python -m tests.postgres run -- COMMAND...` starts one, runs the command with `PAYGATE_TEST_POSTGRES_URL` naming it,
stops it, and ends with the command's exit code.
"""

from __future__ import annotations

import argparse
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

VARIABLE = "PAYGATE_TEST_POSTGRES_URL"
ROLE = "paygate"
LIMITED = "paygate_web"  # owns nothing (safety.md SE-4)

# Nothing in here has to survive a power cut; what is left of durability costs time only.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# As it has to be where money is kept: what was committed survives whatever happens to the server.
DURABLE = SETTINGS | {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}

# Row-level security binds neither superusers nor roles with BYPASSRLS, so the tests run as neither.
ROLE_AND_DATABASE = f"""
CREATE ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE;
CREATE DATABASE {ROLE} OWNER {ROLE};
CREATE ROLE {LIMITED} LOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE;
"""

INITDB = "--username postgres --auth trust --encoding UTF8 --locale C.UTF-8 --no-sync".split()
PSQL = "--no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname".split()

# Waits for the end of its input, which comes when we close it or when we die, however that happens.
KEEPER = 'cat >/dev/null; "$@" >/dev/null 2>&1; rm -rf "$0"'


class PostgresMissing(RuntimeError):
    """PostgreSQL's programs are not on this machine; the words say how to get them."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster: `url` is the role the tests use, `superuser_url` the one that may do anything."""

    port: int
    folder: Path
    keeper: subprocess.Popen[bytes] = field(repr=False, compare=False)
    control: tuple[str, ...] = field(repr=False, compare=False)
    settings: Mapping[str, str] = field(repr=False, compare=False)

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}@127.0.0.1:{self.port}/{ROLE}"

    @property
    def limited_url(self) -> str:
        """The same database for web and jobs."""
        return f"postgresql://{LIMITED}@127.0.0.1:{self.port}/{ROLE}"

    def kill(self) -> None:
        """kill -9 the server, and wait until it is gone. What it started notices, and ends too."""
        server = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(server, signal.SIGKILL)
        with suppress(ProcessLookupError):
            for _ in range(600):  # it is not our child, so somebody else has to take note of its end
                os.kill(server, 0)
                time.sleep(0.1)

    def start_again(self) -> None:
        """Start the killed server on the same port and the same data."""
        _serve(list(self.control), self.folder, self.settings, port=self.port)

    def close(self) -> None:
        """Stop the server and remove its folder."""
        _let_go(self.keeper)

    @property
    def superuser_url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"


_running: Cluster | None = None


def start(*, durable: bool = False) -> Cluster:
    """Start this process's cluster, or give the one that already runs, and name it in the environment.

    Child processes (the workers of a parallel run) find it there. Raises `PostgresMissing` without the programs.
    """
    global _running
    if _running is None:
        _running = start_cluster(DURABLE if durable else SETTINGS)
        os.environ[VARIABLE] = _running.url
    return _running


def stop() -> None:
    """Stop this process's cluster and remove its folder; without one nothing happens."""
    global _running
    if _running is not None:
        cluster, _running = _running, None
        os.environ.pop(VARIABLE, None)
        cluster.close()


def url() -> str:
    """The address of the cluster to test on: the one named in the environment, else one started now."""
    return os.environ.get(VARIABLE) or start().url


def programs() -> Path:
    """The folder of the newest server's programs; Debian keeps them off the PATH, one folder per version."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb")
    if found is None:
        raise PostgresMissing("PostgreSQL is not installed: apt-get install -y postgresql")
    return Path(found).resolve().parent


def start_cluster(settings: Mapping[str, str] = SETTINGS) -> Cluster:
    """One more cluster, which nobody else uses; it is gone when it is closed, or with this process."""
    found = programs()
    folder = Path(tempfile.mkdtemp(prefix="paygate-postgres-"))
    as_owner = _as_owner(folder)
    data = str(folder / "data")
    control = [*as_owner, str(found / "pg_ctl"), "--pgdata", data]
    keeper = subprocess.Popen(
        ["sh", "-c", KEEPER, str(folder), *control, "-m", "immediate", "stop"],
        stdin=subprocess.PIPE,
        cwd="/",
        start_new_session=True,  # Ctrl-C is for the tests; the keeper still has to tidy up after them.
    )
    try:
        _do([*as_owner, str(found / "initdb"), "--pgdata", data, *INITDB])
        port = _serve(control, folder, settings)
        cluster = Cluster(port, folder, keeper, tuple(control), settings)
        _do([*as_owner, str(found / "psql"), *PSQL, cluster.superuser_url], told=ROLE_AND_DATABASE)
    except BaseException:
        _let_go(keeper)
        raise
    return cluster


def _as_owner(folder: Path) -> list[str]:
    """What to put before a command so that it runs as the folder's owner: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        raise PostgresMissing("There is no user `postgres`: apt-get install -y postgresql") from None
    shutil.chown(folder, user="postgres")
    return ["runuser", "-u", "postgres", "--"]


def _serve(control: list[str], folder: Path, settings: Mapping[str, str], port: int = 0) -> int:
    """Start the server, on a free port if none is named, and give the port."""
    log = folder / "server.log"
    for _ in range(5):  # Somebody may take the port between our look and the server's start.
        chosen = port or _free_port()
        options = " ".join(f"-c {name}='{value}'" for name, value in {**settings, "port": chosen}.items())
        started = subprocess.run(
            [*control, "--log", str(log), "--wait", "--options", options, "start"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            check=False,
        )
        if started.returncode == 0:
            return chosen
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text() if log.exists() else 'it wrote no log'}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _do(command: Sequence[str], *, told: str = "") -> None:
    done = subprocess.run(command, input=told, capture_output=True, text=True, cwd="/", check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def _let_go(keeper: subprocess.Popen[bytes]) -> None:
    """Tell the keeper to stop the cluster, and wait until it has."""
    assert keeper.stdin is not None
    keeper.stdin.close()
    keeper.wait(timeout=60)


def _run(command: Sequence[str]) -> int:
    """Run a command beside a cluster and give its exit code, as a shell would."""
    if shutil.which(command[0]) is None:
        print(f"There is no command {command[0]}.", file=sys.stderr)
        return 127
    try:
        start()
        child = subprocess.Popen(command)
        # Ctrl-C reaches the command by itself; what is sent to us alone has to be passed on.
        signal.signal(signal.SIGINT, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda received, _: child.send_signal(received))
        code = child.wait()
    finally:
        stop()
    return code if code >= 0 else 128 - code


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.postgres", description="PostgreSQL for the tests.")
    commands = parser.add_subparsers(dest="what", required=True)
    run = commands.add_parser("run", help=f"run a command beside a cluster named in {VARIABLE}")
    run.add_argument("command", nargs="+", metavar="COMMAND", help="the command, after --")
    wanted = parser.parse_args()
    try:
        return _run(wanted.command)
    except PostgresMissing as missing:
        print(missing, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(_main())
