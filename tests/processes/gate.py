"""The public address of a town: whatever comes in is passed on to a web process that lives.

Payers choose their process themselves. Through here comes what the bank tells us server to server.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import cast


class Gate(ThreadingTCPServer):
    """Listens on a free port; `ports` says who may answer at the moment."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, ports: Callable[[], Sequence[int]]) -> None:
        super().__init__(("127.0.0.1", 0), _PassOn)
        self.ports = ports
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """What payers and banks know the town by."""
        return f"http://localhost:{self.server_address[1]}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _PassOn(BaseRequestHandler):
    def handle(self) -> None:
        for port in cast(Gate, self.server).ports():
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as inside:
                inside.settimeout(None)
                back = threading.Thread(target=_pump, args=(inside, self.request), daemon=True)
                back.start()
                _pump(self.request, inside)
                back.join()
                return


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while some := source.recv(65536):
            sink.sendall(some)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
