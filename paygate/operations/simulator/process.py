"""Acquirer and 3-D Secure simulators as a process of their own: `paygate simulator` (safety.md TE-1).

It needs nothing but its ledger's file, so it survives the death of everything else. Faults happen on the wire for real:
connections are reset, answers end in the middle or trickle. Each connection has a thread, so a slow one delays nobody.
"""

import json
import signal
import socket
import struct
import sys
import time
from collections.abc import Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import IO, Final, cast
from urllib.parse import unquote
from wsgiref.handlers import SimpleHandler

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

from paygate.acquiring.simulator.wire import ACQUIRER
from paygate.simulation import faults
from paygate.simulation.faults import Mode
from paygate.simulation.wire import CONNECT, ERROR_PAGES, Party
from paygate.threeds.simulator.wire import DIRECTORY

PARTIES: Final[Mapping[str, Party]] = {party.path: party for party in (ACQUIRER, DIRECTORY)}

LONGEST_MESSAGE: Final = 16 * 1024 * 1024  # bytes; a batch is long
TOO_LATE_SECONDS: Final = 31  # an answer after that comes too late for everybody (safety.md OC-4)
DRIPS: Final = 20  # pieces of an answer that trickles
IDLE_SECONDS: Final = 60  # after which a connection that is not used is closed
CLOSE_WITH_RESET: Final = struct.pack("ii", 1, 0)


def run(*, host: str, port: int, ledger: str) -> int:
    """Serve until SIGTERM or Ctrl-C. 1 if the port is taken."""
    settings.PAYGATE_SIMULATOR_LEDGER = ledger
    try:
        server = _Server((host, port), _Handler)
    except OSError as failure:
        print(f"{host}:{port} cannot be listened on: {failure.strerror}.", file=sys.stderr)
        return 1
    name = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104  # a comparison
    settings.PAYGATE_PUBLIC_URL = f"http://{name}:{server.server_address[1]}"

    def stop(*_: int | FrameType | None) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"The simulator is ready at {settings.PAYGATE_PUBLIC_URL}; its ledger is {ledger}", flush=True)
    with server:
        server.serve_forever()
    return 0


@cache
def _pages() -> WSGIHandler:
    return get_wsgi_application()


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # nobody waits for a delayed answer when it is time to end
    request_queue_size = 1024

    def server_bind(self) -> None:
        """Without asking who we are: that may take seconds, and nobody wants to know."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._page()

    do_HEAD = do_GET

    def do_POST(self) -> None:
        party = PARTIES.get(self.path)
        if party is None and self.path != CONNECT:
            return self._page()
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LONGEST_MESSAGE:
            self.close_connection = True
            return self._send(413, b"")
        message = self.rfile.read(int(length))
        try:
            if party is None:
                self._connect(json.loads(message))
            else:
                self._deliver(party, message)
        except (AttributeError, KeyError, TypeError, ValueError):
            self._send(400, b"This is no message.")

    def _connect(self, facts: Mapping[str, object]) -> None:
        """Whether this message's connection is to be refused, asked for by our own client before it sends it."""
        refused = faults.take(facts, connecting=True) is not None
        self._send(200, json.dumps({"refused": refused}).encode())

    def _deliver(self, party: Party, message: bytes) -> None:
        fault = faults.take(party.facts(message), connecting=False)
        mode, delay_s = (fault.mode, fault.delay_s) if fault else (None, 0)
        if mode is Mode.DROP_BEFORE_READ:
            return self._break_off()
        if mode is not Mode.SLOW_DRIP:
            time.sleep(delay_s)
        reply = party.answer(message, mode, f"http://{self.headers['Host']}")
        match mode:
            case Mode.DROP_AFTER_COMMIT:
                self._break_off()
            case Mode.LATE_REPLY:
                time.sleep(max(0, TOO_LATE_SECONDS - delay_s))
                self._send(200, reply)
            case Mode.TRUNCATED:
                self._send(200, reply, upto=len(reply) // 2)
            case Mode.SLOW_DRIP:
                self._send(200, reply, over_seconds=delay_s)
            case None:
                self._send(200, reply)
            case _:
                self._send(*ERROR_PAGES.get(mode, (200, party.spoil(mode, reply))))

    def _send(self, status: int, body: bytes, *, upto: int | None = None, over_seconds: float = 0) -> None:
        """Answer; `upto` so many of the promised bytes, then the connection ends; or in pieces over a time."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        size = max(1, len(body) // DRIPS) if over_seconds else len(body)
        sent = body if upto is None else body[:upto]
        for start in range(0, len(sent), max(1, size)):
            if over_seconds:
                time.sleep(over_seconds * size / len(body))
            self.wfile.write(sent[start : start + size])
        self.close_connection = self.close_connection or upto is not None

    def _break_off(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSE_WITH_RESET)
        self.close_connection = True
        self.connection.close()  # really closed, with a reset, once the handler lets go of it

    def _page(self) -> None:
        """Pages and control, by Django; one request a connection."""
        self.close_connection = True
        path, _, query = self.path.partition("?")
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "iso-8859-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": self.headers.get("Content-Length", ""),
            "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": self.request_version,
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()},
        }
        coming, going = cast(IO[bytes], self.rfile), cast(IO[bytes], self.wfile)
        handler = SimpleHandler(coming, going, sys.stderr, environ, multithread=True, multiprocess=False)
        handler.run(_pages())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: messages and addresses are nobody's business (safety.md LG-1)."""
