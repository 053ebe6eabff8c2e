"""Web and jobs in one: one process of each, started and ended together."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command

from paygate import clock
from paygate.operations.demo import make_demo
from paygate.tenants.walls import migrate

START_SECONDS = 60


def prepare() -> None:
    """Schema, cache table and static files, as this version needs them."""
    migrate()
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


def web_command(host: str) -> list[str]:
    """The web server: as many workers as cores on PostgreSQL, one on SQLite."""
    workers = (os.cpu_count() or 1) if settings.ON_POSTGRESQL else 1
    granian = Path(sys.executable).with_name("granian")
    return [
        str(granian), "--interface", "wsgi", "--host", host, "--port", str(settings.PORT),
        "--workers", str(workers), "--blocking-threads", "4", "--workers-kill-timeout", "5",
        "--respawn-failed-workers", "--no-ws", "--log-level", "warning", "paygate.project.wsgi:application",
    ]  # fmt: skip


def serve(*, host: str, demo: bool) -> int:
    """Run until SIGTERM or Ctrl-C. Ends with 1 when one of the two processes ended by itself."""
    prepare()
    facts = make_demo(now=clock.now()) if demo and settings.PAYGATE_ENV == "demo" else None
    paygate = [sys.executable, "-m", "paygate.operations", "worker"]
    running = [subprocess.Popen(web_command(host)), subprocess.Popen(paygate)]
    stopping = False

    def stop(*_: int | FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    told = False
    deadline = time.monotonic() + START_SECONDS
    while not stopping and all(process.poll() is None for process in running):
        if not told and (told := _answers() or time.monotonic() > deadline):
            print(_welcome(facts), flush=True)
        time.sleep(0.1 if not told else 0.5)
    for process in running:
        process.send_signal(signal.SIGTERM)
    for process in running:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
    return 0 if stopping else 1


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
            "  Test card      9010 0031 5000 0001, any date and code",
            f"  Letters        {base}/backoffice/letters/ and {settings.PAYGATE_DATA}/mail/",
        ]
    return "\n".join(["", *lines, ""])
