"""Virus scanners: a clamd that finds "EVIL", and ones that say nothing of use."""

import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOUND = b"stream: Win.Test.EVIL-1 FOUND\0"
OK = b"stream: OK\0"


@contextmanager
def clamd(at: Path | None = None, *, answer: bytes | None = None, silent: bool = False) -> Iterator[str]:
    """A clamd at a socket file, or at a port; what PAYGATE_VIRUS_SCANNER says of it."""
    server = socket.socket(socket.AF_UNIX if at else socket.AF_INET, socket.SOCK_STREAM)
    server.bind(str(at) if at else ("127.0.0.1", 0))
    server.listen()
    over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection, suppress(OSError, EOFError):
                    heard = _stream(connection)
                    if silent:
                        over.wait()
                    connection.sendall(answer if answer is not None else FOUND if b"EVIL" in heard else OK)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"clamd://{at}" if at else f"clamd://127.0.0.1:{server.getsockname()[1]}"
    finally:
        over.set()
        server.close()


def _stream(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as file:
        assert file.read(10) == b"zINSTREAM\0"
        heard = b""
        while size := struct.unpack(">I", file.read(4))[0]:
            heard += file.read(size)
    return heard


def command(lines: str) -> str:
    """A scanner's command in Python, with `file` as it was read."""
    return f'{sys.executable} -c "import sys; file = sys.stdin.buffer.read(); {lines}"'


FINDS_EVIL = command("print('stdin: Win.Test.EVIL-1 FOUND'); sys.exit(b'EVIL' in file)")
