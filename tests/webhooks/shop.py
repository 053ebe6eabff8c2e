"""A merchant's server: takes calls on a port of its own, and answers as the story says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(frozen=True)
class Heard:
    """One call."""

    method: str
    path: str
    id: str  # of the delivery
    body: bytes
    headers: dict[str, str]


@dataclass
class Shop:
    """What it answers may be changed at any time."""

    port: int = 0
    status: int = 200
    body: bytes = b"thanks"
    headers: dict[str, str] = field(default_factory=dict)
    meanwhile: Callable[[], object] = lambda: None  # runs before it answers
    heard: list[Heard] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def open_shop() -> Iterator[Shop]:
    """A running server."""
    shop = Shop()

    class Counter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            named = {name.lower(): value for name, value in self.headers.items()}
            shop.heard.append(Heard(self.command, self.path, named.get("webhook-id", ""), body, named))
            shop.meanwhile()
            self.send_response(shop.status)
            for name, value in shop.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(shop.body)))
            self.end_headers()
            try:
                self.wfile.write(shop.body)
            except OSError:
                pass  # the other side had read enough

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    shop.port = server.server_address[1]
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
