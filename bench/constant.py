"""The yardstick of a page: as many bytes as the product's, known before anybody asks."""

import os
from collections.abc import Callable, Iterable
from typing import Any

PAGE = b"x" * int(os.environ.get("BENCH_PAGE_BYTES", "1"))
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(PAGE)))]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A WSGI application."""
    start_response("200 OK", HEADERS)
    return [PAGE]
