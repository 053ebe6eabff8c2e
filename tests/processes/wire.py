"""HTTP over sockets of our own, so that a crowd can be let go in one moment and a dead server is noticed as one."""

import socket
import time
from http.client import HTTPException, HTTPResponse
from typing import Any, cast
from urllib.parse import urljoin, urlsplit, urlunsplit

from django.http import HttpResponse

from tests.flows.buyer import FORM, Buyer
from tests.flows.page import Page, read

SECONDS = 60  # the longest a payer waits for an answer (safety.md OC-4)


class Gone(ConnectionError):
    """The other side died before it had answered."""


class Wire:
    """One connection that is kept alive."""

    def __init__(self, port: int) -> None:
        self._held = b""
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise Gone from error

    def send(self, request: bytes, *, hold: bool = False) -> None:
        """Send a request; with `hold` all of it but the last byte."""
        self._held = request[-1:] if hold else b""
        self._write(request[:-1] if hold else request)

    def release(self) -> None:
        """Send the byte that was held back."""
        self._write(self._held)

    def answer(self) -> HttpResponse:
        """Wait for the answer. Raises `Gone`; no answer in time is a defect and not tolerated."""
        try:
            raw = HTTPResponse(self._socket)
            raw.begin()
            content = raw.read()
        except TimeoutError:
            raise
        except (OSError, HTTPException) as error:
            raise Gone from error
        response = HttpResponse(content, status=raw.status, content_type=raw.headers["Content-Type"])
        if location := raw.headers["Location"]:
            response["Location"] = location
        for cookie in raw.headers.get_all("Set-Cookie", []):
            response.cookies.load(cookie)
        return response

    def close(self) -> None:
        self._socket.close()

    def _write(self, some: bytes) -> None:
        try:
            self._socket.sendall(some)
        except OSError as error:
            raise Gone from error


class Window:
    """One browser's cookies, and its requests: to our site at the process behind one port, to others where they are."""

    def __init__(self, public: str, port: int, language: str = "en") -> None:
        self.public, self.port, self.language = public, port, language
        self.cookies: dict[str, str] = {}
        self.waited: list[float] = []  # seconds, for each answer

    def get(self, url: str, **_: Any) -> HttpResponse:
        return self._exchanged(url, self.request("GET", url))

    def post(self, url: str, body: str, content_type: str = FORM, **_: Any) -> HttpResponse:
        return self._exchanged(url, self.request("POST", url, body, content_type))

    def request(self, method: str, url: str, body: str = "", content_type: str = FORM) -> bytes:
        """The bytes of a request."""
        content, parts = body.encode(), urlsplit(urljoin(self.public, url))
        lines = [
            f"{method} {urlunsplit(('', '', *parts[2:]))} HTTP/1.1",
            f"Host: {parts.netloc}",
            "User-Agent: Mozilla/5.0 (Test)",
            "Accept: text/html",
            f"Accept-Language: {self.language}",
        ]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if method == "POST":
            lines += [
                f"Content-Type: {content_type}",
                f"Content-Length: {len(content)}",
                f"Origin: {self.public}",
            ]
        return "\r\n".join([*lines, "", ""]).encode() + content

    def remember(self, response: HttpResponse) -> HttpResponse:
        """Keep and forget cookies as the answer says."""
        for name, morsel in response.cookies.items():
            if morsel["max-age"] == "0" or morsel["max-age"] == 0:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        return response

    def _exchanged(self, url: str, request: bytes) -> HttpResponse:
        site = urljoin(self.public, url)
        begun = time.monotonic()
        wire = Wire(self.port if site.startswith(self.public) else urlsplit(site).port or 80)
        try:
            wire.send(request)
            return self.remember(wire.answer())
        finally:
            wire.close()
            self.waited.append(time.monotonic() - begun)


class WebBuyer(Buyer):
    """Carla's browser, over a network, at the process behind one port; she may go on at another one."""

    def __init__(self, public: str, port: int) -> None:
        self.port = port
        super().__init__(origin=public)

    def _window(self, facts: dict[str, Any]) -> Window:
        return Window(self.origin, self.port, facts["HTTP_ACCEPT_LANGUAGE"])

    @property
    def window(self) -> Window:
        """Where our pages are shown."""
        return cast(Window, self.client)

    def go_to(self, port: int) -> None:
        """From now on another process answers."""
        self.port = self.window.port = cast(Window, self.bank).port = port

    def clone(self) -> "WebBuyer":
        """The same browser in another window."""
        other = WebBuyer(self.origin, self.port)
        other.window.cookies = self.window.cookies
        return other

    def arrived(self, url: str, response: HttpResponse) -> Page:
        """A page came for her on a wire of a crowd."""
        self.pages.append(read(url, self.window.remember(response)))
        return self.page
