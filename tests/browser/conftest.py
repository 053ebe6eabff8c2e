"""The whole product, started as its users start it, and a Chromium to walk through it."""

import json
import os
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

CHECKOUT = Path(__file__).resolve().parents[2]
START_SECONDS = 90
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@dataclass(frozen=True)
class Product:
    """A running product and what its demo merchant is."""

    url: str
    data: Path
    demo: dict[str, Any]

    def paygate(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command of the command line against the same data."""
        command = [sys.executable, "-m", "paygate.operations", *arguments]
        return subprocess.run(
            command, env=_environment(self.data), input=typed, capture_output=True, text=True, cwd=CHECKOUT
        )

    def newest_letter(self, subject: str, *, seconds: float = 20) -> str:
        """The newest letter whose subject holds these words, as it was sent; waits for the job process."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for letter in sorted((self.data / "mail").glob("*.eml"), reverse=True):
                text = letter.read_text()
                if subject in text:
                    return text
            time.sleep(0.1)
        raise AssertionError(f"no letter about {subject!r} came in {seconds} s")


def _environment(data: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PAYGATE_", "DATABASE_URL", "EMAIL_URL"))
    }
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return {**kept, "PAYGATE_DATA": str(data), **more}


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """`paygate serve --demo` on a free port, with data of its own."""
    with running_product(tmp_path_factory.mktemp("product")) as product:
        yield product


@contextmanager
def running_product(data: Path, **told: str) -> Iterator[Product]:
    """A demo that is told this."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (data / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "paygate.operations", "serve", "--demo"],
            env=_environment(data, PORT=str(port), **told),
            stdout=log,
            stderr=log,
            cwd=CHECKOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, port, data / "log")
        yield Product(f"http://localhost:{port}", data, json.loads((data / "demo.json").read_text()))
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the product did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(params=[390, 1280], ids=["phone", "desktop"])
def width(request: pytest.FixtureRequest) -> int:
    """A phone's and a desktop's width."""
    number: int = request.param
    return number


@pytest.fixture
def clerk(chromium: Browser, width: int, product: Product) -> Iterator[BrowserContext]:
    """The merchant's browser."""
    yield from context_of(chromium, width)


@pytest.fixture
def buyer(chromium: Browser, width: int, product: Product) -> Iterator[BrowserContext]:
    """The buyer's browser: another one."""
    yield from context_of(chromium, width)


def context_of(chromium: Browser, width: int) -> Iterator[BrowserContext]:
    height = 844 if width < 720 else 800
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce"
    )
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(str(error.error)))

    def note(message: ConsoleMessage) -> None:
        # 422 is how a form with mistakes is answered; Chromium calls it an error.
        if message.type in {"error", "warning"} and "status of 422" not in message.text:
            problems.append(message.text)

    context.on("console", note)
    context.on(
        "response",
        lambda answer: problems.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None,
    )
    yield context
    context.close()
    assert not problems, "\n".join(problems)


class Camera:
    """Looks at a page: no violation that axe knows, nothing wider than the screen; keeps a picture when asked to."""

    def __init__(self, width: int) -> None:
        self.width = width
        kept = os.environ.get("PAYGATE_PICTURES", "")
        self.folder = Path(kept) if kept else None

    def look(self, page: Page, name: str) -> None:
        """Check the page, and keep its picture as `<name>-<width>.png` where pictures are wanted."""
        self.check(page, name)
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=self.folder / f"{name}-{self.width}.png")

    def check(self, page: Page, name: str) -> None:
        """Check the page; `name` is what a complaint calls it."""
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{name}: the page scrolls sideways at {self.width} px"


@pytest.fixture
def camera(width: int) -> Camera:
    """One for each width."""
    return Camera(width)
