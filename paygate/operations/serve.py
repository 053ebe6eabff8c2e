"""Web and jobs in one: one process of each, started and ended together."""

import fcntl
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command

from paygate import clock
from paygate.aliases.keys import VaultClosed
from paygate.aliases.rotation import refuse_wrong_keys
from paygate.operations import web_workers
from paygate.operations.check import COMPILE, untranslated
from paygate.operations.demo import make_demo
from paygate.tenants import rights
from paygate.tenants.walls import migrate

START_SECONDS = 60
MOST_DEATHS_A_MINUTE = 5


def prepare() -> None:
    """Schema, cache table, rights and static files, as this version needs them."""
    migrate()
    call_command("createcachetable", verbosity=0)
    rights.grant()
    call_command("collectstatic", verbosity=0, interactive=False)


def web_command(host: str) -> list[str]:
    """The web server. It says errors only: it would warn of the number of threads, which is meant, at each start."""
    granian = Path(sys.executable).with_name("granian")
    return [
        str(granian), "--interface", "wsgi", "--host", host, "--port", str(settings.PORT),
        "--workers", str(web_workers.count()), "--blocking-threads", str(web_workers.threads()),
        "--workers-kill-timeout", "5",
        "--respawn-failed-workers", "--no-ws", "--log-level", "error", "paygate.project.wsgi:application",
    ]  # fmt: skip


class CannotServe(Exception):
    """The port or the data folder is somebody else's, or languages are missing; the words are for who started it."""


def serve(*, host: str, demo: bool) -> int:
    """Run until SIGTERM or Ctrl-C; a process that dies is started again. 1 when it cannot start or go on."""
    try:
        with _alone(host):
            return _serve(host, demo=demo)
    except CannotServe as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _serve(host: str, *, demo: bool) -> int:
    if missing := untranslated():
        raise CannotServe(f"The translations are not compiled ({', '.join(missing)}): {COMPILE} does it.")
    prepare()
    try:
        refuse_wrong_keys()
    except VaultClosed as closed:
        raise CannotServe(f"{closed}.") from closed
    facts = make_demo(now=clock.now()) if demo and settings.PAYGATE_ENV == "demo" else None
    children = [
        Child("web", web_command(host)),
        Child("worker", [sys.executable, "-m", "paygate.operations", "worker"]),
    ]
    stopping = False

    def stop(*_: int | FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    told = False
    deadline = time.monotonic() + START_SECONDS
    while not stopping and all(child.is_kept_alive() for child in children):
        if not told and (told := _answers() or time.monotonic() > deadline):
            print(_welcome(facts), flush=True)
        time.sleep(0.1 if not told else 0.5)
    for child in children:
        child.stop()
    return 0 if stopping else 1


class Child:
    """One process, started again when it dies, but not for ever."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        # Linux ends the child when this process dies, however it dies: nobody serves on behind our back.
        guard = shutil.which("setpriv")
        self.command = [guard, "--pdeathsig", "TERM", *command] if guard else command
        self.deaths: list[float] = []
        self.process = subprocess.Popen(self.command)

    def is_kept_alive(self) -> bool:
        """True while it runs or was started again; False when it dies too often to go on."""
        if self.process.poll() is None:
            return True
        now = time.monotonic()
        self.deaths = [*(death for death in self.deaths if now - death < 60), now]
        print(f"The {self.name} process ended with {self.process.returncode}.", file=sys.stderr, flush=True)
        if len(self.deaths) > MOST_DEATHS_A_MINUTE:
            return False
        self.process = subprocess.Popen(self.command)
        return True

    def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()


@contextmanager
def _alone(host: str) -> Iterator[None]:
    """Hold the data folder for this server, and make sure that the port is free. Raises `CannotServe`."""
    with (settings.PAYGATE_DATA / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotServe(
                f"Another PayGate serves from {settings.PAYGATE_DATA}. Stop it first."
            ) from None
        # The web server would share a port that is in use, and each would get half of the requests.
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, settings.PORT))
            except OSError:
                raise CannotServe(
                    f"Port {settings.PORT} is in use. Choose another one, for example PORT={settings.PORT + 1}."
                ) from None
        yield


def _answers() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.PORT}/health/ready", timeout=1) as answer:
            return bool(json.load(answer)["status"] == "ready")
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _welcome(facts: dict[str, Any] | None) -> str:
    """One block when ready: where to sign in, what to pay first, where letters can be read."""
    base = settings.PAYGATE_PUBLIC_URL
    lines = [f"PayGate is ready at {base}"]
    if facts:
        login = facts["backoffice"]
        lines += [
            f"  Back office    {login['url']}",
            f"  Sign in        {login['email']}  {login['password']}",
            f"  First payment  {facts['first_link']}",
            "  Test cards     docs/spec/sandbox.md",
            f"  Letters        {base}/backoffice/letters/ and {settings.PAYGATE_DATA}/mail/",
        ]
    return "\n".join(["", *lines, ""])
